"""Lines over a real socket, at the pace that the clock gives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from penstock.demo.pour import Pour
from penstock.demo.traffic import Traffic
from penstock.fields import Address
from penstock.tasks import Tasks
from penstock.testing import ManualClock
from penstock.testing.waiting import eventually


class Sink:
    """Takes lines; `hang_up` closes the connection."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.connections = 0
        self._writer: asyncio.StreamWriter | None = None

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writer = writer
        while line := await reader.readline():
            self.lines.append(line)
        writer.close()

    def hang_up(self) -> None:
        assert self._writer is not None
        self._writer.close()


@asynccontextmanager
async def listening(sink: Sink) -> AsyncIterator[Address]:
    server = await asyncio.start_server(sink.take, "127.0.0.1", 0)
    async with server:
        yield Address(*server.sockets[0].getsockname()[:2])


async def test_so_many_lines_a_second() -> None:
    sink, clock = Sink(), ManualClock()
    async with listening(sink) as address:
        pour = Pour(address, 4.0, Traffic(1), clock)
        tasks = Tasks("test")
        tasks.start(pour.run(), "pour")
        for expected in (1, 2, 3):
            await eventually(lambda expected=expected: len(sink.lines) == expected, f"{expected} lines")  # type: ignore[misc] # the default binds
            await clock.advance(0.25)
        await tasks.stop()
    twin = Traffic(1)
    assert sink.lines[:3] == [twin.line(clock.time() - 0.75 + n / 4) for n in range(3)]
    assert pour.sent >= 3


async def test_a_source_that_hangs_up_is_connected_to_again() -> None:
    sink, clock = Sink(), ManualClock()
    async with listening(sink) as address:
        tasks = Tasks("test")
        tasks.start(Pour(address, 4.0, Traffic(1), clock).run(), "pour")
        await eventually(lambda: sink.lines, "a line")
        sink.hang_up()
        while sink.connections < 2:
            await clock.advance(0.25)
            await asyncio.sleep(0)
        await tasks.stop()
