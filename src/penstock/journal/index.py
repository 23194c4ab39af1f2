"""Where in a segment a sequence number lies, to within 64 KiB."""

from array import array
from bisect import bisect_right
from typing import Final

STEP: Final = 64 * 2**10
"""Bytes between two entries."""


class SparseIndex:
    """An entry each 64 KiB of a segment: sequence number, offset, bytes of the events before it.

    Entries come in order; the first is the segment's first record.
    """

    __slots__ = ("_before", "_next", "_offsets", "_seqs")

    def __init__(self) -> None:
        self._seqs = array("Q")
        self._offsets = array("Q")
        self._before = array("Q")
        self._next = 0

    def __len__(self) -> int:
        return len(self._seqs)

    def add(self, seq: int, offset: int, before: int) -> None:
        """Takes a record; keeps it if the last entry is far enough behind."""
        if offset >= self._next:
            self._seqs.append(seq)
            self._offsets.append(offset)
            self._before.append(before)
            self._next = offset + STEP

    def find(self, seq: int) -> tuple[int, int] | None:
        """Sequence number and offset of the last entry at or before `seq`."""
        at = bisect_right(self._seqs, seq) - 1
        return (self._seqs[at], self._offsets[at]) if at >= 0 else None

    def bytes_at(self, seq: int, end: tuple[int, int]) -> float:
        """Bytes of the events before `seq`; `end` is sequence number and bytes where the segment ends."""
        at = bisect_right(self._seqs, seq) - 1
        if at < 0:
            return float(end[1]) if not self._seqs else float(self._before[0])
        low = (self._seqs[at], self._before[at])
        high = (self._seqs[at + 1], self._before[at + 1]) if at + 1 < len(self._seqs) else end
        return between(seq, low, high)

    def seq_at(self, size: int, end: tuple[int, int]) -> int:
        """The lowest sequence number with at least `size` bytes of events before it; between two entries by proportion.

        An entry alone would not do: a record may be much longer than the step.
        """
        at = bisect_right(self._before, size - 1)
        high = (self._before[at], self._seqs[at]) if at < len(self._seqs) else (end[1], end[0])
        return rank(size, (self._before[at - 1], self._seqs[at - 1]), high) if at else high[1]


def rank(size: int, low: tuple[int, int], high: tuple[int, int]) -> int:
    """The number at `size` on the line through `low` and `high`, each bytes and a number: the next whole one."""
    if high[0] <= low[0]:
        return high[1]
    numbers, of = (size - low[0]) * (high[1] - low[1]), high[0] - low[0]
    return min(max(low[1] + -(-numbers // of), low[1]), high[1])


def between(x: int, low: tuple[int, int], high: tuple[int, int]) -> float:
    """The value at `x` on the line through `low` and `high`, kept between them."""
    if high[0] <= low[0]:
        return float(low[1])
    share = min(max((x - low[0]) / (high[0] - low[0]), 0.0), 1.0)
    return low[1] + share * (high[1] - low[1])
