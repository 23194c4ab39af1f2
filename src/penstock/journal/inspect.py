"""Looks at a journal from outside: beside a running daemon or without one, and never writes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from penstock.errors import JournalError
from penstock.journal.base import Cursor
from penstock.journal.cursors import read_cursors
from penstock.journal.disk import Disk, reason
from penstock.journal.folder import (
    lock_holder,
    quarantine_folder,
    read_clean,
    read_meta,
    segments_folder,
)
from penstock.journal.reader import build_index
from penstock.journal.record import END
from penstock.journal.recovery import open_segment
from penstock.journal.segment import DATA_START, Segment, name_to_seq
from penstock.journal.walk import Damage, Record, View, header_at, skim, walk


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """One segment."""

    name: str
    size: int
    """Of the file, in bytes."""
    first_seq: int
    end_seq: int
    """Exclusive; of the last segment as far as its headers continue."""
    node: str
    created: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What is in a journal."""

    path: Path
    version: str
    """The Penstock that opened it last; empty where that cannot be read."""
    node: str
    running: int | None
    """The pid of the daemon that has it open."""
    clean: bool
    """The last stop was an orderly one; false too while a daemon runs."""
    head: int
    tail: int
    bytes: int
    """Of segments and spare files."""
    segments: tuple[SegmentReport, ...]
    spares: int
    unreadable: tuple[str, ...]
    """Segments whose beginning cannot be read."""
    quarantined: tuple[str, ...]
    """Files kept aside."""
    cursors: Mapping[str, Cursor]
    cursors_trouble: str
    """Empty, `backup` (the newest are unreadable, these are older) or `lost`."""


@dataclass(frozen=True, slots=True)
class DamageReport:
    """A stretch that cannot be read."""

    segment: str
    offset: int
    size: int
    first_seq: int
    end_seq: int
    """Exclusive."""


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a full reading came to."""

    segments: int
    records: int
    events: int
    bytes: int
    """Of the events."""
    damages: tuple[DamageReport, ...]
    unreadable: tuple[str, ...]
    torn_bytes: int
    """Behind the last valid record: begun and not finished. While a daemon runs it is what it just writes."""

    @property
    def sound(self) -> bool:
        """All that should be there can be read."""
        return not self.damages and not self.unreadable


def show(path: Path) -> JournalReport:
    """What is in there; reads headers only. Raises `JournalError` where there is no journal, `JournalNewer`."""
    segments, unreadable = _segments(path)
    meta = read_meta(path)
    cursors, trouble = read_cursors(path)
    reports = [_report(segment, end) for segment, end in _with_ends(segments)]
    mentioned = max((cursor.done for cursor in cursors.values()), default=0)
    clean = read_clean(path)
    head = max([clean.head if clean else 0, mentioned, *(report.end_seq for report in reports)])
    spares = [size for size in map(_size, segments_folder(path).glob("*.spare")) if size]
    return JournalReport(
        path=path,
        version=meta.version if meta else "",
        node=clean.node if clean else meta.node if meta else "",
        running=lock_holder(path),
        clean=clean is not None,
        head=head,
        tail=reports[0].first_seq if reports else head,
        bytes=sum(report.size for report in reports) + sum(spares),
        segments=tuple(reports),
        spares=len(spares),
        unreadable=tuple(unreadable),
        quarantined=tuple(sorted(file.name for file in _files(quarantine_folder(path)))),
        cursors=cursors,
        cursors_trouble=trouble,
    )


def verify(path: Path) -> VerifyReport:
    """Reads every record and checks it. Raises `JournalError` where there is no journal, `JournalNewer`.

    A segment that the daemon lets go meanwhile is left out.
    """
    segments, unreadable = _segments(path)
    clean = read_clean(path)
    checked = records = events = size = torn = 0
    damages: list[DamageReport] = []
    for segment, end in _with_ends(segments):
        until = end if end is not None else clean.head if clean else None
        found = _check(segment, until)
        if found is None:
            continue
        counts, bad, torn = found
        checked += 1
        records += counts[0]
        events += counts[1]
        size += counts[2]
        damages += [
            DamageReport(segment.path.name, d.offset, d.end - d.offset, d.first_seq, d.end_seq) for d in bad
        ]
    return VerifyReport(checked, records, events, size, tuple(damages), tuple(unreadable), torn)


def _segments(path: Path) -> tuple[list[Segment], list[str]]:
    try:
        files = sorted(segments_folder(path).iterdir())
    except OSError as exc:
        raise JournalError(
            f"there is no journal to look at in {path}: {reason(exc)} (is journal.path right, and may you read it?)"
        ) from exc
    segments: list[Segment] = []
    unreadable: list[str] = []
    for file in files:
        if name_to_seq(file.name) is None:
            continue
        segment = open_segment(file)
        if segment and segment.first_seq == name_to_seq(file.name):
            segments.append(segment)
        elif file.exists():
            unreadable.append(file.name)
    return segments, unreadable


def _with_ends(segments: list[Segment]) -> list[tuple[Segment, int | None]]:
    """Each with the number at which it ends; the last has none that is known."""
    ends: list[int | None] = [segment.first_seq for segment in segments[1:]]
    return list(zip(segments, [*ends, None], strict=False))


def _report(segment: Segment, end: int | None) -> SegmentReport:
    if end is None:
        end = _last_seq(segment)
    header = segment.header
    return SegmentReport(segment.path.name, segment.size, header.first_seq, end, header.node, header.created)


def _last_seq(segment: Segment) -> int:
    end = segment.first_seq
    try:
        with segment.path.open("rb", buffering=0) as stream:
            view = _view(stream.fileno(), 4096)
            index = build_index(view, segment)
            start = index.find(2**63) or (segment.first_seq, DATA_START)
            for _, header in skim(view, start[1], start[0]):
                end = header.end_seq
    except OSError:
        return end
    return end


def _check(segment: Segment, until: int | None) -> tuple[tuple[int, int, int], list[Damage], int] | None:
    """Records, events and bytes, damages, bytes torn at the end; none where the segment went meanwhile."""
    records = events = size = 0
    damages: list[Damage] = []
    seq, offset = segment.first_seq, DATA_START
    try:
        with segment.path.open("rb", buffering=0) as stream:
            for found in walk(_view(stream.fileno(), 2**15), segment.header, until):
                if isinstance(found, Record):
                    records += 1
                    events += found.block.count
                    size += len(found.block.data)
                    seq, offset = found.block.end_seq, found.end
                else:
                    damages.append(found)
            torn = _torn(_view(stream.fileno(), 4096), seq, offset) if until is None else 0
    except OSError:
        return None
    now = open_segment(segment.path) if damages else segment
    if now is None or now.header != segment.header:
        return None
    return (records, events, size), damages, torn


def _torn(view: View, seq: int, offset: int) -> int:
    claim = header_at(view, offset)
    if claim is not None and claim.first_seq == seq:
        return min(claim.length, view.size - offset)
    return 0 if view.take(offset, len(END)) == END else len(END)


def _view(fd: int, window: int) -> View:
    disk = Disk()
    return View(lambda size, offset: disk.read(fd, size, offset), os.fstat(fd).st_size, window)


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
