"""How fast it goes: a look at the counters each second, remembered for a minute."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from penstock.admin.view import Daemon
from penstock.clock import Clock, Timer
from penstock.metrics import SECONDS, Histogram

EVERY: Final = 1.0
"""Seconds between two looks."""
LOOKS: Final = 60
"""Looks that are remembered beside the newest."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the counters said at one moment."""

    at: float
    """Monotonic seconds."""
    cpu: float
    """Seconds of CPU that the process had used."""
    received: Mapping[str, int]
    """Events, by source."""
    delivered: Mapping[str, int]
    """Events, by destination."""
    latency: Mapping[str, tuple[int, ...]]
    """The counts of the histogram of delivery latency, by destination."""


class Rates:
    """Looks from `start` to `stop`. All figures are those between the newest look and an older one."""

    def __init__(self, daemon: Daemon, clock: Clock, cpu: Callable[[], float] = time.process_time) -> None:
        self._daemon = daemon
        self._clock = clock
        self._cpu = cpu
        self._looks: deque[Look] = deque(maxlen=LOOKS + 1)
        self._timer: Timer | None = None

    def start(self) -> None:
        """Takes the first look now, and further ones each second."""
        destinations = {name: lane.stats() for name, lane in self._daemon.destinations.items()}
        self._looks.append(
            Look(
                at=self._clock.monotonic(),
                cpu=self._cpu(),
                received={name: source.stats.events for name, source in self._daemon.sources.items()},
                delivered={name: stats.delivered for name, stats in destinations.items()},
                latency={name: tuple(stats.delivery_latency.counts) for name, stats in destinations.items()},
            )
        )
        self._timer = self._clock.call_at(self._clock.monotonic() + EVERY, self.start)

    def stop(self) -> None:
        """Takes no more looks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def received(self, source: str, seconds: float) -> float:
        """Events a second over about the last `seconds`."""
        old, new = self._span(seconds)
        return _rate(old.at, new.at, old.received.get(source, 0), new.received.get(source, 0))

    def delivered(self, destination: str, seconds: float) -> float:
        """Events a second over about the last `seconds`."""
        old, new = self._span(seconds)
        return _rate(old.at, new.at, old.delivered.get(destination, 0), new.delivered.get(destination, 0))

    def cpu(self, seconds: float) -> float:
        """CPU seconds a second: 1.0 is one core in full use."""
        old, new = self._span(seconds)
        return _rate(old.at, new.at, old.cpu, new.cpu)

    def latency(self, destination: str) -> Histogram:
        """Seconds from arrival to acceptance, of what was delivered in the last minute."""
        old, new = self._span(LOOKS * EVERY)
        counts = new.latency.get(destination, ())
        before = old.latency.get(destination, ())
        recent = Histogram(SECONDS)
        if len(counts) == len(recent.counts):
            # A destination that a reload made anew counts from 0 again.
            same = len(before) == len(counts) and sum(before) <= sum(counts)
            recent.counts = (
                [max(0, n - b) for n, b in zip(counts, before, strict=True)] if same else list(counts)
            )
        return recent

    def _span(self, seconds: float) -> tuple[Look, Look]:
        new = self._looks[-1]
        for look in self._looks:
            if new.at - look.at <= seconds:
                return look, new
        return new, new


def _rate(since: float, until: float, before: float, now: float) -> float:
    # A part that a reload made anew counts from 0 again, so `now` may be less than `before`.
    return max(0.0, now - before) / (until - since) if until > since else 0.0
