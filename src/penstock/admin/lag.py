"""How late the event loop is: a timer that asks to be called, and notes how long after it was."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from penstock.clock import Clock, Timer
from penstock.metrics import Histogram

EVERY: Final = 0.05
"""Seconds between two looks."""
WINDOW: Final = 60.0
"""Seconds that quantiles look back."""
BOUNDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Buckets of the histogram, in seconds."""


@dataclass(frozen=True, slots=True)
class LagStats:
    """Seconds; the quantiles and the maximum are those of the last minute."""

    current: float
    p50: float
    p99: float
    max: float


class LoopLag:
    """Samples from `start` to `stop`."""

    def __init__(self, clock: Clock) -> None:
        self.histogram = Histogram(BOUNDS)
        """Since the start of the process."""
        self._clock = clock
        self._recent: deque[float] = deque(maxlen=round(WINDOW / EVERY))
        self._due = 0.0
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begins; the loop must be running."""
        self._due = self._clock.monotonic() + EVERY
        self._timer = self._clock.call_at(self._due, self._look)

    def stop(self) -> None:
        """Ends; what was measured stays."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def stats(self) -> LagStats:
        """How it is now."""
        if not self._recent:
            return LagStats(0.0, 0.0, 0.0, 0.0)
        ranked = sorted(self._recent)
        last = len(ranked) - 1
        return LagStats(
            current=self._recent[-1],
            p50=ranked[round(last * 0.5)],
            p99=ranked[round(last * 0.99)],
            max=ranked[last],
        )

    def _look(self) -> None:
        # uvloop's timers tick in milliseconds and may come a little early.
        late = max(0.0, self._clock.monotonic() - self._due)
        self._recent.append(late)
        self.histogram.observe(late)
        self.start()
