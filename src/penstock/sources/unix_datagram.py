"""Lines over a Unix datagram socket, as `logger -u` sends them: senders wait where nobody reads, nothing is dropped."""

import socket
from pathlib import Path
from typing import Final, Literal

from penstock.file_mode import FileMode
from penstock.sockets import bind_unix, remove_socket
from penstock.sources.base import Source, SourceContext
from penstock.sources.datagram import DatagramSettings, DatagramSource

_LARGEST: Final = 2**20
"""Senders can send more only where their SO_SNDBUF was raised beyond it."""


class UnixDatagramSettings(DatagramSettings):
    """Lines over a Unix datagram socket: a datagram is one or more lines."""

    type: Literal["unix_datagram"]
    path: Path
    """Where the socket appears; removed at stop."""
    mode: FileMode = 0o660
    """Who may write: its permissions, in octal."""

    def build(self, context: SourceContext) -> Source:
        return DatagramSource(self, context, UnixPort(self, context.name))


class UnixPort:
    """A path."""

    largest = _LARGEST

    def __init__(self, settings: UnixDatagramSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._inode = 0

    async def open(self) -> list[socket.socket]:
        settings = self._settings
        sock, self._inode = bind_unix(self._name, settings.path, settings.mode, socket.SOCK_DGRAM)
        return [sock]

    def endpoint(self) -> str:
        return f"unix-datagram://{self._settings.path}"

    def close(self) -> None:
        remove_socket(self._settings.path, self._inode)
