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

FIELD: Final = "timestamp"
READ: Final = (
    FIELD, "date", "@timestamp", "_timestamp", "Timestamp", "eventTime", "published_date",
)  # fmt: skip
"""Fields at the top of an event from which the intake takes the time by itself, the first that it finds."""
OLDEST: Final = 18 * 3600.0
NEWEST: Final = 2 * 3600.0

_HOUR: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:", re.ASCII)
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
        if self._known and _within_an_hour(batch, values):
            return None
        if values.count(None) < batch.count:
            times = event_times(batch, values)
        else:
            times = [piece.arrived for piece in batch.pieces for _ in range(piece.count)]
        said = self._said(batch, values, times)
        low, high = batch.cut_at - OLDEST, batch.cut_at + NEWEST
        untimely: dict[int, str] = {}
        if min(times) < low or max(times) > high:
            for index, time in enumerate(times):
                if time < low:
                    untimely[index] = "older than 18 h: the service would leave it out"
                elif time > high:
                    untimely[index] = "more than 2 h ahead: the service would leave it out"
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


def _within_an_hour(batch: Batch, values: Sequence[Any]) -> bool:
    """All are texts in UTC, of the same hour, and that is one from which the intake takes events.

    Between two texts that begin alike lie only such as begin so too, and two looks at all of them cost a third of
    reading each.
    """
    try:
        first, last = min(values), max(values)
        begin = first[:_HOUR_LENGTH]
        if begin != last[:_HOUR_LENGTH] or not _HOUR.fullmatch(begin):
            return False
        text = "\n".join(values)
    except TypeError:  # some are missing, or numbers
        return False
    between = len(values) - 1
    if not text.endswith("Z") or text.count("Z\n") != between or text.count("\n") != between:
        return False
    hour = event_time(f"{begin}00:00Z")
    arrivals = [piece.arrived for piece in batch.pieces]
    low, high = batch.cut_at - OLDEST, batch.cut_at + NEWEST
    return hour is not None and min(hour, *arrivals) >= low and max(hour + 3600, *arrivals) <= high
