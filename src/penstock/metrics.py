"""Counting, cheaply: what the parts of the daemon keep for `/metrics` and `/api/status`."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Buckets for durations, in seconds."""
EVENTS: Final = (1, 10, 50, 100, 500, 1000, 2500, 5000, 10_000)
"""Buckets for the events of a batch."""
BYTES: Final = (2**10, 2**13, 2**16, 2**18, 2**19, 2**20, 5 * 2**20, 10 * 2**20)
"""Buckets for the bytes of a batch."""


class Histogram:
    """Counts by bucket; `counts` has one more entry than `bounds`, for what lies above."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Counts `value`, `times` times."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts)

    def quantile(self, share: float) -> float:
        """The value below which that share lies, interpolated within its bucket; 0 where there is none."""
        if not self.count:
            return 0.0
        rank = share * self.count
        below = 0
        lower = 0.0
        for bound, count in zip(self.bounds, self.counts, strict=False):
            if count and below + count >= rank:
                return lower + (bound - lower) * (rank - below) / count
            below += count
            lower = bound
        return lower
