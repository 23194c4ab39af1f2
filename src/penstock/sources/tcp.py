"""Lines over TCP, by option with TLS."""

import asyncio
import socket
from typing import Final, Literal

import structlog
from pydantic import Field

from penstock.fields import Address, Duration
from penstock.sockets import bind_inet
from penstock.sources.base import Source, SourceContext
from penstock.sources.multiline import JoinedSettings
from penstock.sources.stream import StreamSettings, StreamSource
from penstock.sources.tls import ListenTls, ServerTls

log = structlog.get_logger(__name__)

_PROBES: Final = 6
"""Unanswered keep-alive probes, 10 s apart, after which a connection is dead."""


class TcpSettings(StreamSettings, JoinedSettings):
    """Lines over TCP."""

    type: Literal["tcp"]
    listen: Address
    """Where to listen: `host:port`, `[::1]:port` for IPv6; port 0 takes any free one."""
    tls: ListenTls | None = None
    """Take connections over TLS only."""
    keepalive: Duration = Field(default=60.0, ge=0)
    """Ask the other side whether it is still there when it has been silent for this long; 0: never."""

    def build(self, context: SourceContext) -> Source:
        joining = self.multiline.joining() if self.multiline else None
        return StreamSource(self, context, TcpListener(self, context.name), joining=joining)


class TcpListener:
    """Listens at an address; a name that stands for several is listened at on each."""

    def __init__(self, settings: TcpSettings, name: str) -> None:
        self.tls: ServerTls | None = None
        self._settings = settings
        self._name = name
        self._address = settings.listen

    async def open(self) -> list[socket.socket]:
        if self._settings.tls is not None:
            self.tls = ServerTls(self._settings.tls)
        elif not self._address.is_loopback:
            log.warning("open to the network without TLS", source=self._name, listen=str(self._address))
        sockets = await bind_inet(self._name, self._address, socket.SOCK_STREAM)
        self._address = Address(self._address.host, sockets[0].getsockname()[1])
        return sockets

    def taken(self, transport: asyncio.Transport) -> None:
        seconds = int(self._settings.keepalive)
        if not seconds:
            return
        sock: socket.socket = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):  # not on macOS
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, seconds)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)

    def endpoint(self) -> str:
        return f"{'tls' if self._settings.tls else 'tcp'}://{self._address}"

    def close(self) -> None:
        """Nothing is left behind."""
