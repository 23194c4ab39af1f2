"""Counters, gauges and histograms of events, on `/metrics`; the events go on as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from penstock.columns import Columns
from penstock.expressions import MISSING, Condition
from penstock.fields import FieldName, Model
from penstock.metrics import SECONDS
from penstock.processors.asked import Asked
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.measuring import Declared, Family, Kind
from penstock.processors.metrics_meter import Meter
from penstock.processors.shown import Shown

_Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
_Path = Annotated[FieldName, Field(min_length=1)]
_TAKEN: Final = ("penstock_", "process_", "python_")
"""Beginnings of names that are already there."""
_PARTS: Final = ("_total", "_count", "_sum", "_bucket", "_created", "_info")
"""Endings that mean something to Prometheus."""


class MetricSettings(Model):
    """One metric."""

    kind: Kind
    """`counter`, `gauge` or `histogram`."""
    help: str = ""
    """A sentence that says what it is."""
    labels: Mapping[_Name, _Path] = {}
    """By label, the field that it is filled from: `{route: context.route}`. Each combination of values is a series, so
    take fields with few values; an event without the field has an empty label. `destination` is there by itself."""
    where: Condition | None = None
    """Only events for which this [expression](expressions.md) is true."""
    value: _Path | None = None
    """The field with the number: what a counter adds up (empty: it counts events), what a gauge shows the last of, what a
    histogram spreads over its buckets. An event without it is left out; a value that is no number counts as an error."""
    buckets: Sequence[Annotated[float, Field(allow_inf_nan=False)]] = SECONDS
    """Upper bounds of a histogram's buckets, in ascending order."""

    @model_validator(mode="after")
    def _fits(self) -> "MetricSettings":
        if self.kind != "counter" and self.value is None:
            raise ValueError(f"a {self.kind} needs `value`, the field with its numbers")
        if self.kind != "histogram" and "buckets" in self.model_fields_set:
            raise ValueError("`buckets` are for a histogram: leave them out")
        if not self.buckets or list(self.buckets) != sorted(set(self.buckets)):
            raise ValueError("the buckets are not in ascending order: write them so, each once")
        for label in self.labels:
            if label in ("destination", "le", "quantile") or label.startswith("__"):
                raise ValueError(f"the label {label!r} is taken: choose another name")
        return self

    def declared(self, name: str) -> Declared:
        """Under this name."""
        buckets = tuple(self.buckets) if self.kind == "histogram" else ()
        return Declared(name, self.kind, tuple(self.labels), buckets)


class MetricsSettings(ProcessorSettings):
    """Counters, gauges and histograms from events, told on `/metrics` beside Penstock's own; the events go on as they are.

    Each series has the label `destination` where the processor belongs to one, so that the same metric of two
    destinations is told apart. They count from the start of the process, or since the destination's settings changed.
    """

    type: Literal["metrics"]
    prefix: Annotated[str, StringConstraints(pattern=r"^([a-zA-Z_][a-zA-Z0-9_]*)?$")] = ""
    """Stands before each name: `shop_`."""
    metrics: Annotated[Mapping[_Name, MetricSettings], Field(min_length=1)]
    """By name; that of a counter ends in `_total`."""
    max_series: Annotated[int, Field(ge=1, le=5000)] = 200
    """Series of each metric; events of further ones count as errors of the processor, and in no series. A histogram has
    a line for each bucket in each series, and every scrape writes all of them."""

    shown = (
        Shown(
            settings={
                "prefix": "shop_",
                "metrics": {
                    "requests_total": {
                        "kind": "counter",
                        "help": "Requests by route.",
                        "labels": {"route": "context.route", "status": "status"},
                    },
                    "failures_total": {"kind": "counter", "where": "status >= 500"},
                    "request_seconds": {"kind": "histogram", "value": "seconds", "buckets": [0.1, 1, 10]},
                    "cart_items": {"kind": "gauge", "value": "items"},
                },
            },
            given=[{"context": {"route": "/pay"}, "status": 503, "seconds": 0.7, "items": 3}],
            gives=[{"context": {"route": "/pay"}, "status": 503, "seconds": 0.7, "items": 3}],
            note='`/metrics` now has `shop_requests_total{route="/pay",status="503"} 1`, '
            '`shop_failures_total 1`, `shop_request_seconds_bucket{le="1.0"} 1` and `shop_cart_items 3`.',
        ),
    )

    @model_validator(mode="after")
    def _names(self) -> "MetricsSettings":
        for short, metric in self.metrics.items():
            name = self.prefix + short
            if name.startswith(_TAKEN):
                raise ValueError(f"{name} begins as names do that are taken: choose another name or prefix")
            if metric.kind == "counter" and not name.endswith("_total"):
                raise ValueError(f"{name} is a counter, whose name ends in _total: {name}_total")
            if metric.kind != "counter" and name.endswith(_PARTS):
                raise ValueError(f"{name} ends as only parts of other metrics do: choose another name")
        return self

    def declared(self) -> Sequence[Declared]:
        return [metric.declared(self.prefix + name) for name, metric in self.metrics.items()]

    def build(self, context: ProcessorContext) -> Processor:
        return Metrics(self)


@dataclass(frozen=True, slots=True)
class _Use:
    """A metric, and which of the columns it needs."""

    meter: Meter
    columns: Sequence[int]
    where: Asked | None


class Metrics:
    """See `MetricsSettings`."""

    def __init__(self, settings: MetricsSettings) -> None:
        fields: dict[str, int] = {}
        self._uses = []
        for (_, metric), declared in zip(settings.metrics.items(), settings.declared(), strict=True):
            needed = [*metric.labels.values(), *([] if metric.value is None else [metric.value])]
            numbers = [fields.setdefault(field, len(fields)) for field in needed]
            meter = Meter(declared, metric.help, valued=metric.value is not None, most=settings.max_series)
            self._uses.append(_Use(meter, numbers, None if metric.where is None else Asked(metric.where)))
        self._columns = Columns(list(fields), MISSING)

    def process(self, events: Events) -> None:
        columns = events.columns(self._columns)
        for use in self._uses:
            wanted = None if use.where is None else _wanted(use.where, events)
            wrong, error = use.meter.add([columns[number] for number in use.columns], events.count, wanted)
            if wrong:
                events.fail(wrong, error)

    def families(self) -> Sequence[Family]:
        return [use.meter.family() for use in self._uses]


def _wanted(where: Asked, events: Events) -> Sequence[Any]:
    wanted, failed = where.of(events)
    if failed:
        events.fail(len(failed), next(iter(failed.values())))
        for index in failed:
            wanted[index] = False
    return wanted
