"""A clock that goes when it is told to."""

import asyncio
import heapq
import itertools
from collections.abc import Callable


class _Timer:
    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """Starts at `time`; `advance` moves it and runs what falls due, in order."""

    def __init__(self, time: float = 1_790_000_000.0) -> None:
        self._time = time
        self._monotonic = 1000.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, _Timer]] = []

    def time(self) -> float:
        return self._time

    def monotonic(self) -> float:
        return self._monotonic

    def call_at(self, when: float, callback: Callable[[], object]) -> _Timer:
        timer = _Timer(callback)
        heapq.heappush(self._due, (when, next(self._order), timer))
        return timer

    async def advance(self, seconds: float) -> None:
        """Moves on by that much; tasks run in between until all are waiting again."""
        await settle()
        end = self._monotonic + seconds
        while self._due and self._due[0][0] <= end:
            when, _, timer = heapq.heappop(self._due)
            if timer.callback is None:
                continue
            self._move(max(when, self._monotonic))
            timer.callback()
            await settle()
        self._move(end)
        await settle()

    def next_due(self) -> float | None:
        """Seconds until the next timer; none where there is none."""
        live = [when for when, _, timer in self._due if timer.callback is not None]
        return min(live) - self._monotonic if live else None

    def _move(self, monotonic: float) -> None:
        self._time += monotonic - self._monotonic
        self._monotonic = monotonic


async def settle(turns: int = 50) -> None:
    """Lets every task run that can."""
    for _ in range(turns):
        await asyncio.sleep(0)
