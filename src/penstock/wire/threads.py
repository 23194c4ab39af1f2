"""One thread that does blocking work in order, so that a stuck disk or terminal stops nothing else."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    done: asyncio.Future[Any] | None


class OneThread:
    """Work is done one after the other, in the order of the calls.

    The thread is a daemon: work that never returns (a hung NFS server, a stopped pager) keeps neither
    `close` nor the end of the process waiting, which the threads of an executor would.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Cancelled before its turn it is left out; during it, it goes on."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Job(work, done))
        return await done

    def start(self, work: Callable[[], None]) -> None:
        """The same where nobody waits; may be called from any one thread. `work` must not raise."""
        self._put(_Job(work, None))

    async def idle(self) -> None:
        """Returns once all work so far is done."""
        if self._thread is not None:
            await self.run(_nothing)

    def close(self) -> None:
        """Ends the thread after the work that it has; does not wait for it."""
        self._closed = True
        self._jobs.put(None)

    def _put(self, job: _Job) -> None:
        assert not self._closed, "work after close"
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.done is None:
                job.work()
            elif not job.done.cancelled():
                _do(job.work, job.done)
            del job  # or the last one's data would stay until the next comes


def _do(work: Callable[[], Any], done: asyncio.Future[Any]) -> None:
    result, error = None, None
    try:
        result = work()
    except BaseException as exc:  # noqa: BLE001 - the outermost line of the work: whoever waits gets it
        error = exc
    # The loop may have ended while the work was stuck; then nobody waits.
    with suppress(RuntimeError):
        done.get_loop().call_soon_threadsafe(_settle, done, result, error)


def _settle(done: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)


def _nothing() -> None:
    pass
