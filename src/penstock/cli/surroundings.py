"""What `penstock check` looks at beyond the configuration: plugins, certificates, folders, ports. It changes nothing."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from penstock.clock import SystemClock
from penstock.errors import PenstockError, Problem
from penstock.fields import Address
from penstock.plugins import type_of
from penstock.processors.base import ProcessorContext
from penstock.settings import Settings
from penstock.settings.paths import dead_letters
from penstock.sources.base import SourceContext
from penstock.sources.file import FileSettings
from penstock.sources.file_names import outlook
from penstock.sources.tls import ListenTls, ServerTls
from penstock.transport import TlsSettings
from penstock.wire.tls import fault


def unbuildable(settings: Settings) -> Iterator[Problem]:
    """Sources, processors and destinations that cannot be made: a package that is not installed, a wrong dotted path."""
    clock = SystemClock()
    for name, source in settings.sources.items():
        try:
            source.build(SourceContext(name, settings.host, clock))
        except PenstockError as exc:
            yield Problem(f"sources.{name}", str(exc))
    for name, destination in settings.destinations.items():
        try:
            destination.build(name)
        except PenstockError as exc:
            yield Problem(f"destinations.{name}", str(exc))
    chains = {"processors": settings.processors} | {
        f"destinations.{name}.processors": destination.processors
        for name, destination in settings.destinations.items()
    }
    for place, processors in chains.items():
        for number, processor in enumerate(processors):
            try:
                processor.build(ProcessorContext(clock, settings.host, f"{place}.{number}", settings.folder))
            except PenstockError as exc:
                yield Problem(f"{place}.{number}", str(exc))


def unusable(settings: Settings) -> Iterator[Problem]:
    """Certificates and keys that are not there, are none, or do not fit each other."""
    for name, source in settings.sources.items():
        if isinstance(listen := getattr(source, "tls", None), ListenTls):
            try:
                ServerTls(listen)
            except PenstockError as exc:
                yield Problem(f"sources.{name}.tls", str(exc))
    for name, destination in settings.destinations.items():
        if isinstance(tls := getattr(destination, "tls", None), TlsSettings) and (why := fault(tls)):
            yield Problem(f"destinations.{name}.tls", f"cannot be used: {why}")


def unwritable(settings: Settings) -> Iterator[Problem]:
    """Folders in which this user may not write."""
    for key, folder in _folders(settings):
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not nearest.is_dir():
            yield Problem(key, f"{nearest} is not a folder")
        elif not os.access(nearest, os.W_OK | os.X_OK):
            yield Problem(
                key,
                f"{nearest} cannot be written by this user",
                "give the right, or run as the daemon's user",
            )


def unreadable(settings: Settings) -> Iterator[Problem]:
    """What is odd about the files to follow. They may come later, or be another user's to read, so these are warnings."""
    for name, source in settings.sources.items():
        if isinstance(source, FileSettings):
            for why in outlook(source.path, source.exclude):
                yield Problem(f"sources.{name}.path", why)


def taken(settings: Settings) -> Iterator[Problem]:
    """Addresses on which somebody listens now. It may be the daemon itself, so these are warnings."""
    for key, kind, address in _listeners(settings):
        if (why := _cannot_bind(kind, address)) is not None:
            yield Problem(key, f"{address} cannot be bound now: {why}")


def _folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    if dead_letters(settings, "any") is not None:
        yield "journal.path", settings.journal.path.absolute()
    if settings.admin.socket is not None:  # by default it is in the journal's folder
        yield "admin.socket", settings.admin.socket.absolute().parent
    for name, source in settings.sources.items():
        if isinstance(path := getattr(source, "path", None), Path):
            yield f"sources.{name}.path", path.absolute().parent
    for name, destination in settings.destinations.items():
        if isinstance(path := getattr(destination, "path", None), Path | str) and destination.type == "file":
            yield f"destinations.{name}.path", _fixed(Path(path).absolute().parent)


def _fixed(folder: Path) -> Path:
    """The part of a folder's path before the first date pattern."""
    parts = list(folder.parts)
    dated = next((index for index, part in enumerate(parts) if "%" in part), len(parts))
    return Path(*parts[:dated])


def _listeners(settings: Settings) -> Iterator[tuple[str, socket.SocketKind, Address]]:
    for name, source in settings.sources.items():
        if isinstance(address := getattr(source, "listen", None), Address):
            datagram = getattr(source, "protocol", type_of(type(source))) == "udp"
            yield f"sources.{name}.listen", socket.SOCK_DGRAM if datagram else socket.SOCK_STREAM, address
    if settings.admin.enabled:
        yield "admin.listen", socket.SOCK_STREAM, settings.admin.listen


def _cannot_bind(kind: socket.SocketKind, address: Address) -> str | None:
    try:
        family, _, _, _, where = socket.getaddrinfo(address.host, address.port, type=kind)[0]
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the daemon does
            probe.bind(where)
    except OSError as exc:
        return exc.strerror or str(exc)
    return None
