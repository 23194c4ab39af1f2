import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from penstock.clock import SystemClock
from penstock.fields import Address
from penstock.sandbox.listener import Listener


async def greets(address: Address) -> bool:
    """Whether somebody listens there; who is refused raises `ConnectionRefusedError` on Linux."""
    try:
        reader, writer = await asyncio.open_connection(address.host, address.port)
    except ConnectionRefusedError:
        return False
    assert await reader.read() == b"hello"
    writer.close()
    return True


class Hello(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        transport.write(b"hello")
        transport.close()


@pytest.mark.parametrize("loop", [None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_it_is_shut_and_opened_at_the_same_port(loop: Callable[[], Any] | None) -> None:
    async def play() -> None:
        listener = Listener("hello", SystemClock(), Hello)
        address = await listener.start(Address("127.0.0.1", 0))
        for _ in range(2):
            assert (await greets(address), listener.is_shut) == (True, False)
            await listener.shut()
            assert (await greets(address), listener.is_shut) == (False, True)
            await listener.open()
        listener.stop()
        assert not await greets(address)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(play())


async def test_nobody_takes_its_port_while_it_is_shut() -> None:
    listener = Listener("hello", SystemClock(), Hello)
    address = await listener.start(Address("127.0.0.1", 0))
    await listener.shut()
    with pytest.raises(OSError, match="in use"):
        await asyncio.get_running_loop().create_server(Hello, address.host, address.port, reuse_address=False)
    listener.stop()
