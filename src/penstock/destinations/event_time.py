"""When an event says that it happened."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Final

from penstock.block import Batch

_LATEST: Final = 253_402_300_800.0
"""Seconds since the epoch: the year 10000, which no calendar of ours has."""
_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
"""A number below the first is counted in seconds; below the next in milliseconds, microseconds, nanoseconds."""
_NUMBER: Final = re.compile(r"[0-9]{1,19}(\.[0-9]{1,9})?")
_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", re.ASCII)
_REST: Final = re.compile(r"(\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))?", re.ASCII)
_LENGTH: Final = len("2026-01-02T03:04:05")
_DAY: Final = 86400.0
_MOST_KNOWN: Final = 4096

# Neighbouring events share the second, and most loggers write three digits behind it: two looks here cost a tenth of
# reading a date.
_seconds: Final[dict[str, float]] = {}
"""What stands before the fraction, as seconds since the epoch were it in UTC."""
_rests: Final[dict[str, float]] = {}
"""The fraction and the zone, as seconds to add."""


def event_time(value: object) -> float | None:
    """Seconds since the epoch, from what stands in `timestamp`; none where that is no time.

    Taken are dates as in RFC 3339 and ISO 8601 (one without a zone is UTC), and numbers since the epoch, as text too,
    in seconds, milliseconds, microseconds or nanoseconds: whichever gives a time between 1973 and 5138.
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(float(value)) if abs(value) < _UNITS[-1][0] else None
    return None


def arrivals(batch: Batch) -> Iterator[float]:
    """When each event of a batch arrived."""
    return chain.from_iterable([repeat(piece.arrived, piece.count) for piece in batch.pieces])


def event_times(batch: Batch, values: Iterable[object] | None) -> list[float]:
    """The same for each event of a batch; where it says no time, or none is asked (no `values`), when it arrived."""
    arrived = arrivals(batch)
    if values is None:
        return list(arrived)
    seconds, rests = _seconds, _rests
    times: list[float] = []
    for value, at in zip(values, arrived, strict=True):
        time = None
        if isinstance(value, str):
            second, rest = seconds.get(value[:_LENGTH]), rests.get(value[_LENGTH:])
            time = _of_text(value) if second is None or rest is None else second + rest
        elif value is not None:
            time = event_time(value)
        times.append(at if time is None else time)
    return times


def iso(time: float) -> str:
    """As text, in UTC and to the millisecond: `2026-01-02T03:04:05.678Z`."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _of_text(text: str) -> float | None:
    begin, rest = text[:_LENGTH], text[_LENGTH:]
    second = _seconds.get(begin)
    if second is None and _SECOND.fullmatch(begin):
        second = _of_date(begin)
        # Within a day of either end a zone might lead out of what a time can be.
        second = second if second is not None and _DAY <= second < _LATEST - _DAY else None
        _remember(_seconds, begin, second)
    more = _rest(rest)
    if second is not None and more is not None:
        return second + more
    return _of_number(float(text)) if _NUMBER.fullmatch(text) else _of_date(text)


def _rest(text: str) -> float | None:
    """The fraction and the zone; none where they are written in another way."""
    more = _rests.get(text)
    if more is not None:
        return more
    # Of fractions with more than three digits there are too many to remember; what follows them is known.
    zone = text[1:].lstrip("0123456789")
    digits = text[1 : len(text) - len(zone)]
    if text[:1] == "." and 3 < len(digits) < 10 and zone[:1] != ".":
        offset = _rest(zone)
        return None if offset is None else offset + float(f"0.{digits}")
    if match := _REST.fullmatch(text):
        more = _seconds_of(*match.groups())
        _remember(_rests, text, more)
    return more


def _remember(known: dict[str, float], text: str, value: float | None) -> None:
    if value is not None:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[text] = value


def _seconds_of(fraction: str | None, sign: str | None, hours: str | None, minutes: str | None) -> float:
    """East of Greenwich it is earlier in UTC."""
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return float(f"0{fraction}" if fraction else 0) + (offset if sign == "-" else -offset)


def _of_date(text: str) -> float | None:
    if len(text) < len("2026-01-02T03"):  # a date alone is no time, and 20260102 is a number
        return None
    try:
        then = datetime.fromisoformat(text)
        seconds = (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < _LATEST else None


def _of_number(number: float) -> float | None:
    if not number >= 0:  # a NaN is not, either
        return None
    for bound, unit in _UNITS:
        if number < bound:
            return number / unit
    return None
