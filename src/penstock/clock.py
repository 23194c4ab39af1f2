"""Time as an argument, so that nothing in the tests has to wait for it."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """Something that will happen."""

    def cancel(self) -> None:
        """It will not happen; no harm where it has already."""


class Clock(Protocol):
    """Wall time for people and services, monotonic time for waiting; both in seconds."""

    def time(self) -> float:
        """Seconds since the epoch."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        """Calls back once `monotonic()` has reached `when`."""


class SystemClock:
    """The machine's clock, and the running loop's timers."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        # The loop's own clock may differ from time.monotonic(), so a delay is handed over.
        return asyncio.get_running_loop().call_later(max(0.0, when - time.monotonic()), callback)


class StoppedClock:
    """A clock that stands: for what is worked out in one go, the same each time. Nothing ever happens by it."""

    def __init__(self, now: float) -> None:
        self.now = now
        """Seconds since the epoch, until it is set to another moment."""

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return 0.0

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        del when, callback
        return _Never()


class _Never:
    def cancel(self) -> None:
        """Nothing was going to happen."""


class Alarm:
    """One timer that is set again and again."""

    def __init__(self, clock: Clock, callback: Callable[[], object]) -> None:
        """It may call back a little early, as timers of loops do."""
        self._clock = clock
        self._callback = callback
        self._timer: Timer | None = None
        self._when = 0.0

    @property
    def is_set(self) -> bool:
        """It will call back."""
        return self._timer is not None

    def set(self, when: float | None) -> None:
        """Calls back at that moment of `monotonic()`, and not at the one set before; for none not at all."""
        if self._timer is not None:
            if when == self._when:
                return
            self._timer.cancel()
            self._timer = None
        if when is not None:
            self._when = when
            self._timer = self._clock.call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._callback()


async def sleep(clock: Clock, seconds: float) -> None:
    """Waits, by this clock."""
    done = asyncio.Event()
    timer = clock.call_at(clock.monotonic() + seconds, done.set)
    try:
        await done.wait()
    finally:
        timer.cancel()
