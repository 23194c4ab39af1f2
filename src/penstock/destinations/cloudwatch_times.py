"""When events happened, in the milliseconds that CloudWatch counts in."""

import re
from collections.abc import Callable, Sequence
from operator import add, itemgetter
from typing import Any, Final

from penstock.block import Batch
from penstock.destinations.event_time import event_time, event_times
from penstock.destinations.leading_times import LeadingTimes

_MOST: Final = 4096
_BEGIN: Final = "2000-01-01T00:00:00"
_BEGIN_MS: Final = 946_684_800_000
_WITH_MILLIS: Final = len("2026-01-02T03:04:05.678Z")
_BEFORE: Final = itemgetter(slice(0, 19))
_BEHIND: Final = itemgetter(slice(19, None))
"""The parts of a date before and behind its whole seconds."""
_FRACTION: Final = re.compile(r"\.[0-9]{3}")


def _thousand(seconds: int) -> int:
    return seconds * 1000


def _thousandths(fraction: bytes) -> int:
    return int(fraction[1:].ljust(3, b"0"))


class _Unusual(Exception):
    """It is no date, or is written in another way."""


class _Memo(dict[str, int]):
    """What a part of a date comes to; to look it up costs a third of reading it.

    Neighbours share the second, and of ends with three digits there are a thousand.
    """

    def __init__(self, reckon: Callable[[str], int]) -> None:
        self._reckon = reckon

    def __missing__(self, part: str) -> int:
        if len(self) >= _MOST:
            self.clear()
        value = self[part] = self._reckon(part)
        return value


def millis(batch: Batch, values: Sequence[Any]) -> list[int]:
    """Milliseconds since the epoch for each event: what it says, as `event_time` reads it, else its arrival."""
    try:
        if len(values[0]) <= _WITH_MILLIS:
            begins = map(_seconds.__getitem__, map(_BEFORE, values))
            return list(map(add, begins, map(_ends.__getitem__, map(_BEHIND, values))))
        # 2026-01-02T03:04:05 | .678 | 901Z: of ends with more digits there would be too many to remember.
        return [
            _seconds[value[:19]] + _fractions[value[19:23]] + _ends[value[23:].lstrip("0123456789")]
            for value in values
        ]
    except (_Unusual, TypeError, AttributeError):
        return [_cut(time) for time in event_times(batch, values)]


class LeadingMillis:
    """Reads the times of events that all begin with theirs in `field`, from their lines as they stand in a JSON text."""

    def __init__(self, field: str) -> None:
        quote = b'\\"'
        lead = b"{%b%b%b:%b" % (quote, field.encode(), quote, quote)
        self._times = LeadingTimes(lead, _thousand, _thousandths, digits=3, quote=quote)

    def of(self, escaped: Sequence[bytes]) -> list[int] | None:
        """As `millis` has them; none where one of them is written in another way than the first."""
        times = self._times.of(escaped)
        return None if times is None else list(map(add, *times))


def arrivals(batch: Batch) -> list[int]:
    """The same where events are not asked."""
    times: list[int] = []
    for piece in batch.pieces:
        times += [_cut(piece.arrived)] * piece.count
    return times


def _cut(time: float) -> int:
    return int(time * 1000 + 0.001)  # a float of today is off by less


def _of_date(date: str) -> int:
    time = event_time(date)
    if time is None:
        raise _Unusual
    return _cut(time)


def _second(begin: str) -> int:
    # With a zone of its own behind it, that must be all of its date.
    return _of_date(begin + "Z")


def _fraction(part: str) -> int:
    # A shorter one is the end of the date, and may be any: `Z`, `.5Z`.
    if len(part) == 4 and not _FRACTION.fullmatch(part):
        raise _Unusual
    return _of_date(_BEGIN + part) - _BEGIN_MS


def _end(part: str) -> int:
    return _of_date(_BEGIN + part) - _BEGIN_MS


_seconds: Final = _Memo(_second)
_fractions: Final = _Memo(_fraction)
_ends: Final = _Memo(_end)
