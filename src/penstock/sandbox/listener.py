"""A listener that can be shut for a time and keeps its port meanwhile: who connects then is refused."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

from penstock.clock import Clock, sleep
from penstock.errors import StartError
from penstock.fields import Address
from penstock.sockets import bind_inet

BACKLOG: Final = 512
"""Connections that the kernel holds until they are taken."""
_AGAIN: Final = 0.005
_PATIENCE: Final = 2.0
"""Seconds within which the event loop has to have closed what it was told to close."""


class Listener:
    """From `start` to `stop`; `shut` and `open` in between."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        protocol: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.address = Address("127.0.0.1", 0)
        """Where it listens, with the port that was given."""
        self.is_shut = False
        self._name = name
        self._clock = clock
        self._protocol = protocol
        self._tls = tls
        self._bound: list[socket.socket] = []
        """Bound, not listening: the kernel refuses who connects, and gives the port to nobody else."""
        self._servers: list[asyncio.Server] = []

    async def start(self, listen: Address) -> Address:
        """Binds and listens. Raises `StartError`."""
        self._bound = await bind_inet(self._name, listen, socket.SOCK_STREAM)
        self.address = Address(listen.host, self._bound[0].getsockname()[1])
        await self.open()
        return self.address

    async def open(self) -> None:
        """Listens."""
        loop = asyncio.get_running_loop()
        while self._bound:
            sock = self._bound.pop()
            self._servers.append(
                await loop.create_server(self._protocol, sock=sock, ssl=self._tls, backlog=BACKLOG)
            )
        self.is_shut = False

    async def shut(self) -> None:
        """Listens no longer. Connections that are open are the server's to end."""
        self.is_shut = True
        self._close()
        until = self._clock.monotonic() + _PATIENCE
        while True:
            try:
                self._bound = await bind_inet(self._name, self.address, socket.SOCK_STREAM)
            except StartError:  # a loop may close its sockets a turn later
                if self._clock.monotonic() > until:
                    raise
                await sleep(self._clock, _AGAIN)
            else:
                return

    def stop(self) -> None:
        """Gives the port back."""
        self._close()
        for sock in self._bound:
            sock.close()
        self._bound.clear()

    def _close(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
