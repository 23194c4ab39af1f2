"""Percentiles of a stream of numbers in bounded memory, with a bound on the relative error.

The values are counted in buckets whose edges grow by a constant factor (DDSketch: Masson, Rim, Lee, VLDB 2019), so that
a percentile is off by 1 % of its value at most.
"""

from math import ceil, log
from typing import Final

ERROR: Final = 0.01
_GROWTH: Final = (1 + ERROR) / (1 - ERROR)
_LOG: Final = log(_GROWTH)
_LEAST: Final = 1e-9
"""What is closer to 0 counts as 0."""
MOST: Final = 2048
"""Buckets of each sign; of more the lowest are joined. They span more than 17 powers of ten."""


class Sketch:
    """Numbers in, percentiles out."""

    __slots__ = ("_above", "_below", "_zero")

    def __init__(self) -> None:
        self._above: dict[int, int] = {}
        self._below: dict[int, int] = {}
        self._zero = 0

    def add(self, value: float) -> None:
        """One finite number."""
        size = abs(value)
        if size < _LEAST:
            self._zero += 1
            return
        buckets = self._above if value > 0 else self._below
        bucket = ceil(log(size) / _LOG)
        buckets[bucket] = buckets.get(bucket, 0) + 1
        if len(buckets) > MOST:
            first, second = sorted(buckets)[:2]
            buckets[second] += buckets.pop(first)

    def percentile(self, percent: float) -> float | None:
        """The value below which so many percent lie; none where there are no values."""
        count = self._zero + sum(self._above.values()) + sum(self._below.values())
        if not count:
            return None
        rank = percent / 100 * (count - 1)
        seen = 0
        for bucket in sorted(self._below, reverse=True):
            seen += self._below[bucket]
            if seen > rank:
                return -_middle(bucket)
        seen += self._zero
        if seen > rank:
            return 0.0
        for bucket in sorted(self._above):
            seen += self._above[bucket]
            if seen > rank:
                return _middle(bucket)
        return _middle(max(self._above))  # not reached but by rounding


def _middle(bucket: int) -> float:
    return float(2 * _GROWTH**bucket / (_GROWTH + 1))
