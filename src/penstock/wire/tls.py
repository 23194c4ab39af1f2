"""The TLS context of a destination, made again when its files change."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog

from penstock.clock import Clock
from penstock.exchange import Failure, FailureKind
from penstock.transport import TlsSettings

log = structlog.get_logger(__name__)

_LOOK_EVERY: Final = 5.0
"""Seconds between two looks at the files."""
_VERSIONS: Final = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

_Stamp = tuple[object, ...]


class Tls:
    """Gives the context to connect with.

    A context is never changed, only replaced: connections that are open keep theirs, new ones take the
    newest. Where the new files are broken (a key that does not fit its certificate, as between two
    writes of a renewal) the last good context stays, which is logged once.
    """

    def __init__(self, settings: TlsSettings, clock: Clock, name: str) -> None:
        self._settings = settings
        self._clock = clock
        self._name = name
        self._context: ssl.SSLContext | None = None
        self._error = ""
        self._stamp: _Stamp = ()
        self._looked = float("-inf")
        self._lock = asyncio.Lock()
        if not settings.verify:
            log.warning("tls certificates are not verified", destination=name)

    async def context(self) -> ssl.SSLContext | Failure:
        """The newest good context; a `Failure` while there has never been one."""
        if self._context is None or self._clock.monotonic() >= self._looked + _LOOK_EVERY:
            async with self._lock:
                await self._look()
        if self._context is None:
            return Failure(FailureKind.TLS, self._error)
        return self._context

    async def _look(self) -> None:
        if self._context is not None and self._clock.monotonic() < self._looked + _LOOK_EVERY:
            return  # another has looked while this one waited for the lock
        stamp = tuple(_stamp(path) for path in _files(self._settings))
        self._looked = self._clock.monotonic()
        if self._context is not None and stamp == self._stamp:
            return
        try:
            # Reading the system's certificates takes up to 20 ms.
            context = await asyncio.to_thread(make_context, self._settings)
        except (OSError, ValueError) as exc:  # ssl.SSLError is an OSError
            self._refused(stamp, exc)
            return
        if self._context is not None:
            log.info("tls certificates reloaded", destination=self._name)
        self._context, self._stamp, self._error = context, stamp, ""

    def _refused(self, stamp: _Stamp, exc: Exception) -> None:
        error = _describe(exc)
        if self._context is None:
            if error != self._error:
                log.error("tls certificates cannot be used", destination=self._name, error=error)
        elif stamp != self._stamp:
            log.error(
                "new tls certificates cannot be used, the last good ones stay",
                destination=self._name,
                error=error,
            )
            self._stamp = stamp
        self._error = error


def make_context(settings: TlsSettings) -> ssl.SSLContext:
    """A context as the settings say. Blocks for some milliseconds.

    Raises `OSError` (with the file's name) or `ssl.SSLError` where a file is missing or broken.
    """
    for path in _files(settings):
        path.open("rb").close()  # OpenSSL's own error does not say which file
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.minimum_version = _VERSIONS[settings.min_version]
    context.set_alpn_protocols(["http/1.1"])
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.cert_file is not None:
        # An encrypted key would make OpenSSL ask at the terminal; an empty password makes it fail instead.
        context.load_cert_chain(settings.cert_file, settings.key_file, password="")
    return context


def fault(settings: TlsSettings) -> str:
    """Why no context can be made of these files now; empty where one can. Blocks for some milliseconds."""
    try:
        make_context(settings)
    except (OSError, ValueError) as exc:
        return _describe(exc)
    return ""


def _describe(exc: Exception) -> str:
    """What is wrong with the files, for people."""
    if isinstance(exc, ssl.SSLError):
        return f"certificate or key: {exc.reason or exc.strerror or exc}"
    if isinstance(exc, OSError):
        where = f"{exc.filename}: " if exc.filename else ""
        return f"{where}{exc.strerror}"
    return str(exc)


def _files(settings: TlsSettings) -> Iterator[Path]:
    for path in (settings.ca_file, settings.cert_file, settings.key_file):
        if path is not None:
            yield path


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Changes whenever the file does, also where a symbolic link on the way is turned to another."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
