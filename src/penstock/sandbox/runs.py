"""A set of whole numbers, kept as runs: cheap for millions that come nearly in order."""

from bisect import bisect_right
from collections.abc import Iterator


class Runs:
    """Numbers that follow each other take the room of one; it may hold any number of numbers."""

    def __init__(self) -> None:
        # Disjoint, sorted, and never touching: a run is starts[i] to ends[i] - 1.
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._size = 0

    def __len__(self) -> int:
        """How many runs there are."""
        return len(self._starts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Each run's first and last number."""
        return ((start, end - 1) for start, end in zip(self._starts, self._ends, strict=True))

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self._size

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last number; there has to be one."""
        return self._starts[0], self._ends[-1] - 1

    def add(self, number: int) -> bool:
        """Whether it is new."""
        starts, ends = self._starts, self._ends
        if ends and number == ends[-1]:  # nearly always
            ends[-1] += 1
            self._size += 1
            return True
        after = bisect_right(starts, number)
        if after and number < ends[after - 1]:
            return False
        self._size += 1
        follows = after > 0 and ends[after - 1] == number
        precedes = after < len(starts) and starts[after] == number + 1
        if follows and precedes:
            ends[after - 1] = ends.pop(after)
            starts.pop(after)
        elif follows:
            ends[after - 1] += 1
        elif precedes:
            starts[after] = number
        else:
            starts.insert(after, number)
            ends.insert(after, number + 1)
        return True

    def holes(self) -> Iterator[tuple[int, int]]:
        """What is missing between the runs: each hole's first and last number."""
        return ((end, start - 1) for end, start in zip(self._ends, self._starts[1:], strict=False))
