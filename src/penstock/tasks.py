"""The one way to start a task: with a name, an owner and an end."""

import asyncio
from collections.abc import Callable, Coroutine

import structlog

log = structlog.get_logger(__name__)


class Tasks:
    """The tasks of one owner.

    A task that ends with an exception is a bug: it is logged with its traceback, and `on_crash` is
    told, so that a part of the daemon never stands still in silence.
    """

    def __init__(self, owner: str, on_crash: Callable[[BaseException], None] | None = None) -> None:
        self._owner = owner
        self._on_crash = on_crash
        self._running: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
        """Starts `work`; it is cancelled by `stop` at the latest."""
        task = asyncio.get_running_loop().create_task(work, name=f"{self._owner}:{name}")
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        """Ends what still runs; `stop` waits until it has ended."""
        for task in list(self._running):
            task.cancel()

    async def stop(self) -> None:
        """Cancels what still runs and waits until it has ended."""
        self.cancel()
        if self._running:
            await asyncio.wait(list(self._running))

    async def join(self) -> None:
        """Waits until all have ended by themselves."""
        while self._running:
            await asyncio.wait(list(self._running))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("task crashed", task=task.get_name(), exc_info=error)
            if self._on_crash is not None:
                self._on_crash(error)
