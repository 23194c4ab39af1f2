"""Over real sockets, on both loops; `test_tcp` and `test_unix` have what is their own."""

import asyncio
import json
import resource
import socket
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop

from penstock.block import Block
from penstock.clock import Clock, SystemClock
from penstock.fields import Address
from penstock.sources.base import SourceContext
from penstock.sources.connection import BIG
from penstock.sources.framing import MARK
from penstock.sources.intake import LEAST
from penstock.sources.stream import StreamSource
from penstock.sources.tcp import TcpSettings
from penstock.testing import ManualClock

_LOOPS = pytest.mark.parametrize("run", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])


def on_both_loops(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """The test, run on uvloop and on asyncio's own loop."""

    def both(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        run(test())

    marked: Callable[..., None] = _LOOPS(both)
    return marked


class Taken:
    end = 0
    written = True

    async def durable(self) -> None: ...


class Rig:
    def __init__(self, clock: Clock, memory: int = 2**26, **settings: Any) -> None:
        self.blocks: list[Block] = []
        source = TcpSettings(type="tcp", listen=Address("127.0.0.1", 0), **settings).build(
            SourceContext("app", "host-1", clock, memory)
        )
        assert isinstance(source, StreamSource)
        self.source = source

    def accept(self, block: Block) -> Taken:
        self.blocks.append(block)
        return Taken()

    @property
    def port(self) -> int:
        return int(self.source.endpoint().rpartition(":")[2])

    @property
    def messages(self) -> list[object]:
        return [json.loads(line).get("message") for block in self.blocks for line in block.lines()]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


@asynccontextmanager
async def running(clock: Clock | None = None, **settings: Any) -> AsyncIterator[Rig]:
    rig = Rig(clock or SystemClock(), **settings)
    await rig.source.start(rig.accept)
    try:
        yield rig
    finally:
        await rig.source.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # what is waited for is the state of another part
            await asyncio.sleep(0.001)


@on_both_loops
async def test_lines_arrive_and_a_last_one_without_newline_too() -> None:
    async with running() as rig:
        _, writer = await rig.connect()
        writer.write(b'first\r\n{"message":"second"}\nlast')
        await writer.drain()
        await until(lambda: len(rig.messages) == 2)
        writer.close()
        await until(lambda: len(rig.messages) == 3)
        assert rig.messages == ["first", "second", "last"]
        await until(lambda: rig.source.stats.connections == 0)
        assert rig.source.stats.bytes == 32


@on_both_loops
async def test_a_writer_that_shuts_down_its_side_gets_ours_closed() -> None:
    async with running() as rig:
        reader, writer = await rig.connect()
        writer.write(b"only")
        writer.write_eof()
        assert await reader.read() == b""
        await until(lambda: rig.messages == ["only"])
        writer.close()


@on_both_loops
async def test_one_byte_at_a_time() -> None:
    async with running() as rig:
        _, writer = await rig.connect()
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        text = "".join(f"line {n} é\n" for n in range(20)).encode()
        for byte in text:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        await until(lambda: len(rig.messages) == 20)
        assert rig.messages == [f"line {n} é" for n in range(20)]
        writer.close()


@on_both_loops
async def test_a_thousand_connections_at_once_mix_nothing_up() -> None:
    async with running() as rig:
        writers = [(await rig.connect())[1] for _ in range(1000)]
        assert rig.source.stats.connections <= 1000
        for half in (b'{"message":"from ', b'%d"}\n'):
            for n, writer in enumerate(writers):
                writer.write(half % n if b"%d" in half else half)
                await asyncio.sleep(0)
        await until(lambda: len(rig.messages) == 1000)
        assert sorted(map(str, rig.messages)) == sorted(f"from {n}" for n in range(1000))
        for writer in writers:
            writer.close()


@on_both_loops
async def test_floods_from_many_arrive_whole_and_in_the_order_of_each() -> None:
    count, connections = 4_000, 8
    async with running() as rig:

        async def flood(name: int) -> None:
            _, writer = await rig.connect()
            for n in range(0, count, 100):
                writer.write(
                    b"".join(
                        [b'{"c":%d,"n":%d,"x":"%s"}\n' % (name, i, b"x" * 150) for i in range(n, n + 100)]
                    )
                )
                await writer.drain()
            writer.close()

        await asyncio.gather(*(flood(name) for name in range(connections)))
        await until(lambda: rig.source.stats.events == count * connections)
        seen: dict[int, list[int]] = {}
        for block in rig.blocks:
            for line in block.lines():
                event = json.loads(line)
                seen.setdefault(event["c"], []).append(event["n"])
        assert seen == {name: list(range(count)) for name in range(connections)}
        assert rig.source.stats.wrapped == 0


@on_both_loops
async def test_no_more_than_the_connections_allowed_and_the_refused_is_told() -> None:
    async with running(max_connections=2) as rig:
        first, second = await rig.connect(), await rig.connect()
        await until(lambda: rig.source.stats.connections == 2)
        reader, writer = await rig.connect()
        assert b"2 connections are open" in await reader.read()
        writer.close()
        assert (rig.source.stats.connections_refused, rig.source.stats.connections) == (1, 2)
        first[1].close()
        await until(lambda: rig.source.stats.connections == 1)
        _, again = await rig.connect()
        again.write(b"taken\n")
        await until(lambda: rig.messages == ["taken"])
        again.close()
        second[1].close()


@on_both_loops
async def test_paused_nothing_is_read_and_the_writer_waits() -> None:
    async with running() as rig:
        _, early = await rig.connect()
        await until(lambda: rig.source.stats.connections == 1)
        rig.source.pause()
        assert rig.source.stats.paused
        _, late = await rig.connect()
        early.write(b"early\n")
        late.write((b'{"message":"' + b"z" * 1000 + b'"}\n') * 20_000)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(late.drain(), 0.1)
        assert rig.source.stats.bytes <= LEAST  # of the new one: uvloop reads once before it can be told
        rig.source.resume()
        await late.drain()
        await until(lambda: rig.source.stats.events == 20_001)
        early.close()
        late.close()


@on_both_loops
async def test_a_reset_loses_nothing_that_was_received() -> None:
    async with running() as rig:
        _, writer = await rig.connect()
        writer.write(b"whole\nhalf of")
        await until(lambda: rig.messages == ["whole"])
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        await until(lambda: rig.messages == ["whole", "half of"])
        assert rig.source.stats.connections == 0


@on_both_loops
async def test_stop_takes_what_the_kernel_holds_and_what_is_unfinished() -> None:
    async with running() as rig:
        writers = [(await rig.connect())[1] for _ in range(3)]
        await until(lambda: rig.source.stats.connections == 3)
        rig.source.pause()
        for n, writer in enumerate(writers):
            writer.write(b'{"message":"x"}\n' * 10_000 + b"unfinished %d" % n)
            await writer.drain()
        _, unseen = await rig.connect()
        unseen.write(b"unseen\n")
        await unseen.drain()
        await rig.source.stop()
        assert len(rig.messages) == 30_004
        assert set(rig.messages) == {"x", "unfinished 0", "unfinished 1", "unfinished 2", "unseen"}
        assert rig.source.stats.connections == 0
        with pytest.raises(ConnectionRefusedError):
            await rig.connect()
        await rig.source.ended()
        for writer in [*writers, unseen]:
            writer.close()


@on_both_loops
async def test_long_lines_are_cut_and_the_connection_goes_on() -> None:
    async with running(max_line=1000) as rig:
        _, writer = await rig.connect()
        writer.write(b"x" * 5_000_000 + b"\nafter\n")
        await writer.drain()
        await until(lambda: len(rig.messages) == 2)
        assert rig.messages == ["x" * (1000 - len(MARK)) + MARK.decode(), "after"]
        assert rig.source.stats.truncated == 1
        writer.close()


@on_both_loops
async def test_an_endless_line_costs_no_memory() -> None:
    async with running() as rig:
        _, writer = await rig.connect()
        chunk = b"x" * 2**20
        before = 0
        for n in range(256):
            if n == 16:
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            writer.write(chunk)
            await writer.drain()
        writer.write(b"\nafter\n")
        await until(lambda: len(rig.messages) == 2)
        assert rig.messages[1] == "after"
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024
        writer.close()


@on_both_loops
async def test_unfinished_lines_of_all_together_are_bounded() -> None:
    async with running(memory=4 * BIG) as rig:
        writers = [(await rig.connect())[1] for _ in range(6)]
        for writer in writers:
            writer.write(b"y" * 2 * BIG)
            await writer.drain()
        await until(lambda: rig.source.stats.bytes == 12 * BIG)
        assert rig.source._unfinished <= 4 * BIG
        for writer in writers:
            writer.write(b"\nok\n")
            writer.close()
        await until(lambda: rig.source.stats.connections == 0)
        await until(lambda: rig.messages.count("ok") == 6)
        assert rig.source.stats.truncated > 0
        assert rig.source._unfinished == 0


@on_both_loops
async def test_octet_counted_messages_with_newlines_are_one_event_each() -> None:
    async with running(framing="octet_counting") as rig:
        reader, writer = await rig.connect()
        for message in (b"two\nlines", b'{"message":\n"json"}', b"plain\n"):
            writer.write(b"%d %s" % (len(message), message))
        await until(lambda: len(rig.messages) == 3)
        assert rig.messages == ["two\nlines", "json", "plain"]
        writer.write(b"4 good oops")
        assert b"message length" in await reader.read()
        await until(lambda: rig.messages[3:] == ["good"])
        assert rig.source.stats.discarded == 1
        writer.close()


@on_both_loops
async def test_idle_connections_are_closed_and_told_and_busy_ones_stay() -> None:
    clock = ManualClock()
    async with running(clock, idle_timeout=10) as rig:
        reader, writer = await rig.connect()
        busy_reader, busy = await rig.connect()
        await until(lambda: rig.source.stats.connections == 2)
        writer.write(b"unfinished")
        busy.write(b"half")
        await until(lambda: rig.source.stats.bytes == 14)
        await clock.advance(9)
        busy.write(b"-line\n")
        await until(lambda: rig.source.stats.bytes == 20)
        await clock.advance(4)
        assert b"nothing came for 10s" in await reader.read()
        await clock.advance(0.01)
        assert sorted(map(str, rig.messages)) == ["half-line", "unfinished"]
        assert rig.source.stats.connections == 1
        assert not busy_reader.at_eof()
        writer.close()
        busy.close()


@on_both_loops
async def test_a_pause_makes_nobody_idle() -> None:
    clock = ManualClock()
    async with running(clock, idle_timeout=10) as rig:
        _, writer = await rig.connect()
        await until(lambda: rig.source.stats.connections == 1)
        rig.source.pause()
        await clock.advance(24)
        rig.source.resume()
        await clock.advance(3)
        assert rig.source.stats.connections == 1
        await clock.advance(20)
        await until(lambda: rig.source.stats.connections == 0)
        writer.close()


@on_both_loops
async def test_an_idle_source_has_no_timeout_unless_asked() -> None:
    clock = ManualClock()
    async with running(clock) as rig:
        _, writer = await rig.connect()
        await until(lambda: rig.source.stats.connections == 1)
        await clock.advance(1_000)
        assert rig.source.stats.connections == 1
        writer.close()
