"""The text behind `/metrics`, in the Prometheus format 0.0.4 or as OpenMetrics, whichever is asked for.

Our own metrics are written here: prometheus_client's writer takes 40 ms of the loop for 50 destinations,
this 3. What describes the process itself (CPU, memory, open files, garbage collection) is prometheus_client's.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.utils import floatToGoString

from penstock.admin.metric import Metric, Summary, T
from penstock.admin.table_daemon import DAEMON
from penstock.admin.table_destinations import DESTINATIONS
from penstock.admin.table_processors import PROCESSORS
from penstock.admin.table_sources import SOURCES
from penstock.admin.view import Daemon
from penstock.metrics import Histogram
from penstock.processors.measuring import Family

# The library has left these two without types.
_openmetrics: Callable[[CollectorRegistry], bytes] = openmetrics.generate_latest
_number: Callable[[float], str] = floatToGoString


class Exposition:
    """Renders what a daemon tells about itself now."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._process = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._process)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The body and its content type, for the value of an `Accept` header."""
        if "application/openmetrics-text" not in accept:
            body = ours(self._daemon).encode() + generate_latest(self._process)
            return body, CONTENT_TYPE_PLAIN_0_0_4
        # The library's part ends with the mark of the end, so it comes last.
        body = ours(self._daemon, as_openmetrics=True).encode() + _openmetrics(self._process)
        return body, openmetrics.CONTENT_TYPE_LATEST


def ours(daemon: Daemon, as_openmetrics: bool = False) -> str:
    """All metrics of the tables, each family with its help and type."""
    out: list[str] = []
    sources = [(_label("source", name), source.stats) for name, source in daemon.sources.items()]
    for source_metric in SOURCES:
        _family(out, source_metric, sources, as_openmetrics)
    destinations = [(_label("destination", name), lane.stats()) for name, lane in daemon.destinations.items()]
    for destination_metric in DESTINATIONS:
        _family(out, destination_metric, destinations, as_openmetrics)
    processors = [(_label("destination", ""), one) for one in daemon.processors]
    processors += [(label, one) for label, stats in destinations for one in stats.processors]
    labelled = [(f"{label},{_label('processor', one.name)}", one) for label, one in processors]
    for processor_metric in PROCESSORS:
        _family(out, processor_metric, labelled, as_openmetrics)
    for metric in DAEMON:
        _family(out, metric, [("", daemon)], as_openmetrics)
    _measured(out, daemon.measured(), as_openmetrics)
    return "".join(out)


def _family(
    out: list[str], metric: Metric[T], subjects: Iterable[tuple[str, T]], as_openmetrics: bool
) -> None:
    name = metric.name
    family = name.removesuffix("_total") if as_openmetrics and metric.kind == "counter" else name
    out.append(f"# HELP {family} {metric.help}\n# TYPE {family} {metric.kind}\n")
    for labels, subject in subjects:
        value = metric.read(subject)
        if isinstance(value, Histogram):
            _histogram(out, name, labels, value)
        elif isinstance(value, Summary):
            out.append(
                f"{name}_count{_braced(labels)} {value.count}\n{name}_sum{_braced(labels)} {value.sum}\n"
            )
        elif isinstance(value, Mapping):
            and_labels = f"{labels}," if labels else ""
            for key, number in value.items():
                out.append(f"{name}{{{and_labels}{_label(metric.by, key)}}} {number}\n")
        else:
            out.append(f"{name}{_braced(labels)} {value}\n")


def _measured(out: list[str], families: Iterable[tuple[str, Family]], as_openmetrics: bool) -> None:
    """What processors measure: one family of a name, whichever destinations it comes from."""
    by_name: dict[str, list[tuple[str, Family]]] = {}
    for destination, family in families:
        by_name.setdefault(family.declared.name, []).append((destination, family))
    for name, some in by_name.items():
        first = some[0][1]
        samples = [
            (_labels(destination, labels), value)
            for destination, family in some
            if family.declared == first.declared
            for labels, value in family.series
        ]
        text = first.help.replace("\\", r"\\").replace("\n", r"\n")
        metric: Metric[float | Histogram] = Metric(name, first.declared.kind, text, lambda value: value)
        _family(out, metric, samples, as_openmetrics)


def _labels(destination: str, labels: Mapping[str, str]) -> str:
    every = {"destination": destination, **labels} if destination else labels
    return ",".join([_label(name, value) for name, value in every.items()])


def _histogram(out: list[str], name: str, labels: str, histogram: Histogram) -> None:
    start = f"{name}_bucket{{{labels},le=" if labels else f"{name}_bucket{{le="
    below = 0
    for edge, count in zip(_edges(histogram.bounds), histogram.counts, strict=True):
        below += count
        out.append(f"{start}{edge}}} {below}\n")
    braced = _braced(labels)
    out.append(f"{name}_count{braced} {below}\n{name}_sum{braced} {histogram.sum}\n")


def _braced(labels: str) -> str:
    return f"{{{labels}}}" if labels else ""


@lru_cache(maxsize=64)
def _edges(bounds: tuple[float, ...]) -> tuple[str, ...]:
    return (*(f'"{_number(bound)}"' for bound in bounds), '"+Inf"')


@lru_cache(maxsize=4096)
def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'{name}="{escaped}"'
