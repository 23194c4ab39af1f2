"""Brings cursors to disk soon after they change, in a thread."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from penstock.clock import Clock, Timer
from penstock.journal.base import Cursor
from penstock.journal.cursors import write_cursors
from penstock.journal.disk import Disk, reason

log = structlog.get_logger(__name__)

DELAY: Final = 0.5
"""Seconds from a change to its write at most."""


class CursorSaver:
    """Holds the cursors and writes them: at most every 500 ms, one write at a time."""

    def __init__(
        self,
        *,
        disk: Disk,
        folder: Path,
        clock: Clock,
        thread: Executor,
        saved: Mapping[str, Cursor],
        on_saved: Callable[[], None],
    ) -> None:
        """`on_saved` is called after each write."""
        self.cursors: dict[str, Cursor] = dict(saved)
        self.saved: dict[str, Cursor] = dict(saved)
        """As they are on disk, where a process that dies now is found again."""
        self._on_saved = on_saved
        self._disk = disk
        self._folder = folder
        self._clock = clock
        self._thread = thread
        self._dirty = False
        self._timer: Timer | None = None
        self._running: asyncio.Future[None] | None = None
        self._failing = False

    def take(self, changed: Mapping[str, Cursor]) -> None:
        """Takes new cursors; a name that is new is on disk when the call returns, so that its queue has begun."""
        new = changed.keys() - self.cursors.keys()
        self.cursors.update(changed)
        self._dirty = True
        if new and self._running is None:
            self._write_now()
        elif self._timer is None and self._running is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + DELAY, self._start)

    async def close(self) -> None:
        """Writes what is not written yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._running is not None:
            await asyncio.wait([self._running])
        if self._dirty:
            self._write_now()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write_now(self) -> None:
        self._dirty = False
        try:
            write_cursors(self._disk, self._folder, self.cursors)
        except OSError as exc:
            self._failed(exc)
        else:
            self._worked(self.cursors)

    def _start(self) -> None:
        self._timer = None
        self._dirty = False
        loop = asyncio.get_running_loop()
        written = dict(self.cursors)
        self._running = loop.run_in_executor(self._thread, write_cursors, self._disk, self._folder, written)
        self._running.add_done_callback(partial(self._done, written))

    def _done(self, written: Mapping[str, Cursor], future: "asyncio.Future[None]") -> None:
        self._running = None
        error = future.exception()
        if isinstance(error, OSError):
            self._failed(error)
        elif error is not None:
            raise error
        else:
            self._worked(written)
        if self._dirty and self._timer is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + DELAY, self._start)

    def _failed(self, error: OSError) -> None:
        if not self._failing:
            log.error("cursors cannot be saved", error=reason(error))
        self._failing = True
        self._dirty = True
        if self._timer is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + DELAY, self._start)

    def _worked(self, written: Mapping[str, Cursor]) -> None:
        self.saved.update(written)
        self._on_saved()
        if self._failing:
            log.info("cursors are saved again")
        self._failing = False
