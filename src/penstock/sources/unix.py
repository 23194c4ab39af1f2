"""Lines over a Unix stream socket."""

import asyncio
import errno
import os
import socket
import stat
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from penstock.errors import StartError
from penstock.sources.base import Source, SourceContext
from penstock.sources.stream import StreamSettings, StreamSource
from penstock.sources.tls import ServerTls

LONGEST_PATH: Final = 107
"""Bytes that sockaddr_un has room for, on Linux (unix(7)); macOS has three less."""


def parse_mode(value: object) -> object:
    """Permissions, from `"0660"` or `"0o660"` as text, or from YAML's `0660`, which is a number already."""
    if isinstance(value, str):
        try:
            return int(value.removeprefix("0o"), 8)
        except ValueError:
            raise ValueError('is not a mode: write octal digits in quotes, such as "0660"') from None
    return value


FileMode = Annotated[int, BeforeValidator(parse_mode), Field(ge=0, le=0o777)]
"""Permissions of a file."""


class UnixSettings(StreamSettings):
    """Lines over a Unix stream socket."""

    type: Literal["unix"]
    path: Path
    """Where the socket appears; removed at stop."""
    mode: FileMode = 0o660
    """Who may write: its permissions, in octal."""

    def build(self, context: SourceContext) -> Source:
        return StreamSource(self, context, UnixListener(self, context.name))


class UnixListener:
    """Listens at a path."""

    def __init__(self, settings: UnixSettings, name: str) -> None:
        self.tls: ServerTls | None = None
        self._settings = settings
        self._name = name
        self._inode = 0

    async def open(self) -> list[socket.socket]:
        sock = bind_unix(self._name, self._settings.path, self._settings.mode, socket.SOCK_STREAM)
        self._inode = self._settings.path.stat().st_ino
        return [sock]

    def taken(self, transport: asyncio.Transport) -> None:
        """Needs nothing."""

    def endpoint(self) -> str:
        return f"unix://{self._settings.path}"

    def close(self) -> None:
        remove_socket(self._settings.path, self._inode)


def bind_unix(name: str, path: Path, mode: int, kind: socket.SocketKind) -> socket.socket:
    """A socket bound at `path`, not listening yet, in place of one that nobody listens at any more.

    Raises `StartError`, beginning with `name`.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise StartError(f"{name}: the path {path} is too long for a socket: at most {LONGEST_PATH} bytes")
    sock = socket.socket(socket.AF_UNIX, kind)
    try:
        _remove_stale(name, path, kind)
        sock.bind(os.fsencode(path))
        path.chmod(mode)  # before anybody can connect
    except OSError as exc:
        sock.close()
        raise StartError(f"{name}: cannot listen at {path}: {_why(exc, path)}") from exc
    except StartError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def remove_socket(path: Path, inode: int) -> None:
    """Removes the socket at `path`, if it is still the one with this inode."""
    try:
        if path.stat().st_ino == inode:
            path.unlink()
    except OSError:  # gone already, or no longer ours to remove
        return


def _remove_stale(name: str, path: Path, kind: socket.SocketKind) -> None:
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found):
        raise StartError(f"{name}: {path} exists and is no socket: remove it, or choose another path")
    with socket.socket(socket.AF_UNIX, kind) as probe:
        probe.setblocking(False)
        try:
            probe.connect(os.fsencode(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except BlockingIOError:  # its backlog is full: somebody is there
            pass
    raise StartError(f"{name}: {path} is taken: another process listens there")


def _why(exc: OSError, path: Path) -> str:
    match exc.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return f"there is no folder {path.parent}"
        case errno.EACCES | errno.EPERM:
            return f"not allowed to write in {path.parent}"
        case _:
            return os.strerror(exc.errno or 0)
