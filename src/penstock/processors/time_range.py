"""A range of time: of each day, or from one moment to another."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Final

DAY: Final = 86400
_OF_DAY: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?|24:00")


def read_moment(text: str) -> float | datetime:
    """Seconds since midnight for `08:00`, else the moment. Raises `ValueError`."""
    if match := _OF_DAY.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in match.groups())
        return DAY if text == "24:00" else hour * 3600 + minute * 60 + second
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write it as 08:00, of each day, or as 2026-01-31T08:00:00Z"
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone: put Z behind it, or +01:00")
    return moment


def time_range(begin: str | None, end: str | None, zone: tzinfo) -> Callable[[float], bool] | None:
    """Whether a moment, in seconds since the epoch, lies in the range; none where all do. The end is outside.

    From 22:00 to 06:00 is a night. Raises `ValueError`.
    """
    tests = []
    times = [None if text is None else read_moment(text) for text in (begin, end)]
    first, last = times
    if isinstance(first, datetime) and isinstance(last, datetime) and last <= first:
        raise ValueError("it ends before it begins")
    if not isinstance(first, datetime) and not isinstance(last, datetime) and times != [None, None]:
        return _of_day(first or 0.0, DAY if last is None else last, zone)
    for moment, is_begin in ((first, True), (last, False)):
        if isinstance(moment, datetime):
            tests.append(_one_side(moment.timestamp(), is_begin=is_begin))
        elif moment is not None:
            tests.append(_of_day(moment, DAY, zone) if is_begin else _of_day(0.0, moment, zone))
    return (lambda at: all(test(at) for test in tests)) if tests else None


def _one_side(moment: float, *, is_begin: bool) -> Callable[[float], bool]:
    return (lambda at: at >= moment) if is_begin else (lambda at: at < moment)


def _of_day(first: float, last: float, zone: tzinfo) -> Callable[[float], bool]:
    def holds(at: float) -> bool:
        here = datetime.fromtimestamp(at, UTC).astimezone(zone)
        second = here.hour * 3600 + here.minute * 60 + here.second + here.microsecond / 1e6
        return first <= second < last if first < last else second >= first or second < last

    return holds
