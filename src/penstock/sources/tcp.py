"""Lines over TCP, by option with TLS."""

import asyncio
import errno
import os
import socket
from typing import Final, Literal

import structlog
from pydantic import Field

from penstock.errors import StartError
from penstock.fields import Address, Duration
from penstock.sources.base import Source, SourceContext
from penstock.sources.owner import port_owner
from penstock.sources.stream import StreamSettings, StreamSource
from penstock.sources.tls import ListenTls, ServerTls

log = structlog.get_logger(__name__)

_PROBES: Final = 6
"""Unanswered keep-alive probes, 10 s apart, after which a connection is dead."""


class TcpSettings(StreamSettings):
    """Lines over TCP."""

    type: Literal["tcp"]
    listen: Address
    """Where to listen: `host:port`, `[::1]:port` for IPv6; port 0 takes any free one."""
    tls: ListenTls | None = None
    """Take connections over TLS only."""
    keepalive: Duration = Field(default=60.0, ge=0)
    """Ask the other side whether it is still there when it has been silent for this long; 0: never."""

    def build(self, context: SourceContext) -> Source:
        return StreamSource(self, context, TcpListener(self, context.name))


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
        sockets: list[socket.socket] = []
        try:
            for family, host in await self._resolved():
                sockets.append(self._bound(family, host))
                self._address = Address(self._address.host, sockets[0].getsockname()[1])
        except StartError:
            for sock in sockets:
                sock.close()
            raise
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

    async def _resolved(self) -> list[tuple[socket.AddressFamily, str]]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(
                self._address.host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        except socket.gaierror as exc:
            raise StartError(
                f"{self._name}: {self._address.host} cannot be resolved: {exc.strerror}"
            ) from exc
        return list(dict.fromkeys((family, str(where[0])) for family, _, _, _, where in found))

    def _bound(self, family: socket.AddressFamily, host: str) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((host, self._address.port))
        except OSError as exc:
            sock.close()
            raise StartError(f"{self._name}: cannot listen at {self._address}: {self._why(exc)}") from exc
        sock.setblocking(False)
        return sock

    def _why(self, exc: OSError) -> str:
        match exc.errno:
            case errno.EADDRINUSE:
                owner = port_owner(self._address.port)
                return f"the port is taken by {owner}" if owner else "the port is taken by another process"
            case errno.EACCES:
                return "not allowed (ports below 1024 need CAP_NET_BIND_SERVICE)"
            case errno.EADDRNOTAVAIL:
                return "this machine has no such address"
            case _:
                return os.strerror(exc.errno or 0)
