"""What is in the folder when the journal is opened, and what is to be done about it.

Only the last segment is read in full: older ones were synced when they were left, and damage that came to them
since is found by the crc of whatever reads them. Nothing that is found here keeps the daemon from starting,
except a newer format.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import structlog

from penstock.journal.base import Cursor, Recovered
from penstock.journal.catalogue import Catalogue
from penstock.journal.cursors import read_cursors
from penstock.journal.disk import Disk, reason
from penstock.journal.folder import (
    Clean,
    Meta,
    boot_id,
    new_node,
    quarantine_folder,
    read_clean,
    read_meta,
    segments_folder,
)
from penstock.journal.index import SparseIndex
from penstock.journal.quarantine import keep_damage, keep_file
from penstock.journal.record import END
from penstock.journal.segment import (
    DATA_START,
    Segment,
    decode_header,
    name_to_seq,
    segment_name,
)
from penstock.journal.walk import Damage, View, header_at, walk

_LEAST_EVENT: Final = 3  # b"{}\n"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """A journal as it was found."""

    catalogue: Catalogue
    cursors: Mapping[str, Cursor]
    node: str
    resume_at: int | None
    """The offset in the last segment at which writing goes on; none: a new segment begins."""
    damages: frozenset[tuple[int, int]]
    """First sequence number of the segment and offset, of all that was counted."""
    report: Recovered


@dataclass(slots=True)
class _Ending:
    """How far the journal reaches."""

    seq: int
    size: int
    """Bytes of all events before it."""
    offset: int | None = None
    unsure: bool = False
    """Something else than an end stands behind the last valid record."""
    torn_bytes: int = 0
    """Of that, as far as it can be made out."""
    spent: int = 0
    """Numbers below it were given to a record that was not written to its end."""
    goes_on: bool = False
    """Records follow where the orderly stop was said to be."""
    damages: list[Damage] = field(default_factory=list)


def recover(disk: Disk, path: Path) -> Recovery:
    """Looks at everything, cuts a torn tail, moves aside what cannot be read. Raises `JournalNewer`, `OSError`."""
    meta, clean = read_meta(path), read_clean(path)
    cursors, trouble = read_cursors(path)
    segments, quarantined = _segments(path)
    fresh = meta is None and not segments and not quarantined and not cursors
    if clean and segments and clean.head < segments[-1].first_seq:
        clean = None  # not of this journal's last stop
    known = clean.head if clean else None
    ending = _ending(disk, path, segments, known)
    if ending.goes_on:
        clean, known = None, None
        ending = _ending(disk, path, segments, None)
    mentioned = max((_highest(cursor) for cursor in cursors.values()), default=0)
    opened = meta.head if meta else 0
    moved = max((seq for _, seq in quarantined), default=0)
    head = max(ending.seq, ending.spent, known or 0, mentioned, moved, opened)
    catalogue = Catalogue(segments, head, ending.size)
    lost = (
        head - ending.seq
        + sum(damage.end_seq - damage.first_seq for damage in ending.damages)
        + _lost_between(disk, catalogue, [seq for _, seq in quarantined])
    )  # fmt: skip
    if clean is None:
        _sync(disk, path, segments)
    intact = not (quarantined or ending.unsure or ending.damages or head > ending.seq)
    node = _node(meta, clean, intact)
    report = Recovered(
        events=head - catalogue.tail - lost,
        unclean=clean is None and not fresh,
        new_node=not fresh and node != (clean or meta or Meta(0, "", "", "")).node,
        torn_bytes=ending.torn_bytes,
        damaged_records=sum(damage.records for damage in ending.damages),
        lost_events=lost,
        quarantined=tuple(target for target, _ in quarantined),
        cursors_lost=trouble == "lost",
        cursors_from_backup=trouble == "backup",
    )
    last = segments[-1].first_seq if segments else 0
    return Recovery(
        catalogue,
        cursors,
        node,
        ending.offset if clean and intact else None,
        frozenset((last, damage.offset) for damage in ending.damages),
        report,
    )


def _node(meta: Meta | None, clean: Clean | None, intact: bool) -> str:
    """The old one, where it is certain that all its numbers are known: else an id could name two events."""
    if clean is not None:
        return clean.node
    boot = boot_id()
    if meta is not None and intact and boot and meta.boot_id == boot:
        return meta.node
    return new_node()


def _sync(disk: Disk, path: Path, segments: list[Segment]) -> None:
    """A process that was killed had not synced the last that it wrote; at most two files were concerned."""
    try:
        for segment in segments[-2:]:
            fd = os.open(segment.path, os.O_RDWR | os.O_CLOEXEC)
            try:
                disk.sync(fd)
            finally:
                os.close(fd)
        disk.sync_folder(segments_folder(path))
    except OSError as exc:
        log.warning("sync of what was found failed", error=reason(exc))


def _highest(cursor: Cursor) -> int:
    return max(cursor.done, cursor.start, *(end for _, end in cursor.beyond))


def _segments(path: Path) -> tuple[list[Segment], list[tuple[Path, int]]]:
    """The readable segments in order, and where the others were moved, with the first number of their names."""
    segments: list[Segment] = []
    quarantined: list[tuple[Path, int]] = []
    folder = segments_folder(path)
    for file in sorted(folder.glob("*.seg")):
        claimed = name_to_seq(file.name)
        if claimed is None:
            continue
        segment = open_segment(file)
        if segment is not None and segment.first_seq > claimed:
            # A recycled file whose new name died with the machine: what is in it rules.
            segment = _renamed(segment, folder / segment_name(segment.first_seq))
        if segment is None or segment.first_seq < claimed:
            target = keep_file(quarantine_folder(path), file)
            log.warning("segment is unreadable", segment=file.name, kept=str(target))
            quarantined.append((target, claimed))
        else:
            segments.append(segment)
    return sorted(segments, key=lambda segment: segment.first_seq), quarantined


def open_segment(file: Path) -> Segment | None:
    """What a file says of itself; none where it cannot be read. Raises `JournalNewer`."""
    try:
        with file.open("rb", buffering=0) as stream:
            header = decode_header(stream.read(DATA_START))
            size = os.fstat(stream.fileno()).st_size
    except OSError:
        return None
    return Segment(file, header, size) if header else None


def _renamed(segment: Segment, target: Path) -> Segment | None:
    if target.exists():
        return None
    segment.path.rename(target)
    return replace(segment, path=target)


def _ending(disk: Disk, path: Path, segments: list[Segment], known: int | None) -> _Ending:
    """Reads the last segment that has records; those behind it, which never got any, are removed from the list."""
    ending = _Ending(0, 0)
    while segments:
        last = segments[-1]
        found = _scan(disk, path, last, known)
        found.seq, found.size = max(found.seq, ending.seq), max(found.size, ending.size)
        if found.offset != DATA_START or found.damages or found.unsure:
            if ending.seq:
                found.offset = None
            return found
        segments.pop()
        last.path.unlink(missing_ok=True)
        known = found.seq
        ending = found
    return ending


def _scan(disk: Disk, path: Path, segment: Segment, known: int | None) -> _Ending:
    """Reads a segment to its end, which is at `known` where that is known; cuts what is behind it."""
    header = segment.header
    segment.index = SparseIndex()
    ending = _Ending(segment.first_seq, header.bytes_before, DATA_START)
    fd = os.open(segment.path, os.O_RDWR | os.O_CLOEXEC)
    try:
        view = View(lambda size, offset: disk.read(fd, size, offset), segment.size)
        offset = DATA_START
        for found in walk(view, header, known):
            if isinstance(found, Damage):
                ending.damages.append(found)
                ending.seq = found.end_seq
            else:
                offset = found.end
                segment.index.add(found.block.first_seq, found.offset, ending.size)
                ending.seq = found.block.end_seq
                ending.size += len(found.block.data)
        ending.offset = offset
        _look_behind(view, offset, ending)
        if known is not None:
            ending.goes_on = ending.spent > 0 and not ending.damages
        elif view.sound:
            _cut(disk, fd, segment, offset)
        for damage in ending.damages:
            _keep(disk, path, segment, damage)
    finally:
        os.close(fd)
    return ending


def _cut(disk: Disk, fd: int, segment: Segment, offset: int) -> None:
    """Ends a segment there: else each unclean stop would leave a file of full size with little in it."""
    try:
        disk.write(fd, [END], offset)
        os.ftruncate(fd, offset + len(END))
    except OSError as exc:
        log.warning("torn end could not be cut", segment=segment.path.name, error=reason(exc))
    segment.size = os.fstat(fd).st_size


def _look_behind(view: View, offset: int, ending: _Ending) -> None:
    """A record that was begun and not finished says how many events it was to have: their numbers are spent."""
    ending.unsure = view.take(offset, len(END)) != END
    torn = header_at(view, offset)
    if torn is not None and torn.first_seq == ending.seq:
        ending.torn_bytes = min(torn.length, view.size - offset)
        if torn.count * _LEAST_EVENT <= torn.size:
            ending.spent = torn.end_seq


def _keep(disk: Disk, path: Path, segment: Segment, damage: Damage) -> None:
    log.warning(
        "journal damage",
        segment=segment.path.name,
        offset=damage.offset,
        lost_events=damage.end_seq - damage.first_seq,
    )
    try:
        keep_damage(disk, quarantine_folder(path), segment, damage)
    except OSError as exc:
        log.warning("damaged part could not be kept", error=reason(exc))


def _lost_between(disk: Disk, catalogue: Catalogue, moved: list[int]) -> int:
    """Events of segments that were moved aside, as far as their neighbours tell."""
    lost = 0
    before: set[int] = set()
    for seq in moved:
        if not len(catalogue) or seq < catalogue.tail:
            continue
        segment, end = catalogue.at(seq)
        if segment.first_seq in before or segment is catalogue.last:
            continue
        before.add(segment.first_seq)
        lost += end - _own_end(disk, segment, end)
    first = min(moved, default=catalogue.tail)
    return lost + max(catalogue.tail - first, 0)


def _own_end(disk: Disk, segment: Segment, until: int) -> int:
    """Where the records of a segment end of themselves."""
    seq = segment.first_seq
    try:
        fd = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return seq
    try:
        view = View(lambda size, offset: disk.read(fd, size, offset), segment.size)
        for found in walk(view, segment.header, until):
            if not isinstance(found, Damage):
                seq = found.block.end_seq
    finally:
        os.close(fd)
    return seq
