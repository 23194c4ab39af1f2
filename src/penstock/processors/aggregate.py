"""Makes a few events of many: windows of time, with counts, sums and percentiles by group."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from penstock.columns import Columns
from penstock.expressions import Condition
from penstock.fields import Duration
from penstock.processors.aggregate_examples import SHOWN
from penstock.processors.asked import Asked
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Event, Events, Held
from penstock.processors.fields_at import Place
from penstock.processors.keys import Keys
from penstock.processors.measures import Measure, MeasureSettings, maker
from penstock.processors.stamp import rfc3339

GRACE = 2.0
"""Seconds after its end for which a window stays open: blocks that arrived within it may still be on their way."""
_ABSENT = object()


class AggregateSettings(ProcessorSettings):
    """Makes a few events of many: for each window of time and each group one event with what was asked for.

    Every event that comes here ends in its window; to keep the events as well, send them to another destination. A window
    is that of arrival, so that what waits in the journal is counted where it belongs, also when it is read again after a
    crash: the events of a window are done only when what became of them is delivered.
    """

    type: Literal["aggregate"]
    window: Duration = Field(default=60.0, gt=0)
    """Length of a window; they begin at its multiples since 1970, in UTC."""
    by: Sequence[str] = ()
    """One event for each set of values of these fields; empty: one for all."""
    compute: Annotated[Mapping[str, MeasureSettings], Field(min_length=1)] = {
        "count": MeasureSettings(function="count")
    }
    """The values, by the name of the field that they get: `count`, `{max: duration_ms}`,
    `{percentile: duration_ms, q: 99}`."""
    where: Condition | None = None
    """Only events for which this [expression](expressions.md) is true are counted; the others go with the window, and
    are counted nowhere."""
    top: Annotated[int, Field(ge=0)] = 0
    """Only so many groups, those with the most events; 0: all."""
    max_groups: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Groups in a window; what comes for more is counted in one that has `other: true` in place of the fields of `by`."""
    partial_at_end: bool = False
    """When the daemon stops, send what is in the open window, marked `partial: true`. Without it the events of that
    window are read again after the next start; with a journal in memory they would be lost."""

    holds: ClassVar[bool] = True
    shown = SHOWN

    def build(self, context: ProcessorContext) -> Processor:
        return Aggregate(self)


class _Group:
    __slots__ = ("events", "measures")

    def __init__(self, measures: list[Measure]) -> None:
        self.events = 0
        self.measures = measures


class Aggregate:
    """See `AggregateSettings`."""

    def __init__(self, settings: AggregateSettings) -> None:
        self._settings = settings
        self._length = settings.window
        self._keys = Keys(settings.by)
        self._places = {path: Place(path) for path in settings.by}
        self._where = Asked(settings.where) if settings.where is not None else None
        self._names = list(settings.compute)
        self._makers = [maker(measure) for measure in settings.compute.values()]
        paths = [measure.field for measure in settings.compute.values()]
        self._fields = sorted({path for path in paths if path})
        self._columns = Columns(self._fields, _ABSENT)
        self._column_of = [self._fields.index(path) if path else -1 for path in paths]
        self._index: int | None = None
        self._held = Held()
        self._groups: dict[Hashable, _Group] = {}
        self._other: _Group | None = None

    def process(self, events: Events) -> None:
        index = int(events.arrived // self._length)
        if self._index is None:
            self._index = index
        elif index > self._index:
            self._close(events)
            self._index = index
        self._count(events)
        events.hold(self._held)

    def due(self) -> float | None:
        return None if self._index is None else (self._index + 1) * self._length + GRACE

    def tick(self, events: Events, now: float) -> None:
        if now != float("inf") or self._settings.partial_at_end:
            self._close(events, partial=now == float("inf"))
            self._index = None

    def _count(self, events: Events) -> None:
        keys = self._keys.of(events)
        columns = events.columns(self._columns)
        members: dict[Hashable, list[int]] = {}
        for index in self._chosen(events):
            members.setdefault(keys[index], []).append(index)
        for key, indices in members.items():
            self._add(self._group(key), columns, indices)

    def _chosen(self, events: Events) -> Sequence[int]:
        if self._where is None:
            return range(events.count)
        holds, failed = self._where.of(events)
        events.fail(len(failed), next(iter(failed.values()), ""))
        return [index for index, one in enumerate(holds) if one is True]

    def _add(self, group: _Group, columns: Sequence[Sequence[Any]], indices: Sequence[int]) -> None:
        group.events += len(indices)
        for measure, column in zip(group.measures, self._column_of, strict=True):
            if column < 0:
                for _ in indices:
                    measure.add(None)
                continue
            values = columns[column]
            for index in indices:
                if values[index] is not _ABSENT:
                    measure.add(values[index])

    def _group(self, key: Hashable) -> _Group:
        group = self._groups.get(key)
        if group is not None:
            return group
        group = _Group([make() for make in self._makers])
        if len(self._groups) < self._settings.max_groups:
            self._groups[key] = group
        elif self._other is None:
            self._other = group
        else:
            return self._other
        return group

    def _close(self, events: Events, *, partial: bool = False) -> None:
        groups = list(self._groups.items())
        if self._settings.top:
            groups = sorted(groups, key=lambda item: -item[1].events)[: self._settings.top]
        rows = [self._event(self._keys.values(key), group, partial=partial) for key, group in groups]
        if self._other is not None and not self._settings.top:
            rows.append(self._event({"other": True}, self._other, partial=partial))
        events.release(self._held, rows)
        self._held, self._groups, self._other = Held(), {}, None

    def _event(self, fields: Mapping[str, Any], group: _Group, *, partial: bool) -> Event:
        assert self._index is not None, "a window is open"
        start = self._index * self._length
        event: Event = {
            "timestamp": rfc3339(start),
            "window": {"start": rfc3339(start), "end": rfc3339(start + self._length)},
        }
        if partial:
            event["partial"] = True
        for path, value in fields.items():
            place = self._places.get(path) or Place(path)
            place.make(event)[place.name] = value
        for name, measure in zip(self._names, group.measures, strict=True):
            event[name] = measure.value()
        return event
