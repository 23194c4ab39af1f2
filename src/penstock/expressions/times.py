"""Moments and spans of time: how they are written, what they are made of."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from penstock.expressions.errors import EvalError
from penstock.expressions.values import MAX_INT, MIN_INT, Duration, Timestamp

SECOND: Final = 10**9
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = -62_135_596_800 * SECOND
_LAST: Final = 253_402_300_800 * SECOND - 1
_RFC3339: Final = re.compile(
    r"(\d{4,5})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_UNITS: Final = {
    "h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 10**6, "us": 10**3, "µs": 10**3, "μs": 10**3, "ns": 1,
}  # fmt: skip
_PART: Final = re.compile(r"(\d{0,20})(?:\.(\d{0,20}))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_OFFSET: Final = re.compile(r"([+-]?)(\d\d):(\d\d)", re.ASCII)


def moment(ns: int) -> Timestamp:
    """So many nanoseconds since 1970. Raises `EvalError` beyond the years 1 to 9999."""
    if not _FIRST <= ns <= _LAST:
        raise EvalError("is out of range: a timestamp is within the years 1 to 9999")
    return Timestamp(ns)


def span(ns: int) -> Duration:
    """So many nanoseconds. Raises `EvalError` beyond 64 bits."""
    if not MIN_INT <= ns <= MAX_INT:
        raise EvalError("is out of range: a duration is at most 292 years")
    return Duration(ns)


def read_timestamp(text: str) -> Timestamp:
    """From `2026-11-25T12:00:00.5+01:00`. Raises `EvalError`."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise EvalError("timestamp() takes RFC 3339, such as 2026-11-25T12:00:00Z")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    try:
        whole = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as exc:
        raise EvalError(f"timestamp() is out of range: {exc}") from exc
    offset = (int(match[9]) * 3600 + int(match[10]) * 60) * (-1 if match[8] == "-" else 1) if match[8] else 0
    elapsed = whole - _EPOCH
    seconds = elapsed.days * 86_400 + elapsed.seconds - offset
    return moment(seconds * SECOND + int((match[7] or "").ljust(9, "0")))


def read_duration(text: str) -> Duration:
    """From `1h30m`, `-1.5s` or `250ms`. Raises `EvalError`."""
    rest = text[1:] if text[:1] in ("-", "+") else text
    total = index = 0
    while match := _PART.match(rest, index):
        whole, fraction, unit = match.groups()
        if not whole and not fraction:
            break
        scale = _UNITS[unit]
        total += int(whole or 0) * scale + int(fraction or 0) * scale // 10 ** len(fraction or "")
        index = match.end()
    if index != len(rest) or (not rest):
        raise EvalError("duration() takes a number with a unit, such as 90s, 1h30m or 250ms")
    return span(-total if text.startswith("-") else total)


def show_timestamp(value: Timestamp) -> str:
    """In UTC, with as many digits of the second as it has."""
    seconds, ns = divmod(value.ns, SECOND)
    whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%m-%dT%H:%M:%S")
    return f"{(_EPOCH + timedelta(seconds=seconds)).year:04d}-{whole}{_fraction(ns)}Z"


def show_duration(value: Duration) -> str:
    """In seconds."""
    seconds, ns = divmod(abs(value.ns), SECOND)
    return f"{'-' if value.ns < 0 else ''}{seconds}{_fraction(ns)}s"


def _fraction(ns: int) -> str:
    return f".{ns:09d}".rstrip("0") if ns else ""


@lru_cache(maxsize=128)
def zone(name: str) -> tzinfo:
    """By its name, such as `Europe/Berlin`, or its offset, such as `+01:00`. Raises `EvalError`."""
    if match := _OFFSET.fullmatch(name):
        minutes = int(match[2]) * 60 + int(match[3])
        if minutes >= 24 * 60:
            raise EvalError(f"{name} is no offset of a time zone")
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise EvalError(f"{name[:64]!r} is no time zone: write Europe/Berlin or +01:00") from exc


def local(value: Timestamp, zone_name: str) -> datetime:
    """The moment on the clocks of that zone, to the microsecond."""
    try:
        return (_EPOCH + timedelta(microseconds=value.ns // 1000)).astimezone(zone(zone_name))
    except OverflowError as exc:
        raise EvalError("is out of range in this time zone") from exc


def part_of(
    of_timestamp: Callable[[datetime], int], of_duration: int | None = None
) -> Callable[[Timestamp | Duration, str], int]:
    """A part of a moment in a zone; of a span the whole number of units of so many nanoseconds."""

    def part(value: Timestamp | Duration, zone_name: str = "UTC") -> int:
        if isinstance(value, Timestamp):
            return of_timestamp(local(value, zone_name))
        if of_duration is None:
            raise EvalError("a duration has no date")
        return abs(value.ns) // of_duration * (-1 if value.ns < 0 else 1)

    return part


def milliseconds(value: Timestamp | Duration, _zone_name: str = "UTC") -> int:
    """Those within the second, of both."""
    if isinstance(value, Timestamp):
        return value.ns // 10**6 % 1000
    return abs(value.ns) // 10**6 % 1000 * (-1 if value.ns < 0 else 1)
