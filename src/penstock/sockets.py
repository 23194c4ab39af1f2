"""Sockets to listen with: bound, not listening yet, and what stands in the way in words for people."""

import asyncio
import errno
import os
import socket
import stat
from pathlib import Path
from typing import Final

from penstock.errors import StartError
from penstock.fields import Address
from penstock.port_owner import port_owner

LONGEST_PATH: Final = 107
"""Bytes that sockaddr_un has room for, on Linux (unix(7)); macOS has three less."""


async def bind_inet(name: str, address: Address, kind: socket.SocketKind) -> list[socket.socket]:
    """One socket, or one for each address that a host's name stands for. Port 0: all have the same free one.

    Raises `StartError`, beginning with `name`.
    """
    sockets: list[socket.socket] = []
    try:
        for family, host in await _resolved(name, address, kind):
            sockets.append(_bound(name, family, host, address, kind))
            address = Address(address.host, sockets[0].getsockname()[1])
    except StartError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def bind_unix(name: str, path: Path, mode: int, kind: socket.SocketKind) -> tuple[socket.socket, int]:
    """A socket at `path`, in place of one that nobody listens at any more; and its inode, for `remove_socket`.

    Raises `StartError`, beginning with `name`.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise StartError(f"{name}: the path {path} is too long for a socket: at most {LONGEST_PATH} bytes")
    sock = socket.socket(socket.AF_UNIX, kind)
    try:
        _remove_stale(name, path, kind)
        sock.bind(os.fsencode(path))
        path.chmod(mode)  # before anybody can connect
        inode = path.stat().st_ino
    except OSError as exc:
        sock.close()
        raise StartError(f"{name}: cannot listen at {path}: {_why_path(exc, path)}") from exc
    except StartError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock, inode


def remove_socket(path: Path, inode: int) -> None:
    """Removes the socket at `path`, if it is still the one with this inode."""
    try:
        if path.stat().st_ino == inode:
            path.unlink()
    except OSError:  # gone already, or no longer ours to remove
        return


async def _resolved(
    name: str, address: Address, kind: socket.SocketKind
) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host, None, type=kind, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as exc:
        raise StartError(f"{name}: {address.host} cannot be resolved: {exc.strerror}") from exc
    return list(dict.fromkeys((family, str(where[0])) for family, _, _, _, where in found))


def _bound(
    name: str, family: socket.AddressFamily, host: str, address: Address, kind: socket.SocketKind
) -> socket.socket:
    sock = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, address.port))
    except OSError as exc:
        sock.close()
        where = f"udp {address}" if kind == socket.SOCK_DGRAM else str(address)
        raise StartError(f"{name}: cannot listen at {where}: {_why(exc, address.port, kind)}") from exc
    sock.setblocking(False)
    return sock


def _why(exc: OSError, port: int, kind: socket.SocketKind) -> str:
    match exc.errno:
        case errno.EADDRINUSE:
            owner = port_owner(port) if kind == socket.SOCK_STREAM else ""
            return f"the port is taken by {owner or 'another process'}"
        case errno.EACCES:
            return "not allowed (ports below 1024 need CAP_NET_BIND_SERVICE)"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address"
        case _:
            return os.strerror(exc.errno or 0)


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


def _why_path(exc: OSError, path: Path) -> str:
    match exc.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return f"there is no folder {path.parent}"
        case errno.EACCES | errno.EPERM:
            return f"not allowed to write in {path.parent}"
        case _:
            return os.strerror(exc.errno or 0)
