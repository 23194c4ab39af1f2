import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from penstock.exchange import Answer, Failure, FailureKind, Request, Response
from penstock.testing import ManualClock
from penstock.transport import HttpTransport
from penstock.wire.http import HttpWire

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Talk], AbstractAsyncContextManager[str]]


async def send(wire: HttpWire, url: str) -> Answer:
    return await wire.send(Request("POST", url, body=b"a"))


@pytest.mark.parametrize("drop", [b"1\r\ny\r\n", b"1;y\r\ny\r\n", b"yyyyyy"])
async def test_an_answer_that_is_all_packing_is_broken_off(serve: Serve, drop: bytes) -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\na")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if drop == b"yyyyyy":
            writer.write(b"1;")
        while True:
            writer.write(drop * 10_000)
            await writer.drain()
            sent += len(drop) * 10_000

    async with serve(talk) as url:
        wire = HttpWire(HttpTransport(max_response=2**20), ManualClock(), "w")
        answer = await send(wire, url)
        await wire.close()
    assert answer == Failure(FailureKind.PROTOCOL, "the answer is not HTTP: far more than an answer")
    assert sent < 20 * 2**20


async def test_a_kept_connection_may_bring_more_than_one_answers_bound(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\na")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"y" * 1_000_000)

    async with serve(talk) as url:
        wire = HttpWire(HttpTransport(max_response=10**6), ManualClock(), "w")
        for _ in range(5):
            answer = await send(wire, url)
            assert isinstance(answer, Response)
            assert len(answer.body) == 10**6
        await wire.close()
