"""Each fault as a client sees it over a real socket, on the loop of the test and on uvloop."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
import uvloop
from pydantic import TypeAdapter

from penstock.clock import SystemClock
from penstock.sandbox.faults import FaultList
from penstock.sandbox.server import Server
from penstock.sandbox.service import Accepted, Answered, Asked, Spoil, sound
from penstock.sandbox.weather import Weather
from penstock.testing.clock import ManualClock
from penstock.testing.waiting import eventually

adapter: TypeAdapter[FaultList] = TypeAdapter(FaultList)

TOLD = json.dumps({"items": list(range(100))}).encode()
EVENTS = b'{"id":1}\n{"id":2}\n'
Client = Callable[[Server], Coroutine[Any, Any, Any]]


class Plain:
    """Takes each line of a body for an event."""

    def __init__(self, body: bytes = TOLD) -> None:
        self._body = body

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        lines = asked.body.splitlines()
        taken = [Accepted("", line) for index, line in enumerate(lines) if not spoil(index)]
        headers = {"Content-Type": "application/json"}
        return Answered(200, self._body, headers, taken, len(lines) - len(taken))


class Proud(Plain):
    """Has words of its own."""

    def words(self, status: int) -> Answered:
        return Answered(status, b'{"code":9}', {"Content-Type": "application/json", "retry-after": "7"})


def server(*faults: dict[str, Any], service: Plain | None = None) -> Server:
    clock = SystemClock()
    weather = Weather(clock, 1, adapter.validate_python(list(faults)))
    return Server(service or Plain(), clock, name="plain", weather=weather)


@pytest.fixture(params=["asyncio", "uvloop"])
def meet(request: pytest.FixtureRequest) -> Callable[[Server, Client], Any]:
    """Runs a client against a server, on one loop after the other."""

    def meet(server: Server, client: Client) -> Any:
        async def both() -> Any:
            async with server:
                return await client(server)

        factory = uvloop.new_event_loop if request.param == "uvloop" else None
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(both())

    return meet


async def raw(server: Server) -> tuple[bytes, str]:
    """What comes back on a bare socket, and how it ends."""
    reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
    head = f"POST /logs HTTP/1.1\r\nHost: x\r\nContent-Length: {len(EVENTS)}\r\n\r\n"
    writer.write(head.encode() + EVENTS)
    answer = b""
    try:
        while piece := await reader.read(2**16):
            answer += piece
    except ConnectionResetError:
        return answer, "reset"
    finally:
        writer.transport.abort()
    return answer, "closed"


async def posted(server: Server) -> tuple[int, str, bytes, dict[str, str]]:
    async with (
        aiohttp.ClientSession(server.url) as session,
        session.post("/logs", data=EVENTS) as response,
    ):
        return response.status, response.content_type, await response.read(), dict(response.headers)


@pytest.mark.parametrize("taken", [False, True])
def test_a_reset_comes_before_the_answer(meet: Any, taken: bool) -> None:
    made = server({"type": "reset", "taken": taken})
    assert meet(made, raw) == (b"", "reset")
    counts = made.received.counts
    assert (counts.requests, counts.failed_requests, counts.faults) == (1, 1, 1)
    assert (counts.events, counts.unheard) == ((2, 2) if taken else (0, 0))


def test_a_cut_answer_ends_in_the_middle_of_its_body_with_a_reset(meet: Any) -> None:
    made = server({"type": "cut"})
    answer, end = meet(made, raw)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (end, body) == ("reset", TOLD[: len(TOLD) // 2])
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"\r\nContent-Length: {len(TOLD)}".encode() in head
    assert made.received.counts.unheard == 2


def test_a_short_body_ends_in_good_order(meet: Any) -> None:
    made = server({"type": "short_body"})
    answer, end = meet(made, raw)
    assert (end, answer.partition(b"\r\n\r\n")[2]) == ("closed", TOLD[: len(TOLD) // 2])
    with pytest.raises(aiohttp.ClientPayloadError):
        meet(server({"type": "short_body"}), posted)


@pytest.mark.parametrize("kind", ["cut", "short_body"])
def test_an_answer_without_a_body_is_given_one_to_break(meet: Any, kind: str) -> None:
    answer, _ = meet(server({"type": kind}, service=Plain(b"")), raw)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Length: 15" in head
    assert len(body) == 7


def test_a_garbled_answer_is_whole_by_its_length(meet: Any) -> None:
    status, content_type, body, headers = meet(server({"type": "garbled"}), posted)
    assert (status, content_type, int(headers["Content-Length"])) == (200, "application/json", len(body))
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    assert TOLD.startswith(body)


@pytest.mark.parametrize("status", [200, 502])
def test_a_page_for_people(meet: Any, status: int) -> None:
    told, content_type, body, _ = meet(server({"type": "html", "status": status}), posted)
    assert (told, content_type) == (status, "text/html")
    assert b"<title>%d " % status in body


@pytest.mark.parametrize("status", [204, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504, 599])
def test_any_status(meet: Any, status: int) -> None:
    made = server({"type": "status", "status": status})
    told, _, _, headers = meet(made, posted)
    assert told == status
    assert "Retry-After" not in headers
    assert made.received.counts.events == 0


def test_retry_after_in_seconds_and_as_a_date(meet: Any) -> None:
    fault = {"type": "status", "status": 429, "retry_after": "1.5s"}
    assert meet(server(fault), posted)[3]["Retry-After"] == "2"
    date = meet(server({**fault, "retry_after": "1h", "retry_after_as": "date"}), posted)[3]["Retry-After"]
    assert 3590 < parsedate_to_datetime(date).timestamp() - SystemClock().time() <= 3600


def test_a_service_speaks_its_own_words(meet: Any) -> None:
    status, _, body, headers = meet(server({"type": "status", "status": 503}, service=Proud()), posted)
    assert (status, body) == (503, b'{"code":9}')
    assert "Retry-After" not in headers  # the fault has the last word on that


def test_what_is_taken_is_taken_whatever_is_said(meet: Any) -> None:
    made = server({"type": "status", "status": 504, "taken": True})
    assert meet(made, posted)[0] == 504
    assert (made.received.counts.events, made.received.counts.unheard) == (2, 2)


def test_some_events_fail_and_the_others_are_taken(meet: Any) -> None:
    made = server({"type": "partial", "events": 1})
    assert meet(made, posted)[0] == 200
    assert (made.received.counts.events, made.received.counts.refused) == (0, 2)


def test_a_fault_ends_and_the_connection_serves_on(meet: Any) -> None:
    async def twice(server: Server) -> list[int]:
        async with aiohttp.ClientSession(server.url) as session:
            statuses = []
            for _ in range(3):
                async with session.post("/logs", data=EVENTS) as response:
                    statuses.append(response.status)
            return statuses

    assert meet(server({"type": "status", "status": 503, "count": 1}), twice) == [503, 200, 200]


def test_a_hanging_request_gets_no_answer_until_its_sender_gives_up(meet: Any) -> None:
    made = server({"type": "hang", "taken": True})

    async def impatient(server: Server) -> str:
        reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        await eventually(lambda: server.received.counts.requests, "the request is there")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.01)
        writer.close()
        await writer.wait_closed()
        return "gave up"

    assert meet(made, impatient) == "gave up"
    assert made.received.counts.unheard == 1


async def test_latency_holds_a_request_before_the_service_looks_at_it() -> None:
    clock = ManualClock()
    weather = Weather(clock, 1, adapter.validate_python([{"type": "latency", "delay": "5s"}]))
    async with Server(Plain(), clock, weather=weather) as made, aiohttp.ClientSession(made.url) as session:
        pending = asyncio.gather(session.post("/", data=EVENTS))
        await eventually(lambda: clock.next_due() is not None, "it waits")
        await clock.advance(4.9)
        assert made.received.counts.requests == 0
        await clock.advance(0.1)
        (response,) = await pending
        assert response.status == 200
    assert (made.received.counts.events, made.received.counts.faults) == (2, 0)


async def test_a_sender_that_gives_up_meanwhile_has_sent_nothing_that_was_taken() -> None:
    clock = ManualClock()
    weather = Weather(clock, 1, adapter.validate_python([{"type": "latency", "delay": "5s"}]))
    async with Server(Plain(), clock, weather=weather) as made:
        _, writer = await asyncio.open_connection(made.address.host, made.address.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        await eventually(lambda: clock.next_due() is not None, "it waits")
        writer.close()
        await eventually(lambda: made.received.counts.requests, "it is noticed")
    assert (made.received.counts.failed_requests, made.received.counts.events) == (1, 0)
