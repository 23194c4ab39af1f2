"""When events happened, in the milliseconds that CloudWatch counts in."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from penstock.block import Batch
from penstock.destinations.event_time import event_time, event_times

_MOST: Final = 4096
_BEGIN: Final = "2000-01-01T00:00:00"
_BEGIN_MS: Final = 946_684_800_000
_TO_SECONDS: Final = len(_BEGIN)


class _Unusual(Exception):
    """It is no date, or is written in another way."""


class _Memo(dict[str, int]):
    """What a part of a date comes to: neighbours share the second, and of ends there are a thousand."""

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
        return [_seconds[value[:_TO_SECONDS]] + _ends[value[_TO_SECONDS:]] for value in values]
    except (_Unusual, TypeError):
        return [round(time * 1000) for time in event_times(batch, values)]


def arrivals(batch: Batch) -> list[int]:
    """The same where events are not asked."""
    times: list[int] = []
    for piece in batch.pieces:
        times += [round(piece.arrived * 1000)] * piece.count
    return times


def _of_date(date: str) -> int:
    time = event_time(date)
    if time is None:
        raise _Unusual
    return round(time * 1000)


def _to_second(begin: str) -> int:
    # With a zone of its own behind it, that must be all of its date.
    return _of_date(begin + "Z")


def _from_second(end: str) -> int:
    return _of_date(_BEGIN + end) - _BEGIN_MS


_seconds: Final = _Memo(_to_second)
_ends: Final = _Memo(_from_second)
