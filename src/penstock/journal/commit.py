"""Group commit: one sync for all who wait, in a thread, so that the loop never does."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from penstock.clock import Clock, Timer
from penstock.errors import Unavailable


class GroupCommit:
    """Syncs at most every `interval` while something is unsynced, and at once where somebody waits.

    All who come while a sync is under way share the next one.
    """

    def __init__(
        self,
        clock: Clock,
        interval: float,
        durable: int,
        begin: Callable[[], tuple[int, Callable[[], None]] | None],
        ended: Callable[[OSError | None], None],
    ) -> None:
        """`begin` gives what a sync reaches and its work for the thread; `ended` is told before anybody is woken.

        `begin` gives none while there is nothing to sync.
        """
        self.durable = durable
        """Everything below it is on disk."""
        self.count = 0
        self.seconds = 0.0
        """Spent in syncs."""
        self.last_seconds = 0.0
        self._clock = clock
        self._interval = interval
        self._begin = begin
        self._ended = ended
        self._thread = ThreadPoolExecutor(1, "journal-sync")
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._timer: Timer | None = None
        self._running: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def idle(self) -> bool:
        """Neither under way nor about to be."""
        return self._timer is None and self._running is None

    def soon(self) -> None:
        """Something was written."""
        if self.idle and not self._closed:
            self._timer = self._clock.call_at(self._clock.monotonic() + self._interval, self.now)

    def now(self) -> None:
        """Starts a sync, unless one is under way: then the next follows it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._closed or self._running is not None or (started := self._begin()) is None:
            return
        target, work = started
        loop = asyncio.get_running_loop()
        self._running = loop.run_in_executor(self._thread, self._timed, work)
        self._running.add_done_callback(lambda future: self._done(target, future))

    async def wait(self, seq: int) -> None:
        """Returns once `durable` has reached `seq`; raises what `refuse` was given."""
        if self.durable >= seq:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, future))
        self.now()
        await future

    def refuse(self, why: str) -> None:
        """All who wait are told that it cannot be had for now."""
        waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            if not future.done():
                future.set_exception(Unavailable(why))

    async def settle(self) -> None:
        """Returns when no sync is under way."""
        while self._running is not None:
            await asyncio.wait([self._running])

    def close(self) -> None:
        """Ends the thread; nothing is begun any more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._thread.shutdown(wait=True)

    def _timed(self, work: Callable[[], None]) -> None:
        start = time.perf_counter()
        try:
            work()
        finally:
            self.last_seconds = time.perf_counter() - start
            self.seconds += self.last_seconds
            self.count += 1

    def _done(self, target: int, future: "asyncio.Future[None]") -> None:
        self._running = None
        error = future.exception()
        if error is not None and not isinstance(error, OSError):
            raise error
        if error is None:
            self.durable = max(self.durable, target)
        self._ended(error)
        still = [(seq, waiter) for seq, waiter in self._waiting if seq > self.durable]
        for seq, waiter in self._waiting:
            if seq <= self.durable and not waiter.done():
                waiter.set_result(None)
        self._waiting = still
        if still:
            self.now()
