import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from penstock.clock import SystemClock
from penstock.errors import StartError
from penstock.sources.base import Source, SourceContext
from penstock.sources.unix_datagram import UnixDatagramSettings
from penstock.testing import Acceptor

Start = Callable[..., Awaitable[Source]]


@pytest.fixture
async def taken() -> Acceptor:
    return Acceptor()


@pytest.fixture
async def start(taken: Acceptor, path: Path) -> AsyncIterator[Start]:
    sources: list[Source] = []

    async def begin(**options: object) -> Source:
        settings = UnixDatagramSettings.model_validate(
            {"type": "unix_datagram", "path": str(path), **options}
        )
        source = settings.build(SourceContext("local", "host-1", SystemClock()))
        await source.start(taken)
        sources.append(source)
        return source

    yield begin
    for source in sources:
        await source.stop()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sock"


def send(path: Path, *payloads: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
        sender.connect(os.fsencode(path))
        sender.setblocking(False)
        for payload in payloads:
            sender.send(payload)


def mode_of(path: Path) -> int | None:
    return path.stat().st_mode & 0o777 if path.exists() else None


async def test_takes_datagrams_and_tells_where(start: Start, taken: Acceptor, path: Path) -> None:
    source = await start()
    assert source.endpoint() == f"unix-datagram://{path}"
    send(path, b'{"a":1}', b"<13>text\0\n", b"")
    await taken.wait_for(2)
    first, second = taken.events()
    assert first == {"a": 1}
    assert second["message"] == "<13>text\0"


async def test_the_socket_has_its_mode_and_goes_at_stop(start: Start, path: Path) -> None:
    source = await start(mode="0620")
    assert mode_of(path) == 0o620
    await source.stop()
    assert mode_of(path) is None


async def test_a_stale_socket_is_replaced_and_a_live_one_is_not(
    start: Start, taken: Acceptor, path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stale:
        stale.bind(os.fsencode(path))
    await start()
    with pytest.raises(StartError, match="taken"):
        await start()
    send(path, b"{}")
    await taken.wait_for(1)


async def test_larger_than_a_udp_datagram(start: Start, taken: Acceptor, path: Path) -> None:
    source = await start(max_line="2MiB")
    payload = b'{"text":"%s"}' % (b"x" * 150_000)
    send(path, payload)
    await taken.wait_for(1)
    assert taken.lines() == [payload]
    assert source.stats.truncated == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system sends no such datagram")
async def test_over_the_largest_its_last_line_is_cut_with_a_mark_and_the_rest_stays(
    start: Start, taken: Acceptor, path: Path
) -> None:
    source = await start(max_line="8MiB")
    send(path, b"{}\nlong" + b"x" * 2**20)
    send(path, b'{"next":1}')
    await taken.wait_for(3)
    first, cut, following = taken.events()
    assert (first, following) == ({}, {"next": 1})
    message = cut["message"]
    assert isinstance(message, str)
    assert message.startswith("longxxx")
    assert message.endswith("x…[cut]")
    assert len(message.encode()) == 2**20 - 3 + len("…[cut]".encode())
    assert source.stats.truncated == 1
    assert source.stats.bytes >= 2**20


async def test_senders_wait_while_paused(start: Start, taken: Acceptor, path: Path) -> None:
    source = await start()
    source.pause()
    sent = 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(os.fsencode(path))
        sender.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while sent < 100_000:
                sender.send(b"{}")
                sent += 1
    assert 0 < sent < 100_000
    await asyncio.sleep(0.01)
    assert taken.blocks == []
    source.resume()
    await taken.wait_for(sent)
    assert source.stats.kernel_drops == 0
