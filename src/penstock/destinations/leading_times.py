"""Times with which every line begins, cut out by column: no event is read.

Most loggers write the time first, and always alike. Where all lines of a batch do, its text stands at the same place in
each, and of that text the whole seconds repeat, and so do three digits behind them: a look at what they came to before
costs a tenth of reading them.
"""

import re
from collections.abc import Callable, Container, Sequence
from operator import itemgetter
from typing import Final, Generic, TypeVar

from penstock.destinations.event_time import event_time

_LENGTH: Final = len("2026-01-02T03:04:05")
_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)
_REST: Final = re.compile(r"(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII)
_FEW: Final = len(".678")
"""A fraction of so many bytes comes again; there are too many longer ones to remember."""
_MOST_KNOWN: Final = 4096
_MOST_ZONES: Final = 8

Key = TypeVar("Key")
Value = TypeVar("Value")
Second = TypeVar("Second")
Fraction = TypeVar("Fraction")


class Memo(dict[Key, Value]):
    """What a key comes to, reckoned once; what that raises is raised. It is bounded."""

    def __init__(self, reckon: Callable[[Key], Value], most: int = _MOST_KNOWN) -> None:
        super().__init__()
        self._reckon = reckon
        self._most = most

    def __missing__(self, key: Key) -> Value:
        value = self._reckon(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value


class LeadingTimes(Generic[Second, Fraction]):
    """The times of lines that begin with `lead` and end their times with `quote`."""

    def __init__(
        self,
        lead: bytes,
        second: Callable[[int], Second],
        fraction: Callable[[bytes], Fraction],
        *,
        digits: int = 9,
        quote: bytes = b'"',
    ) -> None:
        """`second` and `fraction` make what is wanted of the whole seconds since the epoch, and of what stands behind.

        That is the point and at most `digits` digits, or nothing.
        """
        self._lead = lead
        self._quote = quote
        self._second = second
        self._fraction = fraction
        self._kept = 1 + digits
        self._seconds: Memo[str, Memo[bytes, Second]] = Memo(
            lambda zone: Memo(self._of_zone(zone)), _MOST_ZONES
        )
        """By zone, and then by what a line begins with, up to the whole seconds."""
        self._fractions: Memo[int, Memo[bytes, Fraction]] = Memo(lambda width: Memo(self._of_width(width)))
        """By its length, and then by the fraction; what stands behind it does not matter."""

    def of(self, lines: Sequence[bytes]) -> tuple[list[Second], list[Fraction]] | None:
        """Whole seconds and fraction of each line; none where one of them is written in another way than the first.

        In an event that names its time twice, which JSON leaves open, the first one counts here.
        """
        start = len(self._lead) + _LENGTH
        end = lines[0].find(self._quote, start) + len(self._quote)
        form = _REST.fullmatch(lines[0][start : end - len(self._quote)].decode("latin-1"))
        if form is None or end < start:
            return None
        rests = list(map(itemgetter(slice(start, end)), lines))
        width = len(form[1] or "")
        if not alike(b"".join(rests), rests[0], len(rests), digits=range(1, width)):
            return None
        known = self._seconds[form[2] or ""]
        try:
            seconds = list(map(known.__getitem__, map(itemgetter(slice(0, start)), lines)))
        except KeyError:
            return None
        return seconds, self._behind(rests, width)

    def _behind(self, rests: list[bytes], width: int) -> list[Fraction]:
        kept = min(width, self._kept)
        if kept < width:
            rests = list(map(itemgetter(slice(0, kept)), rests))
        if kept > _FEW:
            return [self._fraction(rest[:kept]) for rest in rests]
        return list(map(self._fractions[kept].__getitem__, rests))

    def _of_zone(self, zone: str) -> Callable[[bytes], Second]:
        def reckon(begin: bytes) -> Second:
            second = begin[len(self._lead) :].decode("latin-1")
            whole = event_time(second + zone) if _SECOND.fullmatch(second) else None
            if whole is None or not begin.startswith(self._lead):
                raise KeyError(begin)
            return self._second(int(whole))

        return reckon

    def _of_width(self, width: int) -> Callable[[bytes], Fraction]:
        return lambda rest: self._fraction(rest[:width])


def alike(joined: bytes, first: bytes, count: int, digits: Container[int]) -> bool:
    """So many texts in a row are all as the first, but for the digits at these places."""
    width = len(first)
    return len(joined) == width * count and all(
        joined[at::width].isdigit() if at in digits else joined[at::width] == first[at : at + 1] * count
        for at in range(width)
    )
