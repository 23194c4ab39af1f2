"""The same where the servers are in trouble: answers lost, doors shut, disks full, too much to do, restarts."""

import threading
from collections.abc import Callable

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.waiting import wait_for
from tests.integration.cluster import Cluster
from tests.integration.proxy import cutting
from tests.integration.shipping import PATIENCE, Shipping, events, unchanged

pytestmark = pytest.mark.integration


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


def test_long_complaints_are_heard_in_full(daemon: Callable[..., DaemonProcess], cluster: Cluster) -> None:
    """They repeat the whole value they are about: the answer is longer than the request was, and than is read."""
    cluster.create("long", mappings={"properties": {"code": {"type": "long"}}})
    shipping = Shipping(daemon, cluster, "long", max_response="256KiB", batch={"events": 1000, "age": "1s"})
    made = events(1_000)
    for event in made[::4]:
        event["code"] = {"text": "y" * 3_000} if event["n"] % 8 else "z" * 3_000
    shipping.send(made)
    assert unchanged(shipping, shipping.check("long"))
    assert sorted(shipping.dead()) == list(range(0, 1_000, 4))
    assert all("failed to parse field [code]" in letter["reason"] for letter in shipping.dead().values())
    assert shipping.state["requests"]["too_large"] > 0
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
