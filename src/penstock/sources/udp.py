"""Lines over UDP: for senders that must not wait. What nobody reads in time the kernel drops, and we count it."""

import asyncio
import errno
import os
import socket
from typing import Final, Literal

import structlog

from penstock.errors import StartError
from penstock.fields import Address
from penstock.sources.base import Source, SourceContext
from penstock.sources.datagram import DatagramSettings, DatagramSource

log = structlog.get_logger(__name__)

_LARGEST: Final = 2**16
"""No UDP datagram is longer."""


class UdpSettings(DatagramSettings):
    """Lines over UDP: a datagram is one or more lines."""

    type: Literal["udp"]
    listen: Address
    """Where to listen: `host:port`, `[::1]:port` for IPv6; port 0 takes any free one."""

    def build(self, context: SourceContext) -> Source:
        return DatagramSource(self, context, UdpPort(self.listen, context.name))


class UdpPort:
    """An address; a name that stands for several is listened at on each."""

    largest = _LARGEST

    def __init__(self, address: Address, name: str) -> None:
        self._address = address
        self._name = name

    async def open(self) -> list[socket.socket]:
        if not self._address.is_loopback:
            log.warning(
                "open to the network, UDP can check no sender", source=self._name, listen=str(self._address)
            )
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

    def endpoint(self) -> str:
        return f"udp://{self._address}"

    def close(self) -> None:
        """Nothing is left behind."""

    async def _resolved(self) -> list[tuple[socket.AddressFamily, str]]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._address.host, None, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
            )
        except socket.gaierror as exc:
            raise StartError(
                f"{self._name}: {self._address.host} cannot be resolved: {exc.strerror}"
            ) from exc
        return list(dict.fromkeys((family, str(where[0])) for family, _, _, _, where in found))

    def _bound(self, family: socket.AddressFamily, host: str) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((host, self._address.port))
        except OSError as exc:
            sock.close()
            raise StartError(f"{self._name}: cannot listen at udp {self._address}: {_why(exc)}") from exc
        sock.setblocking(False)
        return sock


def _why(exc: OSError) -> str:
    match exc.errno:
        case errno.EADDRINUSE:
            return "the port is taken by another process"
        case errno.EACCES:
            return "not allowed (ports below 1024 need CAP_NET_BIND_SERVICE)"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address"
        case _:
            return os.strerror(exc.errno or 0)
