from collections.abc import Callable, Iterator

import pytest
from prometheus_client import Metric as Family
from prometheus_client.openmetrics import parser
from prometheus_client.parser import text_string_to_metric_families

from penstock.admin.exposition import Exposition, ours
from penstock.admin.reference import families
from penstock.metrics import Histogram
from penstock.processors.measuring import Declared
from penstock.processors.measuring import Family as Measured
from penstock.processors.stats import ProcessorStats
from penstock.testing.daemon import StillDaemon, StillSource

# The library has left it without types; it refuses what the other parser lets pass.
strictly: Callable[[str], Iterator[Family]] = parser.text_string_to_metric_families
HOSTILE = 'a"b\\c\nd{e},f=ü'


@pytest.fixture
def daemon() -> StillDaemon:
    """Two sources and two destinations, each figure with a value of its own."""
    daemon = StillDaemon(sources={"app": StillSource(), HOSTILE: StillSource()}, not_after={"hook": 1.9e9})
    daemon.sources["app"].stats.events = 41
    for name in ("hook", HOSTILE):
        stats = daemon.add(name)
        stats.processors = [ProcessorStats("1-limit", events_in=9)]
        stats.delivered = 17
        stats.dead_lettered = {"refused": 3, HOSTILE: 1}
        stats.dropped = {"queue_full": 2}
        stats.requests = {"delivered": 5, "retry": 2}
        stats.breaker = "blocked"
        stats.delivery_latency.observe(0.2, 17)
        stats.batch_bytes.observe(3000)
    daemon.loop_lag.histogram.observe(0.003)
    return daemon


def parsed(text: str) -> Iterator[Family]:
    yield from text_string_to_metric_families(text)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {(s.name, frozenset(s.labels.items())): s.value for family in parsed(text) for s in family.samples}


def test_what_is_scraped_is_what_the_table_says_and_the_other_way_round(daemon: StillDaemon) -> None:
    seen = {}
    for family in parsed(ours(daemon)):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {frozenset(s.labels) - {"le"} for s in family.samples}
        assert len(labels) == 1, name
        seen[name] = (family.type, family.documentation, labels.pop())
    assert seen == {f.name: (f.kind, f.help, frozenset(f.labels)) for f in families()}


def test_values_arrive_with_their_labels_whatever_the_names_hold(daemon: StillDaemon) -> None:
    got = samples(ours(daemon))

    def value(name: str, **labels: str) -> float:
        return got[name, frozenset(labels.items())]

    assert value("penstock_events_received_total", source="app") == 41
    daemon.processors.append(ProcessorStats("1-clean", events_out=7))
    got = samples(ours(daemon))
    assert value("penstock_processor_events_out_total", destination="", processor="1-clean") == 7
    for name in ("hook", HOSTILE):
        assert value("penstock_processor_events_in_total", destination=name, processor="1-limit") == 9
        assert value("penstock_events_delivered_total", destination=name) == 17
        assert value("penstock_events_dead_lettered_total", destination=name, reason=HOSTILE) == 1
        assert value("penstock_requests_total", destination=name, outcome="retry") == 2
        assert value("penstock_requests_total", destination=name, outcome="blocked") == 0
        assert value("penstock_breaker_state", destination=name) == 3
        assert value("penstock_delivery_latency_seconds_bucket", destination=name, le="0.1") == 0
        assert value("penstock_delivery_latency_seconds_bucket", destination=name, le="0.25") == 17
        assert value("penstock_delivery_latency_seconds_bucket", destination=name, le="+Inf") == 17
        assert value("penstock_delivery_latency_seconds_count", destination=name) == 17
        assert value("penstock_delivery_latency_seconds_sum", destination=name) == pytest.approx(3.4)
    assert value("penstock_loop_lag_seconds_bucket", le="0.005") == 1
    assert value("penstock_tls_not_after_seconds", destination="hook") == 1.9e9
    assert value("penstock_ready") == 1


def test_both_formats_tell_the_same_and_both_have_the_process(daemon: StillDaemon) -> None:
    exposition = Exposition(daemon)
    plain, plain_type = exposition.render("text/plain")
    modern, modern_type = exposition.render(
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
    )
    assert plain_type.startswith("text/plain; version=0.0.4")
    assert modern_type.startswith("application/openmetrics-text; version=1.0.0")
    strict = list(strictly(modern.decode()))
    assert {f.name for f in strict} == {f.name for f in parsed(plain.decode())}
    assert "process_resident_memory_bytes" in {f.name for f in strict}
    assert modern.endswith(b"# EOF\n")
    told = {(s.name, frozenset(s.labels.items())): s.value for f in strict for s in f.samples}
    own = {key: value for key, value in samples(plain.decode()).items() if key[0].startswith("penstock_")}
    assert own
    assert {key: told[key] for key in own} == own


def test_a_daemon_with_nothing_in_it_is_scraped_too() -> None:
    names = {family.name for family in parsed(ours(StillDaemon()))}
    assert {"penstock_journal_bytes", "penstock_loop_lag_seconds"} <= names


def test_fifty_destinations_are_told_apart() -> None:
    daemon = StillDaemon()
    for i in range(50):
        stats = daemon.add(f"destination-{i}")
        stats.delivered = i
    text = Exposition(daemon).render("")[0].decode()
    for i in range(50):
        assert f'penstock_events_delivered_total{{destination="destination-{i}"}} {i}' in text


@pytest.mark.parametrize("as_openmetrics", [False, True])
def test_what_processors_measure_is_told_by_destination(daemon: StillDaemon, as_openmetrics: bool) -> None:
    seconds = Histogram((0.5,))
    seconds.observe(0.25)
    counter = Declared("shop_orders_total", "counter", ("route",))
    spread = Declared("shop_seconds", "histogram", (), (0.5,))
    daemon.families += [
        ("", Measured(counter, "Orders\nof \\ all.", [({"route": HOSTILE}, 3)])),
        ("hook", Measured(spread, "", [({}, seconds)])),
        (HOSTILE, Measured(counter, "Orders.", [({"route": ""}, 4)])),
    ]
    text = ours(daemon, as_openmetrics) + ("# EOF\n" if as_openmetrics else "")
    parse = strictly if as_openmetrics else text_string_to_metric_families
    found = {family.name: family for family in parse(text)}
    orders = {(s.labels.get("destination"), s.labels["route"]): s.value for s in found["shop_orders"].samples}
    assert orders == {(None, HOSTILE): 3, (HOSTILE, ""): 4}
    assert found["shop_orders"].documentation == "Orders\nof \\ all."
    buckets = {
        s.labels.get("le"): s.value for s in found["shop_seconds"].samples if s.name.endswith("_bucket")
    }
    assert buckets == {"0.5": 1, "+Inf": 1}
    assert {s.labels["destination"] for s in found["shop_seconds"].samples} == {"hook"}
