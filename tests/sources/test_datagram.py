import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import structlog

from penstock.clock import Clock, SystemClock
from penstock.sources import datagram
from penstock.sources.base import Source, SourceContext
from penstock.sources.udp import UdpSettings
from penstock.testing import Acceptor, ManualClock

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")

Start = Callable[..., Awaitable[tuple[Source, socket.socket]]]


@pytest.fixture
async def taken() -> Acceptor:
    return Acceptor()


@pytest.fixture
async def start(taken: Acceptor) -> AsyncIterator[Start]:
    """Starts a source; gives it and a socket that sends to it."""
    sources: list[Source] = []
    senders: list[socket.socket] = []

    async def begin(clock: Clock | None = None, **options: object) -> tuple[Source, socket.socket]:
        settings = UdpSettings.model_validate({"type": "udp", "listen": "127.0.0.1:0", **options})
        source = settings.build(SourceContext("net", "host-1", clock or SystemClock()))
        await source.start(taken)
        sources.append(source)
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.connect(("127.0.0.1", int(source.endpoint().rpartition(":")[2])))
        senders.append(sender)
        return source, sender

    yield begin
    for source in sources:
        await source.stop()
    for sender in senders:
        sender.close()


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_a_datagram_is_one_or_more_lines(start: Start, taken: Acceptor) -> None:
    source, sender = await start()
    for payload in (
        b'{"a":1}',
        b'{"b":2}\n',
        b'{"c":3}\n{"d":4}\r\n',
        b"",
        b"\n",
        b"<13>Nov  1 text",
        b"x\ny",
    ):
        sender.send(payload)
    await taken.wait_for(7)
    events = taken.events()
    assert events[:4] == [{"a": 1}, {"b": 2}, {"c": 3}, {"d": 4}]
    assert [event["message"] for event in events[4:]] == ["<13>Nov  1 text", "x", "y"]
    assert (source.stats.events, source.stats.wrapped, source.stats.blank) == (7, 3, 1)
    assert all(block.source == "net" for block in taken.blocks)


async def test_what_waits_is_one_block(start: Start, taken: Acceptor) -> None:
    source, sender = await start(ManualClock())  # no turn is ever too long
    source.pause()
    for n in range(500):
        sender.send(b'{"n":%d}' % n)
    source.resume()
    await taken.wait_for(500)
    assert [event["n"] for event in taken.events()] == list(range(500))
    assert len(taken.blocks) == 1
    assert source.stats.kernel_drops == 0


async def test_the_first_goes_at_once_and_what_follows_closely_together(
    start: Start, taken: Acceptor
) -> None:
    clock = ManualClock()
    _, sender = await start(clock)
    sender.send(b"{}")
    await turns()
    assert len(taken.blocks) == 1
    for _ in range(3):
        sender.send(b"{}")
        await turns()
    assert len(taken.blocks) == 1
    began = clock.time()
    await clock.advance(datagram.WAIT)
    assert [block.count for block in taken.blocks] == [1, 3]
    assert taken.blocks[1].arrived == began  # of the oldest
    await clock.advance(1)
    sender.send(b"{}")
    await turns()
    assert [block.count for block in taken.blocks] == [1, 3, 1]


async def test_a_full_buffer_is_a_block_at_once(
    start: Start, taken: Acceptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, sender = await start(ManualClock())
    source.pause()
    line = b'{"text":"%s"}\n' % (b"x" * 2000)
    for _ in range(300):
        sender.send(line)
    source.resume()
    await taken.wait_for(256)
    await turns()
    assert len(taken.blocks) >= 2
    assert all(len(block.data) < datagram.ENOUGH + 2 * len(line) for block in taken.blocks)
    await source.stop()
    assert taken.lines() == [line[:-1]] * 300
    assert source.stats.bytes == 300 * len(line)


async def test_nothing_is_taken_while_paused_and_all_of_it_after(start: Start, taken: Acceptor) -> None:
    source, sender = await start()
    source.pause()
    sender.send(b'{"a":1}')
    await turns()
    assert taken.blocks == []
    assert source.stats.paused
    source.resume()
    await taken.wait_for(1)
    assert not source.stats.paused


async def test_pause_hands_over_what_was_read(start: Start, taken: Acceptor) -> None:
    source, sender = await start(ManualClock())
    for _ in range(2):
        sender.send(b"{}")
        await turns()
    assert sum(block.count for block in taken.blocks) == 1
    source.pause()
    assert sum(block.count for block in taken.blocks) == 2


async def test_stop_takes_what_the_kernel_holds(start: Start, taken: Acceptor) -> None:
    source, sender = await start()
    source.pause()
    for n in range(1000):
        sender.send(b'{"n":%d}' % n)
    await source.stop()
    assert [event["n"] for event in taken.events()] == list(range(1000))
    await source.ended()
    await source.stop()


@linux
async def test_what_the_kernel_drops_is_counted(start: Start, taken: Acceptor) -> None:
    clock = ManualClock()
    source, sender = await start(clock, receive_buffer="4KiB")
    source.pause()
    for _ in range(200):
        sender.send(b'{"a":1}')
    await clock.advance(datagram.LOOK)
    dropped = source.stats.kernel_drops
    assert 0 < dropped < 200
    await clock.advance(datagram.LOOK)
    assert source.stats.kernel_drops == dropped
    await source.stop()
    assert len(taken.events()) + source.stats.kernel_drops == 200


@linux
async def test_a_smaller_buffer_than_asked_for_is_told_once(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datagram, "_SO_RCVBUFFORCE", 2**15 - 1)  # as without CAP_NET_ADMIN: no such option
    with structlog.testing.capture_logs() as logs:
        await start(receive_buffer="1GiB")
        await start(receive_buffer="64KiB")
    (told,) = logs
    assert told["event"] == "receive buffer smaller than asked for"
    assert told["asked"] == "1GiB"
    assert told["remedy"] == f"sysctl -w net.core.rmem_max={2**30}"


async def test_lines_over_the_limit_are_cut_or_dropped(start: Start, taken: Acceptor) -> None:
    source, sender = await start(max_line=64)
    sender.send(b"y" * 64 + b"\n" + b"x" * 74 + b"\nshort")
    await taken.wait_for(3)
    assert [event["message"] for event in taken.events()] == ["y" * 64, "x" * 56 + "…[cut]", "short"]
    assert source.stats.truncated == 1
    taken.blocks.clear()
    source, sender = await start(max_line=64, long_lines="drop")
    sender.send(b"x" * 74 + b"\nshort")
    await taken.wait_for(1)
    assert [event["message"] for event in taken.events()] == ["short"]
    assert (source.stats.truncated, source.stats.discarded) == (0, 1)


async def test_a_flood_leaves_the_loop_its_turns(
    start: Start, taken: Acceptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datagram, "BUDGET", 0.0)
    source, sender = await start()
    source.pause()
    for _ in range(300):
        sender.send(b"{}")
    source.resume()
    rounds = 0
    while source.stats.bytes < 900:
        await asyncio.sleep(0)
        rounds += 1
    assert rounds >= 300 // 64
    await source.stop()
    assert len(taken.events()) == 300


async def test_short_lines_make_smaller_blocks_and_usual_ones_large_blocks_again(
    start: Start, taken: Acceptor
) -> None:
    source, sender = await start(receive_buffer="4MiB")
    short, usual = b"\xff\n" * 15_000, (b'{"a":"' + b"x" * 240 + b'"}\n') * 200
    for _ in range(8):
        sender.send(short)
    await taken.wait_for(8 * 15_000)
    assert max(block.count for block in taken.blocks) <= 30_000  # one datagram is not split
    before = len(taken.blocks)
    for _ in range(40):
        sender.send(usual)
        await asyncio.sleep(0)
    await taken.wait_for(8 * 15_000 + 40 * 200)
    assert taken.lines()[-200:] == usual.splitlines()
    assert len(taken.blocks) - before <= 40
    assert source.stats.kernel_drops == 0


async def test_a_flood_of_short_lines_leaves_the_loop_its_turns(start: Start, taken: Acceptor) -> None:
    """What waits is not all decoded in one turn."""
    source, sender = await start(SystemClock(), receive_buffer="4MiB")
    for _ in range(30):
        sender.send(b"\xff\n" * 15_000)
    turns = 0
    while sum(block.count for block in taken.blocks) + source.stats.kernel_drops * 15_000 < 450_000:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 10
