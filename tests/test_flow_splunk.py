"""Events through the whole daemon to a played Splunk, over real sockets; every flow ends with the ledger."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from penstock.clock import SystemClock
from penstock.sandbox.server import Server
from penstock.sandbox.service import Answered, Asked, Service, Spoil, sound
from penstock.sandbox.splunk_hec import SplunkHecService
from penstock.testing.local import LocalDaemon
from penstock.testing.waiting import eventually

Make = Callable[..., LocalDaemon]
Play = Callable[..., Any]

TOKEN = "sandbox"


class Deaf(Service):
    """A collector that never says of its first request that it is indexed."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        if asked.path.endswith("/ack") and b"[0]" in asked.body:
            return Answered(200, b'{"acks":{"0":false}}')
        return self._service.answer(asked, spoil)


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    """Serves a played collector."""
    async with AsyncExitStack() as stack:

        async def start(
            wrap: Callable[[Service], Service] = lambda service: service, **settings: Any
        ) -> Server:
            service = SplunkHecService.model_validate({"type": "splunk_hec", **settings}).build()
            return await stack.enter_async_context(Server(wrap(service), SystemClock()))

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


async def test_acks_that_come_late(local: Make, play: Play) -> None:
    server = await play(acks={"enabled": True, "delay": "300ms"})
    daemon = local(destinations={"splunk": splunk(server, acks=FAST)})
    await daemon.start()
    await daemon.write("tcp", lines(0, 1000))
    await eventually(lambda: server.received.counts.events == 1000, "all of them")
    assert (await daemon.ledger("splunk"))["pending"] > 0, "what is taken is not indexed yet"
    await daemon.settled("splunk")
    assert account(server) == (1000, 0, 0)
    assert (await daemon.ledger("splunk"))["delivered"] == 1000


async def test_acks_that_never_come(local: Make, play: Play) -> None:
    server = await play(Deaf, acks={"enabled": True, "delay": 0})
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
