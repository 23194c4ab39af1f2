"""Events through the whole daemon to a played Splunk, over real sockets; every flow ends with the ledger."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from penstock.clock import SystemClock
from penstock.sandbox.loading import checked
from penstock.sandbox.server import Server
from penstock.sandbox.service import Answered, Asked, Service, Spoil, sound
from penstock.sandbox.splunk_hec import SplunkHecService
from penstock.sandbox.stage import Stage
from penstock.testing.local import LocalDaemon
from penstock.testing.waiting import eventually

Make = Callable[..., LocalDaemon]
Play = Callable[..., Any]

TOKEN = "sandbox"


class Slow(Service):
    """A collector that says of nothing that it is indexed until it is told to; of some requests never."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.indexed = False
        self.never: set[int] = set()

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        if asked.path.endswith("/ack"):
            (number,) = orjson.loads(asked.body)["acks"]
            if not self.indexed or number in self.never:
                return Answered(200, orjson.dumps({"acks": {str(number): False}}))
        return self._service.answer(asked, spoil)


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    """Serves a played collector."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> Server:
            service = SplunkHecService.model_validate({"type": "splunk_hec", **settings}).build()
            return await stack.enter_async_context(Server(service, SystemClock()))

        yield start


def splunk(*servers: Server, **parts: Any) -> dict[str, Any]:
    url, *urls = [server.url for server in servers]
    retry = {"initial": "20ms", "max": "100ms"}
    return {
        "type": "splunk_hec", "url": url, "urls": urls, "auth": {"token": TOKEN}, "id_field": "id",
        "batch": {"age": "10ms"}, "retry": retry, **parts,
    }  # fmt: skip


def lines(first: int, end: int) -> bytes:
    return b"".join(
        [orjson.dumps({"message": f"line {n}", "index": "main"}) + b"\n" for n in range(first, end)]
    )


def account(server: Server) -> tuple[int, int, int]:
    """Events that were accepted, how many of them twice, and how many are missing in between."""
    received = server.received
    return received.counts.events, received.ids.duplicates, received.ids.missing


FAST = {"enabled": True, "every": "10ms"}


@pytest.mark.parametrize("compression", ["none", "gzip"])
async def test_each_event_arrives_once(local: Make, play: Play, compression: str) -> None:
    server = await play()
    daemon = local(destinations={"splunk": splunk(server, compression=compression)})
    await daemon.start()
    await daemon.write("tcp", lines(0, 3000))
    await daemon.received(3000)
    await daemon.settled("splunk")
    assert account(server) == (3000, 0, 0)
    assert (await daemon.ledger("splunk"))["delivered"] == 3000


async def test_raw_lines_arrive_once(local: Make, play: Play) -> None:
    server = await play(indexes=["main"])
    daemon = local(destinations={"splunk": splunk(server, endpoint="raw", index="{index}")})
    await daemon.start()
    await daemon.write("tcp", lines(0, 500))
    await daemon.received(500)
    await daemon.settled("splunk")
    assert account(server) == (500, 0, 0)
    assert (await daemon.ledger("splunk"))["delivered"] == 500


@pytest.fixture
def slow() -> Slow:
    settings = {"type": "splunk_hec", "acks": {"enabled": True, "delay": 0}}
    return Slow(SplunkHecService.model_validate(settings).build())


async def test_acks_that_come_late(local: Make, slow: Slow) -> None:
    async with Server(slow, SystemClock()) as server:
        daemon = local(destinations={"splunk": splunk(server, acks=FAST)})
        await daemon.start()
        await daemon.write("tcp", lines(0, 1000))
        await eventually(lambda: server.received.counts.events == 1000, "all of them")
        ledger = await daemon.ledger("splunk")
        assert (ledger["pending"], ledger["delivered"]) == (1000, 0), "what is taken is not indexed yet"
        slow.indexed = True
        await daemon.settled("splunk")
        assert account(server) == (1000, 0, 0)
        assert (await daemon.ledger("splunk"))["delivered"] == 1000


async def test_acks_that_never_come(local: Make, slow: Slow) -> None:
    slow.indexed = True
    slow.never.add(0)
    async with Server(slow, SystemClock()) as server:
        daemon = local(destinations={"splunk": splunk(server, acks={**FAST, "until": "100ms"})})
        await daemon.start()
        assert await daemon.post(lines(0, 10)) == 202
        await daemon.settled("splunk")
        assert account(server) == (20, 10, 0), "they are sent again"
        assert (await daemon.ledger("splunk"))["delivered"] == 10


async def test_acks_that_the_token_does_not_have(local: Make, play: Play) -> None:
    server = await play()
    daemon = local(destinations={"splunk": splunk(server, acks=FAST)})
    await daemon.start()
    assert await daemon.post(lines(0, 10)) == 202
    await daemon.settled("splunk")
    assert account(server) == (10, 0, 0)
    assert (await daemon.ledger("splunk"))["delivered"] == 10


async def test_an_indexer_that_goes_away_with_its_acks(local: Make, play: Play) -> None:
    first = await play(acks={"enabled": True, "delay": "1h"})
    second = await play(acks={"enabled": True, "delay": 0})
    daemon = local(destinations={"splunk": splunk(first, second, acks=FAST)})
    await daemon.start()
    assert await daemon.post(lines(0, 100)) == 202
    await eventually(lambda: first.received.counts.events == 100, "all of them")
    await first.stop()
    await daemon.settled("splunk")
    assert account(second) == (100, 0, 0)
    assert await daemon.post(lines(100, 200)) == 202
    await daemon.settled("splunk")
    assert account(second) == (200, 0, 0)
    assert (await daemon.ledger("splunk"))["delivered"] == 200


async def test_one_bad_event_in_a_thousand(local: Make, play: Play) -> None:
    server = await play()
    daemon = local(destinations={"splunk": splunk(server)})
    await daemon.start()
    assert (
        await daemon.post(lines(0, 500) + b"{}\n" + lines(500, 999), content_type="application/x-ndjson")
        == 202
    )
    await daemon.settled("splunk")
    events, twice, _ = account(server)
    assert (events, twice) == (999, 0), "and those before it are not sent again"
    ledger = await daemon.ledger("splunk")
    assert (ledger["delivered"], ledger["dead_lettered"]) == (999, {"refused": 1})
    letters = await daemon.ask("GET", "/api/status")
    assert "Event field cannot be blank (code 13)" in str(letters)


async def test_bad_luck_of_every_kind(local: Make) -> None:
    faults = [
        {"type": "partial", "events": "0.5%"},
        {"type": "status", "status": 503, "share": "10%", "retry_after": "10ms"},
        {"type": "status", "status": 429, "share": "10%"},
        {"type": "reset", "share": "5%"},
        {"type": "reset", "taken": True, "share": "5%"},
        {"type": "garbled", "share": "5%"},
    ]
    services = {"splunk": {"type": "splunk_hec", "acks": {"enabled": True, "delay": "20ms"}}}
    settings = checked({"listen": "127.0.0.1:0", "seed": 7, "services": services, "faults": faults}, "a test")
    async with Stage(settings, SystemClock()) as stage:
        server = stage.servers["splunk"]
        batch = {"age": "10ms", "events": 100}
        daemon = local(destinations={"splunk": splunk(server, acks={**FAST, "until": "200ms"}, batch=batch)})
        await daemon.start()
        await daemon.write("tcp", lines(0, 5000))
        await daemon.received(5000)
        await daemon.settled("splunk")
        ledger = await daemon.ledger("splunk")
        refused = ledger["dead_lettered"].get("refused", 0)
        assert ledger["delivered"] + refused == 5000
        assert 0 < refused < 100
        assert server.received.ids.distinct >= ledger["delivered"], "nothing is delivered that did not arrive"
        assert server.received.counts.faults > 20


async def test_a_wrong_index_of_some_events(local: Make, play: Play) -> None:
    server = await play(indexes=["main", "other"])
    daemon = local(destinations={"splunk": splunk(server, index="{index}")})
    await daemon.start()
    bad = b'{"message":"x","index":"secret"}\n'
    good = b'{"message":"x","index":"other"}\n'
    assert (
        await daemon.post(
            bad + good + lines(0, 50) + bad + good * 3 + bad, content_type="application/x-ndjson"
        )
        == 202
    )
    await daemon.settled("splunk")
    events, twice, _ = account(server)
    assert (events, twice) == (54, 0)
    ledger = await daemon.ledger("splunk")
    assert (ledger["delivered"], ledger["dead_lettered"]) == (54, {"refused": 3})


async def test_a_shut_door_holds_what_waits_for_it(local: Make, play: Play) -> None:
    server = await play(tokens=["other"], disabled_tokens=[TOKEN])
    daemon = local(destinations={"splunk": splunk(server)})
    await daemon.start()
    assert await daemon.post(lines(0, 10)) == 202
    await daemon.until(lambda: daemon.destination("splunk"), lambda found: "Token disabled" in str(found))
    ledger = await daemon.ledger("splunk")
    assert (ledger["pending"], ledger["dead_lettered"]) == (10, {})
    daemon.config["destinations"] = {"splunk": splunk(server, auth={"token": "other"})}
    await daemon.ask("POST", "/api/reload")
    await daemon.settled("splunk")
    assert account(server) == (10, 0, 0)
    assert (await daemon.ledger("splunk"))["delivered"] == 10
