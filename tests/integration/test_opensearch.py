"""The daemon before the real OpenSearch and the real Elasticsearch: what they hold is what the books say, nothing twice."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.waiting import wait_for
from tests.integration.cluster import Cluster, Stored
from tests.integration.proxy import cutting
from tests.integration.servers import RealServer
from tests.sandbox.elasticsearch_table import Product

pytestmark = pytest.mark.integration

PRODUCTS: tuple[Product, ...] = ("opensearch", "elasticsearch")
PATIENCE = 90.0
"""Seconds for all that was sent to settle."""
START = 1_767_398_000
"""The first event's time, shortly before a midnight."""


@pytest.fixture(params=PRODUCTS)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Shared: a test makes indices of its own name."""
    return Cluster(request.param, request.getfixturevalue(request.param))


@pytest.fixture(params=PRODUCTS)
def own_cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    """Starts one with settings, for this test alone."""
    servers: list[RealServer] = []

    def start(*settings: str) -> Cluster:
        servers.append(RealServer(request.param, tmp_path / "server", *settings))
        servers[-1].start()
        return Cluster(request.param, servers[-1])

    yield start
    for server in servers:
        server.stop()


class Shipping:
    """A daemon that delivers to one index, and what was sent through it."""

    def __init__(
        self, make: Callable[..., DaemonProcess], cluster: Cluster, index: str, **options: Any
    ) -> None:
        self.cluster = cluster
        self.sent: dict[int, dict[str, Any]] = {}
        self.daemon = make(
            sources={"http": {"type": "http", "listen": "127.0.0.1:0", "max_line": "4MiB"}},
            destinations={
                "search": {
                    "type": "elasticsearch",
                    "url": cluster.url,
                    "index": index,
                    "retry": {"initial": "50ms", "max": "500ms"},
                    "batch": {"age": "50ms"},
                    **options,
                }
            },
        )
        self.daemon.start()

    def send(self, events: Iterable[dict[str, Any]], size: int = 500) -> None:
        """Each has its number as `n`; returns once they are taken for good."""
        self.post([json.dumps(event, ensure_ascii=False).encode() for event in events], size)

    def post(self, lines: Sequence[bytes], size: int = 500) -> None:
        """The same, of events that are written already."""
        with closing(http.client.HTTPConnection(*self.daemon.tcp("http"), timeout=30)) as connection:
            for at in range(0, len(lines), size):
                some = lines[at : at + size]
                body = b"".join([line + b"\n" for line in some])
                connection.request("POST", "/", body, {"Content-Type": "application/x-ndjson"})
                answer = connection.getresponse()
                said = answer.read()
                assert answer.status == 202, said
                self.sent |= {int(event["n"]): event for event in map(json.loads, some)}

    @property
    def state(self) -> dict[str, Any]:
        return self.daemon.destination("search")

    def dead(self) -> dict[int, dict[str, Any]]:
        """Dead letters by their event's number."""
        folder = self.daemon.folder / "journal" / "dead_letters" / "search"
        letters = [
            json.loads(line)
            for file in sorted(folder.glob("*.ndjson"))
            for line in file.read_bytes().splitlines()
        ]
        found = {int(letter["event"]["n"]): letter for letter in letters}
        assert len(found) == len(letters)
        return found

    def settle(self) -> None:
        wait_for(lambda: self.daemon.settled("search"), f"all settled: {self.state}", PATIENCE)

    def check(self, expression: str) -> list[Stored]:
        """The service holds what the books call delivered, each once and under its own id; the rest are dead letters."""
        self.settle()
        stored, dead, books = self.cluster.stored(expression), self.dead(), self.state["ledger"]
        assert self.daemon.balanced(), books
        counted = Counter(one.source["n"] for one in stored)
        assert max(counted.values(), default=1) == 1, f"twice: {counted.most_common(3)}"
        assert not counted.keys() & dead.keys()
        assert counted.keys() | dead.keys() == self.sent.keys()
        assert books["delivered"] == len(stored)
        assert sum(books["dead_lettered"].values()) == len(dead)
        assert (books["accepted"], books["dropped"], books["imbalance"]) == (len(self.sent), {}, 0)
        # One sender, so that the numbers of the events and those in the ids go up together.
        order = sorted((int(one.id.rpartition("-")[2]), one.source["n"]) for one in stored)
        assert [n for _, n in order] == sorted(counted)
        assert len({one.id for one in stored}) == len(stored)
        return stored


def events(count: int, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "n": n,
            "timestamp": stamp(n),
            "level": "info",
            "message": f"événement {n} {'x' * (n % 200)}",
            **more,
        }
        for n in range(first, first + count)
    ]


def stamp(n: int) -> str:
    return datetime.fromtimestamp(START + n, UTC).isoformat().replace("+00:00", "Z")


def unchanged(shipping: Shipping, stored: list[Stored]) -> bool:
    return all(one.source == shipping.sent[one.source["n"]] for one in stored)


STRICT = {
    "dynamic": "strict",
    "properties": {
        "n": {"type": "long"},
        "timestamp": {"type": "date"},
        "level": {"type": "keyword"},
        "message": {"type": "text"},
        "o": {"properties": {"x": {"type": "boolean"}}},
    },
}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"stranger": 1}, "strict_dynamic_mapping_exception: "),
    ({"level": {"not": "a word"}}, "level"),
    ({"timestamp": "yesterday"}, "timestamp"),
    ({"o": {"x": "perhaps"}}, "o.x"),
    ({"_id": "mine"}, "_id"),
]


def test_one_in_a_hundred_does_not_fit(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    cluster.create("strict", mappings=STRICT)
    shipping = Shipping(daemon, cluster, "strict")
    made = events(10_000)
    for n in range(50, 10_000, 100):
        made[n] |= BAD[n // 100 % len(BAD)][0]
    shipping.send(made)
    stored = shipping.check("strict")
    assert unchanged(shipping, stored)
    dead = shipping.dead()
    assert sorted(dead) == list(range(50, 10_000, 100))
    for n, letter in dead.items():
        assert BAD[n // 100 % len(BAD)][1] in letter["reason"]
        assert (letter["kind"], letter["status"], letter["attempts"]) == ("refused", 200, 1)
        assert letter["event"] == shipping.sent[n]
    assert shipping.state["retried"] == 0
    assert shipping.daemon.stop() == 0


HOSTILE: list[bytes] = [
    *[b'"%s":1' % key for key in (b"", b" ", b".", b"..", b".a", b"a.", b"a..b", b"_id", b"_source", b"_routing", b"_type", b"*", b"a/b")],
    *[b'"%s":1' % key for key in (b"\\u0000", b"\\n", b"\\\\", b'\\"', b"\xc2\xa0", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"k" * 60_000)],
    b'"dup":1,"dup":2', b'"dup":1,"\\u0064up":2', b'"n":0,"n":%d',
    b'"a.b":1,"a":{"b":2}', b'"a":1,"a.b":2', b'"%s":1' % b".".join([b"x"] * 60),
    b'"deep":%s1%s' % (b'{"a":' * 100, b"}" * 100), b'"list":%s1%s' % (b"[" * 100, b"]" * 100),
    b'"mixed":[1,"x",{"a":1},[2],null,true]', b'"big":%s' % (b"9" * 900), b'"float":1e999', b'"small":1e-999', b'"minus":-0',
    b'"when":"2026-01-01"', b'"when":"never"', b'"when":{"at":1}', b'"text":"\\u0000\\u001b[2J"',
    b'"create":{"_id":"1"}', b'"index":{"_index":"other"}', b'"delete":{"_id":"1"}', b'"many":{%s}' % b",".join([b'"k%d":1' % n for n in range(1200)]),
    b'"long":"%s"' % (b"x" * 100_000), b'"@timestamp":[1,2]', b'"@timestamp":{}', b'"timestamp":{"a":1}', b'"timestamp":1e300', b'"timestamp":"99999-01-01"',
]  # fmt: skip


@pytest.mark.parametrize("stamped", [False, True], ids=["as they are", "with a time"])
def test_hostile_events_harm_no_others(
    daemon: Callable[..., DaemonProcess], cluster: Cluster, stamped: bool
) -> None:
    index = f"hostile-{str(stamped).lower()}"
    options = {"at_timestamp": "rename", "routing": "{dup}"} if stamped else {}
    shipping = Shipping(daemon, cluster, index, **options)
    lines = [json.dumps(event, ensure_ascii=False).encode() for event in events(2_000)]
    for at, more in enumerate(HOSTILE):
        n = 1 + 20 * at
        part = more % n if b"%d" in more else more
        lines[n] = b'{"n":%d,%b}' % (n, part)
    shipping.post(lines)
    shipping.check(index)
    assert len(shipping.dead()) > 10
    assert all((n - 1) % 20 == 0 for n in shipping.dead()), "one of the good ones"
    assert shipping.state["retried"] == 0
    assert shipping.daemon.stop() == 0


def test_an_answer_that_gets_lost_doubles_nothing(
    daemon: Callable[..., DaemonProcess], cluster: Cluster
) -> None:
    cluster.create("cut")
    with cutting(cluster.server.port, 8) as proxy:
        shipping = Shipping(daemon, cluster, "cut", url=proxy.url, compression="gzip")
        shipping.send(events(6_000))
        stored = shipping.check("cut")
        assert proxy.cuts == 8
        state = shipping.state
        assert shipping.daemon.stop() == 0
    assert unchanged(shipping, stored)
    assert state["retried"] > 0
    assert state["notes"]["duplicate"] > 0
    assert state["ledger"]["delivered"] == 6_000


def test_a_data_stream(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    body = {
        "index_patterns": ["stream-*"],
        "data_stream": {},
        "template": {
            "settings": {"number_of_replicas": 0},
            "mappings": {"properties": {"code": {"type": "long"}}},
        },
    }
    cluster.ask("PUT", "/_index_template/stream", body)
    options = {"require_data_stream": True} if cluster.product == "elasticsearch" else {"at_timestamp": "add"}
    shipping = Shipping(daemon, cluster, "stream-app", **options)
    made = events(2_000)
    made[7]["code"] = "x"
    del made[8]["timestamp"]
    made[9]["@timestamp"] = "2026-02-03T04:05:06Z"
    shipping.send(made)
    stored = {one.source["n"]: one for one in shipping.check("stream-app")}
    assert list(shipping.dead()) == [7]
    assert stored[3].source == shipping.sent[3] | {"@timestamp": stamp(3)}
    assert "@timestamp" in stored[8].source
    assert stored[9].source == shipping.sent[9]
    assert all(one.index.startswith(".ds-stream-app-") for one in stored.values())
    assert shipping.daemon.stop() == 0


def test_without_ids_the_service_makes_them(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    cluster.create("no-ids")
    shipping = Shipping(daemon, cluster, "no-ids", event_ids=False)
    shipping.send(events(500))
    shipping.settle()
    stored = cluster.stored("no-ids")
    assert sorted(one.source["n"] for one in stored) == list(range(500))
    assert not any("-" in one.id and one.id.rpartition("-")[2].isdigit() for one in stored[:5])
    assert shipping.daemon.stop() == 0


@pytest.mark.parametrize(
    ("own_cluster", "compression"),
    [("opensearch", "none"), ("elasticsearch", "gzip")],
    indirect=["own_cluster"],
)
def test_batches_that_are_too_large_are_halved(
    daemon: Callable[..., DaemonProcess], own_cluster: Callable[..., Cluster], compression: str
) -> None:
    cluster = own_cluster("http.max_content_length=1mb")
    cluster.create("large")
    shipping = Shipping(
        daemon, cluster, "large", compression=compression, batch={"bytes": "5MB", "age": "1s"}
    )
    made = events(5_000, blob="y" * 700)
    made[4321]["blob"] = "z" * 2**21
    shipping.send(made, size=200)
    shipping.check("large")
    (letter,) = shipping.dead().values()
    assert (letter["event"]["n"], letter["kind"], letter["status"]) == (4321, "too_large", 413)
    assert shipping.state["requests"]["too_large"] > 1
    assert shipping.daemon.stop() == 0


def test_a_shut_index_is_waited_for(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    cluster.create("shut")
    shipping = Shipping(daemon, cluster, "shut")
    shipping.send(events(1_000))
    shipping.settle()
    cluster.change("shut", index__blocks__write=True)
    shipping.send(events(3_000, first=1_000))
    wait_for(lambda: shipping.state["breaker"] == "blocked", f"blocked: {shipping.state}")
    state = shipping.state
    assert "cluster_block_exception" in state["last_error"]
    assert (state["ledger"]["pending"], state["ledger"]["dead_lettered"]) == (3_000, {})
    cluster.change("shut", index__blocks__write=False)
    assert unchanged(shipping, shipping.check("shut"))
    assert shipping.dead() == {}
    assert shipping.daemon.stop() == 0


def test_one_of_two_indices_is_shut(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    cluster.create("half-open")
    cluster.create("half-shut", settings={"index.blocks.write": True})
    shipping = Shipping(daemon, cluster, "half-{door}")
    made = events(1_000)
    for event in made:
        event["door"] = "shut" if event["n"] % 10 == 3 else "open"
    shipping.send(made)
    wait_for(lambda: shipping.state["ledger"]["delivered"] == 900, f"those of the open one: {shipping.state}")
    assert shipping.dead() == {}
    cluster.change("half-shut", index__blocks__write=False)
    stored = shipping.check("half-*")
    assert all(one.index == f"half-{one.source['door']}" for one in stored)
    assert shipping.daemon.stop() == 0


def test_a_full_disk_is_waited_for(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    cluster.create("full")
    cluster.change("full", index__blocks__read_only_allow_delete=True)
    shipping = Shipping(daemon, cluster, "full")
    shipping.send(events(3_000))
    wait_for(lambda: shipping.state["retried"] > 0, f"a retry: {shipping.state}")
    assert "disk" in shipping.state["last_error"]
    assert shipping.state["ledger"]["pending"] == 3_000
    cluster.change("full", index__blocks__read_only_allow_delete=None)
    assert unchanged(shipping, shipping.check("full"))
    assert shipping.dead() == {}
    assert shipping.daemon.stop() == 0


def test_too_much_at_a_time_is_slowed_down(
    daemon: Callable[..., DaemonProcess], own_cluster: Callable[..., Cluster]
) -> None:
    cluster = own_cluster("indexing_pressure.memory.limit=100kb")
    cluster.create("pressed")
    shipping = Shipping(daemon, cluster, "pressed", batch={"bytes": "60KB", "age": "20ms"}, max_in_flight=16)
    shipping.send(events(5_000))
    assert unchanged(shipping, shipping.check("pressed"))
    assert shipping.dead() == {}
    assert shipping.state["requests"]["retry"] > 0, "it was never pressed"
    assert shipping.daemon.stop() == 0


@pytest.mark.parametrize(
    ("own_cluster", "how"),
    [("opensearch", "stop"), ("opensearch", "kill"), ("elasticsearch", "kill")],
    indirect=["own_cluster"],
)
def test_a_server_that_restarts_under_load(
    daemon: Callable[..., DaemonProcess], own_cluster: Callable[..., Cluster], how: str
) -> None:
    cluster = own_cluster()
    cluster.create("restarted")
    shipping = Shipping(daemon, cluster, "restarted", batch={"events": 200, "age": "20ms"})
    end = threading.Event()

    def load() -> None:
        first = 0
        while not end.is_set():
            shipping.send(events(200, first=first))
            first += 200
            end.wait(0.1)

    sender = threading.Thread(target=load, name="load")
    sender.start()
    try:
        wait_for(lambda: shipping.state["delivered"] > 1_000, "deliveries")
        cluster.server.stop() if how == "stop" else cluster.server.kill()
        wait_for(lambda: shipping.state["breaker"] != "closed", "the breaker")
        cluster.server.start()
        before = shipping.state["delivered"]
        wait_for(lambda: shipping.state["delivered"] > before + 1_000, "deliveries again", PATIENCE)
    finally:
        end.set()
        sender.join(60)
    assert unchanged(shipping, shipping.check("restarted"))
    assert shipping.dead() == {}
    assert shipping.daemon.stop() == 0


def test_the_index_is_named_by_date_and_field(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    services: list[Any] = ["Shop", "till", None, "a b", ".hidden", "x/y", 7]
    shipping = Shipping(
        daemon, cluster, "named-{service|none}-%Y.%m.%d", fallback_index="named-odd", routing="{level}"
    )
    made = events(2_000)
    for event in made:
        service = services[event["n"] % len(services)]
        if service is not None:
            event["service"] = service
    shipping.send(made)
    stored = shipping.check("named-*")
    assert unchanged(shipping, stored)
    for one in stored:
        service = services[one.source["n"] % len(services)]
        day = datetime.fromtimestamp(START + one.source["n"], UTC).strftime("%Y.%m.%d")
        names = {None: f"named-none-{day}", "a b": "named-odd", "x/y": "named-odd"}
        assert one.index == names.get(service, f"named-{str(service).lower()}-{day}")
    assert len({one.index for one in stored}) > 8
    with suppress(AssertionError):  # shards are few, and other tests want some
        for name in {one.index for one in stored}:
            cluster.ask("DELETE", f"/{name}")
    assert shipping.daemon.stop() == 0


def test_an_index_that_is_not_there_and_not_made(
    daemon: Callable[..., DaemonProcess], cluster: Cluster
) -> None:
    shipping = Shipping(daemon, cluster, "nowhere", require_alias=True)
    shipping.send(events(10))
    shipping.settle()
    dead = shipping.dead()
    assert len(dead) == 10
    assert all("index_not_found_exception: no such index [nowhere]" in one["reason"] for one in dead.values())
    assert shipping.daemon.balanced()
    assert shipping.daemon.stop() == 0
