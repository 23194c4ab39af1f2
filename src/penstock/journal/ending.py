"""Where the journal ends: the last segment is read in full, and what was not written to its end is cut."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from penstock.journal.disk import Disk, reason
from penstock.journal.folder import quarantine_folder
from penstock.journal.index import SparseIndex
from penstock.journal.quarantine import keep_damage
from penstock.journal.record import END
from penstock.journal.segment import DATA_START, Segment
from penstock.journal.walk import Damage, View, header_at, walk

_LEAST_EVENT: Final = 3  # b"{}\n"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Ending:
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


def find_ending(disk: Disk, path: Path, segments: list[Segment], known: int | None) -> Ending:
    """Reads the last segment that has records; those behind it, which never got any, are removed from the list."""
    ending = Ending(0, 0)
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


def _scan(disk: Disk, path: Path, segment: Segment, known: int | None) -> Ending:
    """Reads a segment to its end, which is at `known` where that is known; cuts what is behind it."""
    header = segment.header
    segment.index = SparseIndex()
    ending = Ending(segment.first_seq, header.bytes_before, DATA_START)
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


def _look_behind(view: View, offset: int, ending: Ending) -> None:
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
