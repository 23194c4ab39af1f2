"""Summaries of many values in little room, whose error is known beforehand."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

ERROR: Final = 0.01
"""A percentile differs from the exact one by this share of it at most."""
_GAMMA: Final = (1 + ERROR) / (1 - ERROR)
_SCALE: Final = 1 / math.log(_GAMMA)
MOST_BUCKETS: Final = 1024
"""Of one sign. With more, those next to zero become one: they span nine orders of magnitude below the largest."""
SAMPLE: Final = 512
"""Different values that are counted exactly; beyond them the count is an estimate, some 4 % off."""
_HASHES: Final = 2**64
CAPACITY: Final = 1000
"""Values of which the most frequent are known; one that makes up less than 1/1000 of all may be missed."""


class Percentiles:
    """Counts by buckets whose bounds grow by a constant factor, so that each value is known to within a share."""

    __slots__ = ("_above", "_below", "_count", "_max", "_min", "_zero")

    def __init__(self) -> None:
        self._above: Counter[int] = Counter()
        self._below: Counter[int] = Counter()  # the same for what is negative
        self._zero = self._count = 0
        self._min, self._max = math.inf, -math.inf

    def add(self, numbers: Sequence[float]) -> None:
        """Finite numbers, one at least."""
        log, ceil, scale = math.log, math.ceil, _SCALE
        least, most = min(numbers), max(numbers)
        if least > 0:
            self._above.update([ceil(log(number) * scale) for number in numbers])
        else:
            self._above.update([ceil(log(number) * scale) for number in numbers if number > 0])
            self._below.update([ceil(log(-number) * scale) for number in numbers if number < 0])
            self._zero += sum(not number for number in numbers)
            _narrow(self._below)
        _narrow(self._above)
        self._count += len(numbers)
        self._min, self._max = min(self._min, least), max(self._max, most)

    def at(self, q: float) -> float:
        """The number that `q` percent of all are not above; something must have been added."""
        rank = max(1, math.ceil(q / 100 * self._count))
        if rank >= self._count:
            return self._max
        for bucket, sign in [(key, -1) for key in sorted(self._below, reverse=True)]:
            rank -= self._below[bucket]
            if rank <= 0:
                return self._within(sign * _middle(bucket))
        rank -= self._zero
        if rank <= 0:
            return self._within(0.0)
        for bucket in sorted(self._above):
            rank -= self._above[bucket]
            if rank <= 0:
                return self._within(_middle(bucket))
        return self._max

    def _within(self, number: float) -> float:
        return min(max(number, self._min), self._max)


class Distinct:
    """How many different values: of the hashes of all only the smallest are kept, and how close they lie tells it."""

    __slots__ = ("_full", "_hashes")

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._full = False

    def add(self, texts: Iterable[str]) -> None:
        """Values as texts; the same in every process."""
        self._hashes.update([_hash(text) for text in texts])
        if len(self._hashes) > 2 * SAMPLE:
            self._trim()

    def count(self) -> int:
        """Exact up to `SAMPLE`."""
        if len(self._hashes) > SAMPLE:
            self._trim()
        if not self._full:
            return len(self._hashes)
        return round((SAMPLE - 1) * _HASHES / max(self._hashes))

    def _trim(self) -> None:
        self._hashes = set(sorted(self._hashes)[:SAMPLE])
        self._full = True


class Frequent:
    """The most frequent values.

    When there are too many different ones, all counts go down by the least that lets some go: what remains is what comes
    up most, with a count that may be too low, never too high.
    """

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, texts: Iterable[str]) -> None:
        """Values as texts."""
        counts = self._counts
        counts.update(texts)
        if len(counts) > 2 * CAPACITY:
            least = sorted(counts.values(), reverse=True)[CAPACITY]
            self._counts = Counter({text: n - least for text, n in counts.items() if n > least})

    def most(self, n: int) -> list[tuple[str, int]]:
        """With their counts; those of one count by the alphabet."""
        return sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def _narrow(buckets: Counter[int]) -> None:
    if len(buckets) <= MOST_BUCKETS:
        return
    lowest, *_ = rest = sorted(buckets)[-MOST_BUCKETS:]
    kept = set(rest)
    for bucket in [bucket for bucket in buckets if bucket not in kept]:
        buckets[lowest] += buckets.pop(bucket)


def _middle(bucket: int) -> float:
    """The number that is equally far, as a share, from both ends of the bucket."""
    try:
        return 2 * math.exp(bucket / _SCALE) / (_GAMMA + 1)
    except OverflowError:
        return math.inf


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
