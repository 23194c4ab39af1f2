"""What is in the folder when the journal is opened, and what is to be done about it.

Only the last segment is read in full: older ones were synced when they were left, and damage that came to them
since is found by the crc of whatever reads them. Nothing that is found here keeps the daemon from starting,
except a newer format.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from penstock.journal.base import Cursor, Recovered
from penstock.journal.catalogue import Catalogue
from penstock.journal.cursors import read_cursors
from penstock.journal.disk import Disk, reason
from penstock.journal.ending import find_ending
from penstock.journal.folder import (
    Clean,
    Meta,
    new_node,
    quarantine_folder,
    read_clean,
    read_meta,
    segments_folder,
)
from penstock.journal.quarantine import keep_file
from penstock.journal.segment import (
    DATA_START,
    Segment,
    decode_header,
    name_to_seq,
    segment_name,
)
from penstock.journal.walk import Damage, View, walk
from penstock.process import boot_id

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


def recover(disk: Disk, path: Path) -> Recovery:
    """Looks at everything, cuts a torn tail, moves aside what cannot be read. Raises `JournalNewer`, `OSError`."""
    meta, clean = read_meta(path), read_clean(path)
    cursors, trouble = read_cursors(path)
    segments, quarantined = _segments(path)
    fresh = meta is None and not segments and not quarantined and not cursors
    if clean and segments and clean.head < segments[-1].first_seq:
        clean = None  # not of this journal's last stop
    known = clean.head if clean else None
    ending = find_ending(disk, path, segments, known)
    if ending.goes_on:
        clean, known = None, None
        ending = find_ending(disk, path, segments, None)
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
