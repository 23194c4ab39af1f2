"""Reads blocks back from disk, in threads, for destinations that lag behind what is in memory."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from penstock.block import Block
from penstock.journal.base import Gap
from penstock.journal.catalogue import Catalogue
from penstock.journal.disk import Disk
from penstock.journal.index import SparseIndex
from penstock.journal.segment import DATA_START, Segment
from penstock.journal.walk import Damage, Record, View, skim, walk

_THREADS: Final = 4
_PLACES: Final = 256
_SKIM_WINDOW: Final = 4096


@dataclass(frozen=True, slots=True)
class _Job:
    segment: Segment
    seq: int
    until: int
    start: tuple[int, int] | None
    """Sequence number and offset from which to walk; none: the segment has no index yet."""
    max_bytes: int


@dataclass(frozen=True, slots=True)
class _Found:
    items: list[Block | Damage]
    end: tuple[int, int]
    """Sequence number and offset behind the last item."""
    index: SparseIndex | None


class Reader:
    """Reads segments of a catalogue. No file stays open between two reads."""

    def __init__(self, disk: Disk, catalogue: Catalogue, damaged: Callable[[Segment, Damage], None]) -> None:
        """`damaged` is told of each damage that a read comes upon, every time."""
        self._disk = disk
        self._catalogue = catalogue
        self._damaged = damaged
        self._threads = ThreadPoolExecutor(_THREADS, "journal-read")
        self._places: OrderedDict[int, tuple[Segment, int]] = OrderedDict()

    async def read(self, seq: int, limit: int, max_bytes: int) -> Sequence[Block | Gap]:
        """From `seq`, which a segment must hold, up to `limit`; nothing where that segment went meanwhile."""
        segment, end = self._catalogue.at(seq)
        until = min(end, limit)
        job = _Job(segment, seq, until, self._start(segment, seq), max_bytes)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _read, self._disk, job)
        alive = segment in self._catalogue
        if alive and segment.index is None:
            segment.index = found.index
        if alive:
            self._remember(found.end[0], segment, found.end[1])
        items: list[Block | Gap] = []
        for item in found.items:
            if isinstance(item, Block):
                items.append(item)
            elif not alive:
                # The file was recycled under our hands: what looks like damage is another segment's beginning.
                break
            else:
                self._damaged(segment, item)
                if item.end_seq > seq:
                    items.append(Gap(max(item.first_seq, seq), item.end_seq, "damaged"))
        return items

    def close(self) -> None:
        """Waits for the threads."""
        self._threads.shutdown(wait=True)

    def _start(self, segment: Segment, seq: int) -> tuple[int, int] | None:
        place = self._places.pop(seq, None)
        if place and place[0] is segment:
            return seq, place[1]
        if segment.index is None:
            return None
        return segment.index.find(seq) or (segment.first_seq, DATA_START)

    def _remember(self, seq: int, segment: Segment, offset: int) -> None:
        """Where the next read of the same destination goes on."""
        self._places[seq] = (segment, offset)
        while len(self._places) > _PLACES:
            self._places.popitem(last=False)


def build_index(view: View, segment: Segment) -> SparseIndex:
    """Reads the headers of a segment's records."""
    index = SparseIndex()
    before = segment.header.bytes_before
    for offset, header in skim(view, DATA_START, segment.first_seq):
        index.add(header.first_seq, offset, before)
        before += header.size
    return index


def _read(disk: Disk, job: _Job) -> _Found:
    try:
        fd = os.open(job.segment.path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        missing = Damage(DATA_START, DATA_START, job.seq, job.until, 1)
        return _Found([missing], (job.until, DATA_START), None)
    try:
        size = os.fstat(fd).st_size

        def read(length: int, offset: int) -> bytes:
            return disk.read(fd, length, offset)

        start, index = job.start, None
        if start is None:
            index = build_index(View(read, size, _SKIM_WINDOW), job.segment)
            start = index.find(job.seq) or (job.segment.first_seq, DATA_START)
        return _Found(*_collect(View(read, size), start, job), index)
    finally:
        os.close(fd)


def _collect(view: View, start: tuple[int, int], job: _Job) -> tuple[list[Block | Damage], tuple[int, int]]:
    items: list[Block | Damage] = []
    size = 0
    seq, offset = start
    for found in walk(view, job.segment.header, job.until, start):
        offset = found.end
        if isinstance(found, Record):
            block = found.block
            seq = block.end_seq
            if seq > job.seq:
                piece = block if block.first_seq >= job.seq else block.cut(job.seq - block.first_seq)[1]
                items.append(piece)
                size += len(piece.data)
        else:
            seq = found.end_seq
            items.append(found)
        if size >= job.max_bytes:
            break
    return items, (seq, offset)
