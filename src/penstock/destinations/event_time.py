"""When an event says that it happened."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Final

from penstock.block import Batch

_LATEST: Final = 253_402_300_800.0
"""Seconds since the epoch: the year 10000, which no calendar of ours has."""
_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
"""A number below the first is counted in seconds; below the next in milliseconds, microseconds, nanoseconds."""
_NUMBER: Final = re.compile(r"[0-9]{1,19}(\.[0-9]{1,9})?")
_MOST_PREFIXES: Final = 1024

_prefixes: dict[str, float | None] = {}
"""Neighbouring events share all but the fraction of a second, and reading a date costs ten times a look here."""


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


def event_times(batch: Batch, values: Iterable[object]) -> list[float]:
    """The same for each event of a batch; where it says no time, when it arrived."""
    arrived = chain.from_iterable([repeat(piece.arrived, piece.count) for piece in batch.pieces])
    return [
        at if (time := event_time(value)) is None else time for value, at in zip(values, arrived, strict=True)
    ]


def _of_text(text: str) -> float | None:
    # 2026-01-02T03:04:05.678Z: the usual form, whose second most neighbours share.
    if text[-1:] == "Z" and len(text) > 20 and text[19] == "." and (fraction := text[20:-1]).isdecimal():
        prefix = text[:19]
        second = _prefixes.get(prefix, -1.0)
        if second == -1.0:
            second = _of_date(prefix)
            if len(_prefixes) >= _MOST_PREFIXES:
                _prefixes.clear()
            _prefixes[prefix] = second
        return None if second is None or not fraction.isascii() else second + float("0." + fraction[:9])
    if _NUMBER.fullmatch(text):
        return _of_number(float(text))
    return _of_date(text)


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
