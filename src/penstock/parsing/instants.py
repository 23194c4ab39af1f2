"""A moment from its parts, as RFC 3339 in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Generic, TypeVar

from penstock.syslog.stamps import nearest_year

LENGTH: Final = len("2026-01-02T03:04:05")
MOST_DIGITS: Final = 9
"""Behind the point of a second; finer ones are cut."""
_MOST_KNOWN: Final = 4096
_DAY: Final = 86400

Key = TypeVar("Key")
Value = TypeVar("Value")


def second_of(
    year: int | None,
    month: int,
    day: int,
    clock: tuple[int, int, int],
    zone: tzinfo,
    received: float,
) -> str | None:
    """`2026-01-02T03:04:05` in UTC; none where there is no such day or hour, or it is out of the calendar.

    Without a year it is the one that brings the day nearest to `received`, in seconds since the epoch. A leap second
    is the second after it, as it is in time since the epoch.
    """
    hour, minute, second = clock
    leap = second == 60
    if year is None:
        year = nearest_year(month, day, received)
    try:
        there = datetime(year, month, day, hour, minute, second - leap, tzinfo=zone)
        return (there.astimezone(UTC) + timedelta(seconds=leap)).isoformat()[:LENGTH]
    except (ValueError, OverflowError):
        return None


def with_fraction(second: str, digits: str) -> str:
    """The whole of it, with what stands behind the point as it was written."""
    return f"{second}.{digits[:MOST_DIGITS]}Z" if digits else f"{second}Z"


class Bounded(dict[Key, Value]):
    """Forgets all when it is full."""

    def __setitem__(self, key: Key, value: Value) -> None:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        super().__setitem__(key, value)


class Known(Bounded[Key, Value]):
    """What was worked out before: neighbouring texts share their second."""

    def __init__(self, work: Callable[[Key], Value]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, key: Key) -> Value:
        value = self[key] = self._work(key)
        return value


class Seconds(Generic[Key]):
    """What texts came to, as long as they are received on the same day: it may have given them their year."""

    def __init__(self, work: Callable[[Key, float], str | None]) -> None:
        self._received = 0.0
        self.known: Known[Key, str | None] = Known(lambda key: work(key, self._received))

    def of(self, key: Key, received: float) -> str | None:
        """The second that `work` makes of it; `received` is in seconds since the epoch."""
        if received // _DAY != self._received // _DAY:
            self._received = received
            self.known.clear()
        return self.known[key]


def hour_of(hour: int, half: str) -> int:
    """On 24 hours, by `AM` or `PM`; 24 and more (which is no hour) where it is none on 12."""
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return 99
    return hour % 12 + 12 * (half[0] in "pP")
