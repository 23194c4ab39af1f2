"""Summaries of windows of time in the place of the events themselves."""

import math
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, model_validator

from penstock.clock import Clock
from penstock.columns import Columns
from penstock.expressions import MISSING, Condition
from penstock.fields import Duration, FieldName
from penstock.parsing.zones import zone_named
from penstock.processors.aggregate_compute import Compute, Preset, value_of, with_preset
from penstock.processors.aggregate_examples import SHOWN
from penstock.processors.asked import Asked
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events, Held
from penstock.processors.groups import Groups
from penstock.processors.stamp import rfc3339
from penstock.processors.time_range import time_range

GRACE: Final = 2.0
"""Seconds behind its end for which a window waits for events that arrived in it, where no later ones come."""
_BACK: Final = 60.0
"""Seconds by which blocks may be out of order; with more the clock was set back."""
_OWN: Final = ("timestamp", "window_start", "window_end", "other", "partial")


class AggregateSettings(ProcessorSettings):
    """Puts summaries of windows of time in the place of the events: counts, sums, percentiles by group.

    No event goes on; each counts as delivered or filtered once the summary of its window has been delivered, so a crash
    neither loses nor doubles a window.
    """

    type: Literal["aggregate"]
    preset: Preset | None = None
    """`totals` counts events, `by_level` those of each level, `by_hour` has windows of an hour, `top_errors` has the
    ten most frequent messages of errors. What is written beside it wins."""
    window: Annotated[Duration, Field(ge=1, le=86400)] = 60.0
    """How long a window is. Windows begin at multiples of it since 1970 in UTC; an event belongs to the one in which it
    arrived. Its events stay in the journal until it is told: the journal needs the room."""
    by: Sequence[Annotated[FieldName, Field(min_length=1)]] = ()
    """A summary for each combination of values of these fields; an event without one of them is in a group without it."""
    compute: Mapping[Annotated[FieldName, Field(min_length=1)], Literal["count"] | Compute] = {
        "count": "count"
    }
    """The fields of a summary: `requests: count`, `slowest: {max: duration_ms}`, `p99: {percentile: duration_ms, q: 99}`.
    Where numbers are needed, a value that is none is left out and counted as an error."""
    where: Condition | None = None
    """Only events for which this [expression](expressions.md) is true are counted; the others are left out."""
    from_: str | None = Field(default=None, alias="from")
    """Only events that arrive from then on are counted: of each day (`08:00`), or a moment (`2026-01-31T08:00:00Z`)."""
    to: str | None = None
    """The end of that time, itself outside of it; from `22:00` to `06:00` is a night."""
    zone: str = "UTC"
    """Of times of the day: `Europe/Berlin`, `+02:00`."""
    max_groups: Annotated[int, Field(ge=1, le=10_000)] = 1000
    """Groups in a window; events of further ones are counted in one summary, which says `other: true`."""
    partial_at_end: bool = False
    """At the end also tells the window that has not ended, with `partial: true`: for runs over a file. Else its events
    stay in the journal, and are counted in full after the next start."""

    holds: ClassVar[bool] = True
    shown = SHOWN

    _preset = model_validator(mode="before")(with_preset)

    @model_validator(mode="after")
    def _fits(self) -> "AggregateSettings":
        names = [*_OWN, *self.by, *self.compute]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(
                f"two fields of a summary have the name {twice[0]!r}: choose another under compute"
            )
        time_range(self.from_, self.to, zone_named(self.zone))
        return self

    def build(self, context: ProcessorContext) -> Processor:
        return Aggregate(self, context.clock)


class Aggregate:
    """See `AggregateSettings`."""

    def __init__(self, settings: AggregateSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._values = [value_of(name, compute) for name, compute in settings.compute.items()]
        self._where = None if settings.where is None else Asked(settings.where)
        self._in_range = time_range(settings.from_, settings.to, zone_named(settings.zone))
        self._groups = self._new_groups()
        self._columns = Columns(self._groups.fields, MISSING)
        self._held: Held | None = None
        self._index = -1
        """Of the window that is open, else the lowest that may be."""

    def process(self, events: Events) -> None:
        index = self._index_of(events.arrived)
        if self._held is not None and index != self._index:
            self._release(events)
        self._index = index
        self._held = self._held or Held()
        if self._in_range is None or self._in_range(events.arrived):
            self._add(events)
        events.hold(self._held)

    def due(self) -> float | None:
        return None if self._held is None else self._end + GRACE

    def tick(self, events: Events, now: float) -> None:
        if self._held is None:
            return
        ended = self._end <= self._clock.time()
        if now < math.inf or ended or self._settings.partial_at_end:
            self._release(events, partial=not ended)
            self._index += 1

    @property
    def _end(self) -> float:
        return (self._index + 1) * self._settings.window

    def _index_of(self, arrived: float) -> int:
        index = math.floor(arrived / self._settings.window)
        if (self._index - index) * self._settings.window > max(_BACK, self._settings.window):
            return index  # else a clock that once was years ahead would keep the window open for years
        return max(self._index, index)

    def _add(self, events: Events) -> None:
        count, columns = events.count, events.columns(self._columns)
        if self._where is not None:
            wanted, failed = self._where.of(events)
            events.fail_each(failed)
            for index in failed:
                wanted[index] = False
            columns = [list(compress(column, wanted)) for column in columns]
            count = sum(map(bool, wanted))
        if count:
            for field, wrong in self._groups.add(columns, count).items():
                events.fail(wrong, f"{field} is no number; it is left out of the summary")

    def _release(self, events: Events, *, partial: bool = False) -> None:
        assert self._held is not None, "a window is open"
        start = self._index * self._settings.window
        head = {"timestamp": _text(self._end), "window_start": _text(start), "window_end": _text(self._end)}
        tail = {"partial": True} if partial else {}
        events.release(self._held, [head | row | tail for row in self._groups.rows()])
        self._held, self._groups = None, self._new_groups()

    def _new_groups(self) -> Groups:
        return Groups(self._settings.by, self._values, self._settings.max_groups)


def _text(moment: float) -> str:
    return rfc3339(moment, "milliseconds" if moment % 1 else "seconds")
