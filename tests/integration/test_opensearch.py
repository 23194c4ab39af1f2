"""The daemon before the real OpenSearch and the real Elasticsearch: what they hold is what the books say, nothing twice."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.testing.process import DaemonProcess
from tests.integration.cluster import Cluster
from tests.integration.shipping import START, Shipping, events, stamp, unchanged

pytestmark = pytest.mark.integration


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
