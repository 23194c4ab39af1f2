"""Lines over a Unix stream socket."""

import asyncio
import socket
from pathlib import Path
from typing import Literal

from penstock.file_mode import FileMode
from penstock.sockets import bind_unix, remove_socket
from penstock.sources.base import Source, SourceContext
from penstock.sources.multiline import JoinedSettings
from penstock.sources.stream import StreamSettings, StreamSource
from penstock.sources.tls import ServerTls


class UnixSettings(StreamSettings, JoinedSettings):
    """Lines over a Unix stream socket."""

    type: Literal["unix"]
    path: Path
    """Where the socket appears; removed at stop."""
    mode: FileMode = 0o660
    """Who may write: its permissions, in octal."""

    def build(self, context: SourceContext) -> Source:
        joining = self.multiline.joining() if self.multiline else None
        return StreamSource(self, context, UnixListener(self, context.name), joining=joining)


class UnixListener:
    """Listens at a path."""

    def __init__(self, settings: UnixSettings, name: str) -> None:
        self.tls: ServerTls | None = None
        self._settings = settings
        self._name = name
        self._inode = 0

    async def open(self) -> list[socket.socket]:
        settings = self._settings
        sock, self._inode = bind_unix(self._name, settings.path, settings.mode, socket.SOCK_STREAM)
        return [sock]

    def taken(self, transport: asyncio.Transport) -> None:
        """Needs nothing."""

    def endpoint(self) -> str:
        return f"unix://{self._settings.path}"

    def close(self) -> None:
        remove_socket(self._settings.path, self._inode)
