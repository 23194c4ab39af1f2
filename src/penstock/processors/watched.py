"""Files that are loaded again when they have changed, without the daemon waiting for it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from penstock.errors import PluginError

log = structlog.get_logger(__name__)

T = TypeVar("T")
LOOK_EVERY: Final = 5.0
"""Seconds between two looks at whether it has changed."""


class Watched(Generic[T]):
    """What a file holds. One that has changed is loaded in a thread; until then, and where it is broken, the old stays."""

    def __init__(self, path: Path, load: Callable[[Path], T], now: float) -> None:
        """`load` raises `OSError` or `ValueError`. Raises `PluginError` where the file cannot be used at all."""
        self._path = path
        self._load = load
        self._next = now + LOOK_EVERY
        self._seen = self._signature()
        self._thread: threading.Thread | None = None
        try:
            self._value = load(path)
        except (OSError, ValueError) as exc:
            reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else exc
            raise PluginError(f"{path} cannot be used: {reason}") from exc

    def at(self, now: float) -> T:
        """What it holds; `now` is on the monotonic clock."""
        if now >= self._next and (self._thread is None or not self._thread.is_alive()):
            self._next = now + LOOK_EVERY
            signature = self._signature()
            if signature != self._seen:
                self._seen = signature
                self._thread = threading.Thread(
                    target=self._reload, name=f"load {self._path.name}", daemon=True
                )
                self._thread.start()
        return self._value

    def join(self) -> None:
        """Waits until what is being loaded is there."""
        if self._thread is not None:
            self._thread.join()

    def _reload(self) -> None:
        try:
            self._value = self._load(self._path)
        except (OSError, ValueError) as exc:
            log.warning(
                "file not loaded again, what it held before stays", path=str(self._path), error=str(exc)
            )
        else:
            log.info("file loaded again", path=str(self._path))

    def _signature(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
