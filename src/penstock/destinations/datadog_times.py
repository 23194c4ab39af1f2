"""When events happened, in terms that the intake understands, and whether it still takes them.

It reads ISO 8601 and milliseconds, and leaves out without a word what is older than 18 hours or more than 2 ahead.
https://docs.datadoghq.com/logs/log_configuration/processors/log_date_remapper/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from penstock.block import Batch
from penstock.columns import Columns
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

_TOO_OLD: Final = "older than 18 h: the service would leave it out"
_TOO_NEW: Final = "more than 2 h ahead: the service would leave it out"
_EPOCH: Final = "1970"
_HOUR: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:", re.ASCII)
_HOUR_SECONDS: Final = 3600.0
_IN_THE_HOUR: Final = re.compile(r"[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z", re.ASCII)
_HOUR_LENGTH: Final = len("2026-01-02T03:")
_TENS: Final = (_HOUR_LENGTH, _HOUR_LENGTH + len("04:"))
"""Where the tens of minutes and seconds stand."""
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
        low, high = batch.cut_at - OLDEST, batch.cut_at + NEWEST
        hour = _same_hour(values) if self._known else None
        if hour is not None and (hour >= low and hour + _HOUR_SECONDS <= high):
            return None
        if hour is not None and (hour + _HOUR_SECONDS <= low or hour > high):
            return Timing(ForAll(batch.count, _TOO_OLD if hour < low else _TOO_NEW), {})
        if values.count(None) < batch.count:
            times = event_times(batch, values)
            for index, value in enumerate(values):
                if _long_past(value):
                    times[index] = 0.0
        else:
            times = [piece.arrived for piece in batch.pieces for _ in range(piece.count)]
        said = self._said(batch, values, times)
        untimely: dict[int, str] = {}
        if min(times) < low or max(times) > high:
            for index, time in enumerate(times):
                if time < low:
                    untimely[index] = _TOO_OLD
                elif time > high:
                    untimely[index] = _TOO_NEW
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
                    times[index] = 0.0 if _long_past(value) else times[index] if time is None else time
                    if _understood(value) or time is None:
                        continue
            elif event_time(value) is None or (known and _understood(value)):
                continue
            said[index] = round(times[index] * 1000)
        return said


def _long_past(value: Any) -> bool:
    """A date before 1970: no time to us, but one to the intake."""
    return type(value) is str and value < _EPOCH and _HOUR.match(value) is not None


def _understood(value: Any) -> bool:
    """The intake reads it as we do; of text that we cannot read it may know more."""
    if isinstance(value, str):
        return value[10:11] == "T"
    return (
        not isinstance(value, bool)
        and isinstance(value, int | float)
        and _MILLISECONDS[0] <= value < _MILLISECONDS[1]
    )


def _same_hour(values: Sequence[Any]) -> float | None:
    """The hour of all of them, where all are dates of one hour, in UTC and written alike.

    Between two texts that begin alike lie only such as begin so too; and what stands behind is looked at by column. That
    costs a third of reading each.
    """
    try:
        first, last = min(values), max(values)
        begin = first[:_HOUR_LENGTH]
        if begin != last[:_HOUR_LENGTH] or not _HOUR.fullmatch(begin):
            return None
        text = "".join(values)
    except TypeError:  # some are missing, or numbers
        return None
    if not _IN_THE_HOUR.fullmatch(first[_HOUR_LENGTH:]):
        return None
    dates, width = text.encode(errors="replace"), len(first)
    digits = [at for at in range(_HOUR_LENGTH, width) if first[at].isdigit()]
    if not alike(dates, first.encode(), len(values), digits) or any(
        max(dates[at::width]) > ord("5") for at in _TENS
    ):
        return None
    return event_time(f"{begin}00:00Z")
