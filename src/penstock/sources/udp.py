"""Lines over UDP: for senders that must not wait. What nobody reads in time the kernel drops, and we count it."""

import socket
from typing import Final, Literal

import structlog

from penstock.fields import Address
from penstock.sockets import bind_inet
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
        sockets = await bind_inet(self._name, self._address, socket.SOCK_DGRAM)
        self._address = Address(self._address.host, sockets[0].getsockname()[1])
        return sockets

    def endpoint(self) -> str:
        return f"udp://{self._address}"

    def close(self) -> None:
        """Nothing is left behind."""
