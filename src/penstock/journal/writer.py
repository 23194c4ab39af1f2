"""Writes records into the active segment, and begins new ones."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from penstock.block import Block
from penstock.journal.disk import Disk
from penstock.journal.index import SparseIndex
from penstock.journal.record import END, encode_record, record_size
from penstock.journal.segment import DATA_START, Segment, SegmentHeader, encode_header, segment_name
from penstock.journal.spares import Spares


@dataclass(frozen=True, slots=True)
class Unsynced:
    """What a sync has to bring to disk."""

    fds: tuple[int, ...]
    """Files, oldest first."""
    folder: Path | None
    """The folder, where a name in it is new."""

    def sync(self, disk: Disk) -> None:
        """Does it; takes its time. Raises `OSError`."""
        for fd in self.fds:
            disk.sync(fd)
        if self.folder:
            disk.sync_folder(self.folder)


class Writer:
    """The end of the journal on disk.

    What writes raises `OSError`; the same may then be asked for again, and goes to the same place.
    """

    def __init__(self, disk: Disk, folder: Path, size: int, spares: Spares) -> None:
        """`size` is that of an ordinary segment."""
        self.segment: Segment | None = None
        """The active one; none until something is written after a start that begins anew."""
        self._disk = disk
        self._folder = folder
        self._size = size
        self._spares = spares
        self._fd = -1
        self._at = 0
        self._retired: list[int] = []
        self._new_name = False

    def resume(self, segment: Segment, at: int) -> None:
        """Goes on in a segment that was left in order, at this offset."""
        self._fd = os.open(segment.path, os.O_RDWR | os.O_CLOEXEC)
        self.segment, self._at = segment, at

    @property
    def room(self) -> int:
        """Bytes that a record may have in the active segment."""
        return self.segment.size - self._at - len(END) if self.segment else 0

    def size_for(self, blocks: Sequence[Block]) -> int:
        """The size of a segment that is to begin with these: the ordinary one unless they need more."""
        return max(self._size, DATA_START + sum(map(record_size, blocks)) + len(END))

    def write(self, block: Block, before: int) -> None:
        """Puts a block at the end, for which there must be room; `before` is the bytes of all events before it."""
        assert self.segment is not None
        self._at = self._put(self._fd, self.segment, self._at, block, before)

    def begin(self, blocks: Sequence[Block], before: int, created: float) -> Segment:
        """Begins a segment with these blocks in it.

        It gets its name only when all of them are written, so that a process that dies meanwhile leaves
        what was there before. The segment before it waits for the next sync.
        """
        first = blocks[0]
        header = SegmentHeader(secrets.randbits(32), first.first_seq, before, created, first.node)
        size = self.size_for(blocks)
        fd, path = self._spares.open(size)
        try:
            segment = Segment(self._folder / segment_name(first.first_seq), header, size, SparseIndex())
            self._disk.write(fd, [encode_header(header)], 0)
            at = DATA_START
            for block in blocks:
                at = self._put(fd, segment, at, block, before)
                before += len(block.data)
            path.rename(segment.path)
        except OSError:
            os.close(fd)
            self._spares.give(path, size)
            raise
        if self._fd >= 0:
            self._retired.append(self._fd)
        self.segment, self._fd, self._at = segment, fd, at
        self._new_name = True
        return segment

    def unsynced(self) -> Unsynced:
        """What was written since the last sync; to be followed by `synced` or, where it fails, by `forsake`."""
        active = (self._fd,) if self._fd >= 0 else ()
        work = Unsynced((*self._retired, *active), self._folder if self._new_name else None)
        self._new_name = False
        return work

    def synced(self, work: Unsynced) -> None:
        """That is on disk: files that are not written any more are closed."""
        for fd in work.fds:
            if fd in self._retired:
                self._retired.remove(fd)
                os.close(fd)

    def forsake(self) -> None:
        """Closes all files but the active one: what was not on disk stands in that one too."""
        for fd in self._retired:
            os.close(fd)
        self._retired.clear()

    def close(self) -> None:
        """Closes all files."""
        self.forsake()
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self.segment = -1, None

    def _put(self, fd: int, segment: Segment, at: int, block: Block, before: int) -> int:
        record = encode_record(block, segment.header.nonce)
        self._disk.write(fd, (*record, END), at)
        assert segment.index is not None
        segment.index.add(block.first_seq, at, before)
        return at + len(record[0]) + len(record[1])
