"""Numbers that count from 1970: seconds, milliseconds, microseconds or nanoseconds, told apart by their size."""

import re
from datetime import UTC, datetime
from typing import Final

from penstock.parsing.instants import LENGTH, Known, with_fraction

NUMBER: Final = re.compile(r"([0-9]{1,19})(?:\.([0-9]{1,30}))?")
_LEAST: Final = 10**8
"""A number below is a count of something else more often than a second of before 1973."""
_SHIFTS: Final = ((10**11, 0), (10**14, 3), (10**17, 6), (10**20, 9))
"""Below the first bound they are seconds; then milliseconds and so on, by digits behind the point of a second."""


def from_epoch(value: float | str) -> str | None:
    """As RFC 3339 in UTC, digit by digit; none for what is no such number, or none between 1973 and 5138."""
    text = value if isinstance(value, str) else _plain(value)
    number = NUMBER.fullmatch(text)
    if number is None:
        return None
    digits, rest = number[1], number[2] or ""
    whole = int(digits)
    if whole < _LEAST:
        return None
    for bound, shift in _SHIFTS:
        if whole < bound:
            if shift:
                digits, rest = digits[:-shift], digits[-shift:] + rest
            return with_fraction(_seconds[int(digits)], rest)
    return None


def _plain(value: float) -> str:
    if isinstance(value, float):
        # Floats of this size are written with an exponent; behind their point is nothing.
        return str(int(value)) if 1e15 <= value < 1e20 else repr(value)
    return str(value) if value < 10**20 else ""


def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:LENGTH]


_seconds: Final = Known(_second)
