"""Times with which every line begins, cut out by column: no event is read.

Most loggers write the time first, and always alike. Where all lines of a batch do, its text stands at the same place in
each. Of that text minutes and seconds repeat, and so do three digits behind them: what they came to before is looked up
in lists, by numbers that one decoding makes of all digits.
"""

import re
from collections.abc import Callable, Container, Sequence
from operator import itemgetter
from typing import Final, Generic, TypeVar, cast

import msgspec

from penstock.destinations.event_time import event_time

_LENGTH: Final = len("2026-01-02T03:04:05")
_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)
_REST: Final = re.compile(r"(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII)
_FEW: Final = len(".678")
"""A fraction of so many bytes comes again; there are too many longer ones to remember."""
_MOST_HOURS: Final = 4

Value = TypeVar("Value")
Second = TypeVar("Second")
Fraction = TypeVar("Fraction")

_decode: Final = msgspec.json.Decoder(list[int]).decode


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
        self._hours: dict[tuple[bytes, str], _Hour[Second]] = {}
        """By what lines begin with, up to the minutes, and by zone."""
        self._fractions: dict[int, Sequence[Fraction]] = {}
        """By length."""

    def of(self, lines: Sequence[bytes]) -> tuple[Sequence[Second], Sequence[Fraction]] | None:
        """Whole seconds and fraction of each line; none where one of them is written in another way than the first.

        In an event that names its time twice, which JSON leaves open, the first one counts here.
        """
        start = len(self._lead) + _LENGTH
        end = lines[0].find(self._quote, start) + len(self._quote)
        form = _REST.fullmatch(lines[0][start : end - len(self._quote)].decode("latin-1"))
        if form is None or end < start:
            return None
        heads = list(map(itemgetter(slice(0, end)), lines))
        width, zone = len(form[1] or ""), form[2] or ""
        joined = b"".join(heads)
        minutes = start - len("04:05")
        numbers = (minutes, minutes + 1, start - 2, start - 1)
        if alike(joined, heads[0], len(heads), {*numbers, *range(start + 1, start + width)}):
            seconds = self._hour(heads[0][:minutes], zone).of(_numbers(joined, end, numbers))
        elif alike(b"".join([head[start:] for head in heads]), heads[0][start:], len(heads), range(1, width)):
            seconds = self._of_several_hours(heads, start, zone)
        else:
            return None
        return None if seconds is None else (seconds, self._behind(heads, joined, start, width))

    def _behind(self, heads: list[bytes], joined: bytes, start: int, width: int) -> Sequence[Fraction]:
        kept = min(width, self._kept)
        if kept > _FEW:  # there are too many to remember
            return [self._fraction(head[start : start + kept]) for head in heads]
        if kept < 2:
            return [self._fraction(b"")] * len(heads)
        numbers = _numbers(joined, len(heads[0]), range(start + 1, start + kept))
        return _looked_up(self._all_fractions(kept), numbers)

    def _all_fractions(self, width: int) -> Sequence[Fraction]:
        """Of that length, by number: 1050 for .050."""
        known = self._fractions.get(width)
        if known is None:
            made = [self._fraction(b".%0*d" % (width - 1, number)) for number in range(10 ** (width - 1))]
            known = self._fractions[width] = made * 2  # what stands before the 1 is never asked for
        return known

    def _hour(self, begin: bytes, zone: str) -> "_Hour[Second]":
        hour = self._hours.get((begin, zone))
        if hour is None:
            if len(self._hours) >= _MOST_HOURS:
                self._hours.clear()
            hour = self._hours[begin, zone] = _Hour(lambda rest: self._reckon(begin + rest, zone))
        return hour

    def _of_several_hours(self, heads: list[bytes], start: int, zone: str) -> list[Second] | None:
        begins = [head[:start] for head in heads]
        known = {begin: self._reckon(begin, zone) for begin in set(begins)}
        seconds = [second for begin in begins if (second := known[begin]) is not None]
        return seconds if len(seconds) == len(begins) else None

    def _reckon(self, begin: bytes, zone: str) -> Second | None:
        """Of what a line begins with, up to the whole seconds; none where that is not a time behind `lead`."""
        second = begin[len(self._lead) :].decode("latin-1")
        whole = event_time(second + zone) if _SECOND.fullmatch(second) else None
        return None if whole is None or not begin.startswith(self._lead) else self._second(int(whole))


class _Hour(Generic[Second]):
    """What the seconds of one hour come to, by number: 14836 for 48:36. They are reckoned when they are first met."""

    def __init__(self, reckon: Callable[[bytes], Second | None]) -> None:
        self._reckon = reckon
        self._values: list[Second | None] = [None] * 20_000

    def of(self, numbers: Sequence[int]) -> Sequence[Second] | None:
        """One for each number, or none at all."""
        found = _looked_up(self._values, numbers)
        if not all(found):
            for number in set(numbers):
                if self._values[number] is None:
                    self._values[number] = self._reckon(b"%02d:%02d" % divmod(number - 10_000, 100))
            found = _looked_up(self._values, numbers)
            if any(value is None for value in found):
                return None
        return cast("Sequence[Second]", found)


def _looked_up(values: Sequence[Value], numbers: Sequence[int]) -> list[Value]:
    # The last one once more, as one alone would not come in a tuple.
    return list(itemgetter(*numbers, numbers[-1])(values)[:-1])


def _numbers(joined: bytes, width: int, places: Sequence[int]) -> list[int]:
    """Of each of the joined texts the digits at these places, as one number with a 1 before them."""
    size = len("1,") + len(places)
    rows = bytearray(b"1".ljust(size - 1, b"0") + b",") * (len(joined) // width)
    for to, at in enumerate(places, 1):
        rows[to::size] = joined[at::width]
    rows[-1:] = b"]"
    return _decode(b"[" + rows)


def alike(joined: bytes, first: bytes, count: int, digits: Container[int]) -> bool:
    """So many texts in a row are all as the first, but for the digits at these places."""
    width = len(first)
    return len(joined) == width * count and all(
        joined[at::width].isdigit() if at in digits else joined[at::width] == first[at : at + 1] * count
        for at in range(width)
    )
