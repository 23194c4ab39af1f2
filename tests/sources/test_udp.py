import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import structlog

from penstock.clock import SystemClock
from penstock.errors import StartError
from penstock.sources.base import Source, SourceContext
from penstock.sources.udp import UdpSettings
from penstock.testing import Acceptor

Start = Callable[[str], Awaitable[Source]]


@pytest.fixture
async def taken() -> Acceptor:
    return Acceptor()


@pytest.fixture
async def start(taken: Acceptor) -> AsyncIterator[Start]:
    sources: list[Source] = []

    async def begin(listen: str) -> Source:
        settings = UdpSettings.model_validate({"type": "udp", "listen": listen})
        source = settings.build(SourceContext("net", "host-1", SystemClock()))
        await source.start(taken)
        sources.append(source)
        return source

    yield begin
    for source in sources:
        await source.stop()


def port_of(source: Source) -> int:
    return int(source.endpoint().rpartition(":")[2])


def send(family: socket.AddressFamily, host: str, port: int, payload: bytes) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**18)
        sender.sendto(payload, (host, port))


async def test_takes_datagrams_and_tells_where(start: Start, taken: Acceptor) -> None:
    source = await start("127.0.0.1:0")
    assert source.endpoint() == f"udp://127.0.0.1:{port_of(source)}"
    assert port_of(source) > 0
    send(socket.AF_INET, "127.0.0.1", port_of(source), b'{"a":1}')
    await taken.wait_for(1)
    assert taken.lines() == [b'{"a":1}']


async def test_the_largest_datagram_comes_whole(start: Start, taken: Acceptor) -> None:
    source = await start("127.0.0.1:0")
    payload = b'{"text":"%s"}' % (b"x" * (65_507 - 11))
    send(socket.AF_INET, "127.0.0.1", port_of(source), payload)
    await taken.wait_for(1)
    assert taken.lines() == [payload]
    assert source.stats.truncated == 0


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
async def test_ipv6(start: Start, taken: Acceptor) -> None:
    source = await start("[::1]:0")
    assert source.endpoint() == f"udp://[::1]:{port_of(source)}"
    send(socket.AF_INET6, "::1", port_of(source), b"{}")
    await taken.wait_for(1)


async def test_a_name_is_listened_at_on_all_its_addresses(start: Start, taken: Acceptor) -> None:
    source = await start("localhost:0")
    found = socket.getaddrinfo("localhost", None, type=socket.SOCK_DGRAM)
    addresses = {(family, str(where[0])) for family, _, _, _, where in found}
    for family, host in addresses:
        send(family, host, port_of(source), b"{}")
    await taken.wait_for(len(addresses))


async def test_what_stands_in_the_way_is_told(start: Start) -> None:
    source = await start("127.0.0.1:0")
    with pytest.raises(StartError, match=r"net: cannot listen at udp .* taken by another process"):
        await start(f"127.0.0.1:{port_of(source)}")
    with pytest.raises(StartError, match="no such address"):
        await start("192.0.2.1:0")
    with pytest.raises(StartError, match="cannot be resolved"):
        await start("no-such-host.invalid:0")


async def test_warns_where_anybody_may_send(start: Start) -> None:
    with structlog.testing.capture_logs() as logs:
        await start("127.0.0.1:0")
        await start("0.0.0.0:0")
    assert [entry["event"] for entry in logs] == ["open to the network, UDP can check no sender"]
