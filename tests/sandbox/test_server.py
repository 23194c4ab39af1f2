import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator
from urllib.request import urlopen

import aiohttp
import pytest

from penstock.clock import SystemClock
from penstock.compression import zstd
from penstock.errors import StartError
from penstock.fields import Address
from penstock.sandbox.received import Counts
from penstock.sandbox.server import Server, said
from penstock.sandbox.service import Accepted, Answered, Asked, Spoil, sound
from penstock.testing.played import Played

LARGEST = 100_000


class Echo:
    """Takes each line of a body for an event, and says what it was asked."""

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        lines = asked.body.splitlines()
        taken = [Accepted("", line) for index, line in enumerate(lines) if not spoil(index)]
        heard = {"method": asked.method, "target": asked.target, "body": asked.body.decode()}
        told = said(200, heard, {"X-Heard": asked.headers.get("x-twice", "")})
        return Answered(told.status, told.body, told.headers, taken, len(lines) - len(taken))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(Echo(), SystemClock(), largest=LARGEST) as server:
        yield server


@pytest.fixture
async def session(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as session:
        yield session


async def talk(server: Server, request: bytes, until: bytes = b"") -> bytes:
    """What comes back on a bare socket, to its end or up to `until`."""
    reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
    writer.write(request)
    answer = await (reader.readuntil(until) if until else reader.read())
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_service_is_asked_what_came(session: aiohttp.ClientSession) -> None:
    async with session.put("/a%2Fb?c=d%26", data=b"one\ntwo") as response:
        assert await response.json() == {"method": "PUT", "target": "/a%2Fb?c=d%26", "body": "one\ntwo"}
        assert response.headers["Server"] == "penstock-sandbox"


async def test_headers_of_one_name_are_one(server: Server) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Twice: one\r\nx-twice: two\r\n\r\n"
    assert b"\r\nX-Heard: one, two\r\n" in await talk(server, head, b"\r\n\r\n")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"x")),
        ("GZIP", gzip.compress(b"x")),
        ("deflate", zlib.compress(b"x")),
        ("zstd", zstd.compress(b"x")),
        ("identity", b"x"),
    ],
)
async def test_bodies_are_inflated(session: aiohttp.ClientSession, coding: str, body: bytes) -> None:
    async with session.post("/", data=body, headers={"Content-Encoding": coding}) as response:
        assert (await response.json())["body"] == "x"


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("br", b"x", 415),
        ("gzip", b"x", 400),
        ("gzip", gzip.compress(b"x")[:-4], 400),
        ("gzip", gzip.compress(bytes(LARGEST + 1)), 413),
        ("identity", bytes(LARGEST + 1), 413),
    ],
)
async def test_what_cannot_be_read_does_not_reach_the_service(
    server: Server, session: aiohttp.ClientSession, coding: str, body: bytes, status: int
) -> None:
    async with session.post("/", data=body, headers={"Content-Encoding": coding}) as response:
        assert response.status == status
        assert (await response.json())["error"]
    assert server.received.counts == Counts(requests=1, failed_requests=1)


async def test_chunks_without_end_are_cut_short(server: Server) -> None:
    chunk = b"1000\r\n" + bytes(0x1000) + b"\r\n"
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await talk(server, head + 30 * chunk, b"\r\n")).startswith(b"HTTP/1.1 413 ")


async def test_broken_chunks_are_refused(server: Server) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 400 " in await talk(server, head + b"zz\r\n", b"\r\n")


async def test_a_sender_that_waits_to_be_asked_is_asked(server: Server) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    assert await talk(server, head, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    other = head.replace(b"100-continue", b"tea")
    assert (await talk(server, other, b"\r\n")).startswith(b"HTTP/1.1 417 ")


async def test_a_connection_serves_many_requests_and_a_head_has_no_body(server: Server) -> None:
    head = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answers = (await talk(server, head + last)).split(b"HTTP/1.1 200 OK\r\n")
    assert len(answers) == 3
    assert answers[1].endswith(b"\r\n\r\n")
    assert b"/last" in answers[2]


async def test_what_is_accepted_is_counted_and_kept(server: Server, session: aiohttp.ClientSession) -> None:
    for _ in range(2):
        await session.post("/", data=b"one\ntwo")
    assert server.received.counts == Counts(requests=2, bytes=14, events=4, without_id=4)
    assert [accepted.event for accepted in server.received.events] == [b"one", b"two"] * 2
    server.received.forget()
    assert server.received.counts == Counts()


async def test_a_taken_address_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Address("127.0.0.1", other.getsockname()[1])
        with pytest.raises(StartError, match=rf"echo: cannot listen at {taken}: the port is taken"):
            await Server(Echo(), SystemClock(), name="echo").start(taken)


def test_a_test_without_a_loop_has_it_in_a_thread() -> None:
    with Played(Server(Echo(), SystemClock())) as played:
        with urlopen(played.url, data=b"one\ntwo") as response:
            assert response.status == 200
        assert played.look(lambda server: server.received.counts.events) == 2


async def test_it_starts_again_where_it_was() -> None:
    server = Server(Echo(), SystemClock())
    address = await server.start()
    await server.stop()
    assert await server.start(address) == address
    assert b" 200 " in await talk(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n")
    await server.stop()
