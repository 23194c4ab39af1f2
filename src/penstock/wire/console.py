"""Standard output."""

import os
import select
from typing import Final

from penstock.exchange import Answer, Append, Failure, FailureKind, Request, Response
from penstock.wire.threads import OneThread

_STDOUT: Final = 1
_WRITE_AT_ONCE: Final = 64 * 1024
"""Bytes a write: what a pipe holds."""


class ConsoleWire:
    """Writes in a thread: a stopped terminal or a full pipe makes `send` take long, and nothing else."""

    def __init__(self, fd: int = _STDOUT) -> None:
        self._fd = fd
        self._thread = OneThread("console")

    async def send(self, request: Request | Append) -> Answer:
        assert isinstance(request, Append), "an HTTP request on the console"
        try:
            await self._thread.run(lambda: _write(self._fd, request.data))
        except OSError as exc:
            return Failure(FailureKind.IO, f"standard output: {exc.strerror}")
        return Response(200)

    async def close(self) -> None:
        self._thread.close()


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest[:_WRITE_AT_ONCE]) :]
        except BlockingIOError:
            # Whoever shares the terminal may have made it non-blocking.
            select.select([], [fd], [])
