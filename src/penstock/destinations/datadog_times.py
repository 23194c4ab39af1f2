"""When events happened, in terms that the intake understands, and whether it still takes them.

It reads ISO 8601 and milliseconds, and leaves out without a word what is older than 18 hours or more than 2 ahead.
https://docs.datadoghq.com/logs/log_configuration/processors/log_date_remapper/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from penstock.block import Batch
from penstock.destinations.columns import Columns
from penstock.destinations.event_time import event_time, event_times
from penstock.destinations.leading_times import alike
from penstock.exchange import ForAll

FIELD: Final = "timestamp"
READ: Final = (
    FIELD, "date", "@timestamp", "_timestamp", "Timestamp", "eventTime", "published_date",
)  # fmt: skip
"""Fields at the top of an event from which the intake takes the time by itself, the first that it finds."""
OLDEST: Final = 18 * 3600.0
NEWEST: Final = 2 * 3600.0

TOO_OLD: Final = "older than 18 h: the service would leave it out"
AHEAD: Final = "more than 2 h ahead: the service would leave it out"

_HOUR: Final = 3600.0
_HOUR_TEXT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:", re.ASCII)
_TIME_TEXT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_HOUR_LENGTH: Final = len("2026-01-02T03:")
_MILLISECONDS: Final = (1e11, 1e14)
"""Numbers between the two are milliseconds, as `event_time` reads them."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What is to be known of the times of a batch."""

    untimely: Mapping[int, str]
    """By index why the intake would leave the event out."""
    said: Mapping[int, int]
    """By index the time in milliseconds, for events that do not say it so that the intake understands."""


class Times:
    """The times of events that have them in `field`."""

    def __init__(self, field: str) -> None:
        self._known = field in READ
        self._others = Columns([name for name in READ if name != field])

    def of(self, batch: Batch, values: Sequence[Any]) -> Timing | None:
        """From what the events have in the field. None: all is well, which is told for a third of the time."""
        hour = _hour_of(values) if self._known else None
        low, high = batch.cut_at - OLDEST, batch.cut_at + NEWEST
        if hour is not None:
            arrivals = [piece.arrived for piece in batch.pieces]
            if min(hour, *arrivals) >= low and max(hour + _HOUR, *arrivals) <= high:
                return None
            if hour + _HOUR <= low and _all_are_times(values):
                return Timing(ForAll(batch.count, TOO_OLD), {})
        if values.count(None) < batch.count:
            times = event_times(batch, values)
        else:
            times = [piece.arrived for piece in batch.pieces for _ in range(piece.count)]
        said = self._said(batch, values, times)
        untimely: dict[int, str] = {}
        if min(times) < low or max(times) > high:
            for index, time in enumerate(times):
                if time < low:
                    untimely[index] = TOO_OLD
                elif time > high:
                    untimely[index] = AHEAD
        return Timing(untimely, said) if untimely or said else None

    def _said(self, batch: Batch, values: Sequence[Any], times: list[float]) -> dict[int, int]:
        """What has to be said anew. `times` is set right for events that have theirs in another field."""
        known = self._known
        odd = [
            index
            for index, value in enumerate(values)
            if not (known and type(value) is str and value[10:11] == "T")
        ]
        if not odd:
            return {}
        others = self._others.read(batch) if any(values[index] is None for index in odd) else []
        said: dict[int, int] = {}
        for index in odd:
            value = values[index]
            if value is None:
                value = next((column[index] for column in others if column[index] is not None), None)
                if value is not None:
                    time = event_time(value)
                    times[index] = times[index] if time is None else time
                    if _understood(value) or time is None:
                        continue
            elif event_time(value) is None or (known and _understood(value)):
                continue
            said[index] = round(times[index] * 1000)
        return said


def _understood(value: Any) -> bool:
    """The intake reads it as we do; of text that we cannot read it may know more."""
    if isinstance(value, str):
        return value[10:11] == "T"
    return (
        not isinstance(value, bool)
        and isinstance(value, int | float)
        and _MILLISECONDS[0] <= value < _MILLISECONDS[1]
    )


def _hour_of(values: Sequence[Any]) -> float | None:
    """The hour of which all say to be, in UTC: when it begins. Some may still be no times.

    Between two texts that begin alike lie only such as begin so too, and two looks at all of them cost a third of
    reading each.
    """
    try:
        first, last = min(values), max(values)
        begin = first[:_HOUR_LENGTH]
        if begin != last[:_HOUR_LENGTH] or not _HOUR_TEXT.fullmatch(begin):
            return None
        text = "\n".join(values)
    except TypeError:  # some are missing, or numbers
        return None
    between = len(values) - 1
    if not text.endswith("Z") or text.count("Z\n") != between or text.count("\n") != between:
        return None
    return event_time(f"{begin}00:00Z")


def _all_are_times(values: Sequence[str]) -> bool:
    """All are written as the first, whose hour they have."""
    first = values[0]
    if not _TIME_TEXT.fullmatch(first):
        return False
    text = "".join(values).encode()
    width, minutes, seconds = len(first), _HOUR_LENGTH, _HOUR_LENGTH + len("04:")
    digits = {minutes, minutes + 1, seconds, seconds + 1, *range(seconds + len("05."), width - 1)}
    return alike(text, first.encode(), len(values), digits) and all(
        max(text[at::width]) <= ord("5") for at in (minutes, seconds)
    )
