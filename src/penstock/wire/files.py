"""Appends to files, with rotation."""

import errno
import math
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from penstock.clock import Clock, Timer
from penstock.exchange import Answer, Append, Failure, FailureKind, Request, Response
from penstock.transport import FileTransport
from penstock.wire.appending import OpenFile
from penstock.wire.rotation import rotate, rotated, tidy
from penstock.wire.threads import OneThread

log = structlog.get_logger(__name__)

_MOST_OPEN: Final = 16
"""Files open at a time; with a date in the path it is one or two."""
_SYNC_EVERY: Final = 1.0
"""Seconds, for `sync: interval`."""
_DENIED: Final = frozenset(
    {
        errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR,
        errno.ENAMETOOLONG, errno.ELOOP,
    }
)  # fmt: skip


class FileWire:
    """One thread appends in the order of the calls, another compresses what was rotated."""

    def __init__(self, transport: FileTransport, clock: Clock, name: str) -> None:
        self._files = _Files(transport, name)
        self._interval = transport.sync == "interval"
        self._clock = clock
        self._appender = OneThread(f"{name}:append")
        self._syncing: Timer | None = None

    async def send(self, request: Request | Append) -> Answer:
        assert isinstance(request, Append), "an HTTP request to a file"
        try:
            await self._appender.run(
                partial(self._files.append, Path(request.target), request.data, self._clock.time())
            )
        except OSError as exc:
            kind = FailureKind.DENIED if exc.errno in _DENIED else FailureKind.IO
            return Failure(kind, f"{exc.filename or request.target}: {exc.strerror}")
        if self._interval and self._syncing is None:
            self._syncing = self._clock.call_at(self._clock.monotonic() + _SYNC_EVERY, self._sync)
        return Response(200)

    async def close(self) -> None:
        if self._syncing is not None:
            self._syncing.cancel()
        await self._appender.run(self._files.close)
        self._appender.close()
        await self._files.tidier.idle()
        self._files.tidier.close()

    def _sync(self) -> None:
        self._syncing = None
        self._appender.start(self._files.sync)


class _Files:
    """The open files. All of it runs in one thread and raises `OSError`."""

    def __init__(self, transport: FileTransport, name: str) -> None:
        self._transport = transport
        self._name = name
        self._open: OrderedDict[Path, OpenFile] = OrderedDict()
        self.tidier = OneThread(f"{name}:tidy")
        self._troubles: set[str] = set()

    def append(self, path: Path, data: bytes, now: float) -> None:
        file = self._current(path)
        if file.regular and self._is_due(file, len(data), now):
            self._forget(file)
            rotate(path, now)
            self._tidy(path)
            file = self._current(path)
        file.append(data, sync=self._transport.sync == "batch")

    def sync(self) -> None:
        """Has everything on disk that was written so far."""
        for file in self._open.values():
            self._sync_one(file)

    def close(self) -> None:
        for file in list(self._open.values()):
            self._forget(file)

    def _current(self, path: Path) -> OpenFile:
        """The file that the path leads to now, open."""
        file = self._open.get(path)
        if file is not None and not file.in_place:
            self._forget(file)  # logrotate or somebody's hand has moved it
            file = None
        if file is None:
            while len(self._open) >= _MOST_OPEN:
                self._forget(next(iter(self._open.values())))
            file = self._open[path] = OpenFile(path, self._transport.mode)
            if file.regular and rotated(path):
                self._tidy(path)
        self._open.move_to_end(path)
        return file

    def _is_due(self, file: OpenFile, coming: int, now: float) -> bool:
        status = file.status()
        if not status.st_size:
            return False
        if self._transport.max_size and status.st_size + coming > self._transport.max_size:
            return True
        age = self._transport.max_age
        # The time of the last write tells the period also after a restart; files do not tell their birth.
        return bool(age) and math.floor(now / age) != math.floor(status.st_mtime / age)

    def _forget(self, file: OpenFile) -> None:
        self._sync_one(file)
        del self._open[file.path]
        file.close()

    def _sync_one(self, file: OpenFile) -> None:
        if not file.dirty or self._transport.sync == "never":
            return
        try:
            file.sync()
        except OSError as exc:
            self._say("file cannot be synced", file.path, exc)
        else:
            self._troubles.discard("file cannot be synced")

    def _tidy(self, path: Path) -> None:
        self.tidier.start(partial(self._tidy_now, path))

    def _tidy_now(self, path: Path) -> None:
        try:
            tidy(path, self._transport.keep, self._transport.compression)
        except OSError as exc:
            self._say("rotated files cannot be tidied", path, exc)
        else:
            self._troubles.discard("rotated files cannot be tidied")

    def _say(self, trouble: str, path: Path, exc: OSError) -> None:
        """Once, until it is well again."""
        if trouble not in self._troubles:
            self._troubles.add(trouble)
            log.error(trouble, destination=self._name, path=str(path), error=exc.strerror)
