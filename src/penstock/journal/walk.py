"""Goes from record to record through a segment, and finds the way again behind a damaged one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from penstock.block import Block
from penstock.journal.record import HEADER_SIZE, MAGIC, RecordHeader, open_record, read_header
from penstock.journal.segment import DATA_START, SegmentHeader

_WINDOW: Final = 2**15
_LARGE: Final = 2**14
"""Pieces from this size on are read by themselves: slicing them out of a larger piece costs ten times as much."""
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Record:
    """A valid record and where it lies."""

    offset: int
    end: int
    """The offset behind it."""
    block: Block


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a segment that cannot be read, and the events that were in it."""

    offset: int
    end: int
    """The offset behind it; the end of the file where no valid record follows."""
    first_seq: int
    end_seq: int
    """Exclusive."""
    records: int
    """How many records it was, as far as their headers can still be made out; at least one."""


class View:
    """A file, read a piece at a time.

    A piece that the disk will not give is tried again, then page by page; what is still missing reads as zeros,
    so that it is treated as any other damage.
    """

    __slots__ = ("_buffer", "_read", "_start", "_window", "size", "sound")

    def __init__(self, read: Callable[[int, int], bytes], size: int, window: int = _WINDOW) -> None:
        """`read` takes a size and an offset and may raise `OSError`."""
        self.size = size
        self.sound = True
        """Everything that was asked for could be read."""
        self._read = read
        self._window = window
        self._buffer = b""
        self._start = 0

    def have(self, offset: int, size: int) -> tuple[bytes, int] | None:
        """A buffer and the place in it where `size` bytes from `offset` stand; none beyond the end of the file."""
        at = offset - self._start
        if at < 0 or at + size > len(self._buffer):
            if offset + size > self.size:
                return None
            self._buffer = self._fetch(offset, min(max(size, self._window), self.size - offset))
            self._start = offset
            at = 0
            if len(self._buffer) < size:  # cut short behind our back
                return None
        return self._buffer, at

    def take(self, offset: int, size: int) -> bytes | None:
        """These bytes; none beyond the end of the file."""
        at = offset - self._start
        if size >= _LARGE and not 0 <= at <= len(self._buffer) - size:
            data = self._fetch(offset, size) if offset + size <= self.size else b""
            return data if len(data) == size else None
        got = self.have(offset, size)
        return got[0][got[1] : got[1] + size] if got else None

    def find(self, needle: bytes, offset: int) -> int:
        """The offset of the next `needle`; -1 where there is none."""
        while self.size - offset >= len(needle):
            got = self.have(offset, len(needle))
            if got is None:
                return -1
            buffer, at = got
            hit = buffer.find(needle, at)
            if hit >= 0:
                return self._start + hit
            offset = self._start + len(buffer) - len(needle) + 1
        return -1

    def _fetch(self, offset: int, size: int) -> bytes:
        for _ in range(2):
            try:
                return self._read(size, offset)
            except OSError:
                continue
        self.sound = False
        pieces = []
        for start in range(offset, offset + size, _PAGE):
            length = min(_PAGE, offset + size - start)
            try:
                pieces.append(self._read(length, start).ljust(length, b"\0"))
            except OSError:
                pieces.append(bytes(length))
        return b"".join(pieces)


def walk(
    view: View, header: SegmentHeader, until: int | None, start: tuple[int, int] | None = None
) -> Iterator[Record | Damage]:
    """Every record of a segment, or those from `start` on: a sequence number and the offset where it is expected.

    With `until` it ends at that sequence number, and what is missing below it is the last `Damage`. Without, it
    ends behind the last valid record, and nothing is said about what comes then.
    """
    seq, offset = start or (header.first_seq, DATA_START)
    while until is None or seq < until:
        found = _record_at(view, header, offset)
        if found is None or found.block.first_seq != seq:
            found, records = _next_record(view, header, (seq, offset), until)
            if found is None:
                if until is not None:
                    yield Damage(offset, view.size, seq, until, records)
                return
            yield Damage(offset, found.offset, seq, found.block.first_seq, records)
        yield found
        offset, seq = found.end, found.block.end_seq


def skim(view: View, offset: int, seq: int) -> Iterator[tuple[int, RecordHeader]]:
    """Offset and header of each record, unchecked, as far as they continue each other."""
    while (header := header_at(view, offset)) is not None and header.first_seq == seq:
        yield offset, header
        offset, seq = offset + header.length, header.end_seq


def header_at(view: View, offset: int) -> RecordHeader | None:
    """What claims to be a record's header there."""
    got = view.have(offset, HEADER_SIZE)
    return read_header(*got) if got else None


def _record_at(view: View, header: SegmentHeader, offset: int) -> Record | None:
    claim = header_at(view, offset)
    if claim is None:
        return None
    head = view.take(offset, claim.head_size)
    data = view.take(offset + claim.head_size, claim.size) if head is not None else None
    if head is None or data is None:
        return None
    block = open_record(claim, head, data, header.nonce, header.node)
    return Record(offset, offset + claim.length, block) if block else None


def _next_record(
    view: View, header: SegmentHeader, start: tuple[int, int], until: int | None
) -> tuple[Record | None, int]:
    """The first valid record behind a bad one at `start`, and how many were made out before it."""
    seq, offset = start
    seen = 0
    while (offset := view.find(MAGIC, offset)) >= 0:
        claim = header_at(view, offset)
        # What a recycled file held before has lower numbers: that is told apart without reading it.
        if claim and claim.first_seq >= seq and (until is None or claim.end_seq <= until):
            found = _record_at(view, header, offset)
            if found:
                return found, max(seen, 1)
            seen += 1
        offset += 1
    return None, max(seen, 1)
