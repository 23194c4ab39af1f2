"""The segments in order: which holds a sequence number, and how many bytes lie between two."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from penstock.journal.index import between, rank
from penstock.journal.segment import Segment


class Catalogue:
    """All segments that can be read; the last may be the one that is written to.

    A segment ends where the next begins, whatever it holds beyond.
    """

    def __init__(self, segments: list[Segment], head: int, head_bytes: int) -> None:
        self.head = head
        """The next sequence number."""
        self.head_bytes = head_bytes
        """Bytes of the events before the head, since the journal was made."""
        self.size = 0
        """Bytes of the files."""
        self._segments: list[Segment] = []
        self._firsts: list[int] = []
        for segment in segments:
            self.add(segment)

    def __len__(self) -> int:
        return len(self._segments)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._segments)

    def __contains__(self, segment: Segment) -> bool:
        at = bisect_left(self._firsts, segment.first_seq)
        return at < len(self._segments) and self._segments[at] is segment

    @property
    def tail(self) -> int:
        """The oldest sequence number that can be read."""
        return self._firsts[0] if self._firsts else self.head

    @property
    def last(self) -> Segment | None:
        """The newest."""
        return self._segments[-1] if self._segments else None

    def add(self, segment: Segment) -> None:
        """Behind all others."""
        self._segments.append(segment)
        self._firsts.append(segment.first_seq)
        self.size += segment.size

    def drop_first(self) -> Segment:
        """Takes the oldest out; there must be one."""
        del self._firsts[0]
        segment = self._segments.pop(0)
        self.size -= segment.size
        return segment

    def drop_last(self) -> Segment:
        """Takes the newest out; there must be one."""
        del self._firsts[-1]
        segment = self._segments.pop()
        self.size -= segment.size
        return segment

    def at(self, seq: int) -> tuple[Segment, int]:
        """The segment that holds `seq`, which must not be below the tail, and where it ends."""
        at = bisect_right(self._firsts, seq) - 1
        return self._segments[at], self._end(at)[0]

    def end_of(self, segment: Segment) -> int:
        """The sequence number after a segment's last."""
        return self._end(bisect_left(self._firsts, segment.first_seq))[0]

    def bytes_at(self, seq: int) -> float:
        """Bytes of the events before `seq`; where no index is, the segment is taken to be even."""
        at = bisect_right(self._firsts, seq) - 1
        if at < 0:
            return float(self._segments[0].header.bytes_before if self._segments else self.head_bytes)
        segment, end = self._segments[at], self._end(at)
        if segment.index:
            return segment.index.bytes_at(seq, end)
        return between(seq, (segment.first_seq, segment.header.bytes_before), end)

    def seq_at(self, size: int) -> int:
        """The lowest sequence number with at least `size` bytes of events before it, as far as the index tells."""
        if not self._segments:
            return self.head
        at = max(bisect_right(self._segments, size, key=lambda s: s.header.bytes_before) - 1, 0)
        segment, end = self._segments[at], self._end(at)
        if size <= segment.header.bytes_before:
            return segment.first_seq
        if segment.index:
            return segment.index.seq_at(size, end)
        return rank(size, (segment.header.bytes_before, segment.first_seq), (end[1], end[0]))

    def _end(self, at: int) -> tuple[int, int]:
        if at + 1 < len(self._segments):
            following = self._segments[at + 1]
            return following.first_seq, following.header.bytes_before
        return self.head, self.head_bytes
