"""Back-pressure: the sources wait while anybody has a reason for it."""

from collections.abc import Callable
from typing import Final

import structlog

from penstock.clock import Alarm, Clock

log = structlog.get_logger(__name__)

CALM: Final = 5.0
"""Seconds without a reason until it is said that the sources go on. Behind a destination that is slower than they are
they wait and go on twenty times a second, which is one state to whoever reads the log."""


class Pressure:
    """Who says that sources must wait, and why."""

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None], clock: Clock) -> None:
        self._pause = pause
        self._resume = resume
        self._clock = clock
        self._calm = Alarm(clock, self._all_calm)
        self._told = False
        self._reasons: dict[str, str] = {}

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why they wait; empty when they do not."""
        return tuple(self._reasons.values())

    def gauge(self, who: str) -> Callable[[str], None]:
        """What `who` calls with its reason, and with "" when it has none any more."""
        return lambda reason: self.set(who, reason)

    def set(self, who: str, reason: str) -> None:
        """Takes what `who` says now."""
        waited = bool(self._reasons)
        if reason:
            self._reasons[who] = reason
        else:
            self._reasons.pop(who, None)
        if self._reasons and not waited:
            self._calm.set(None)
            if not self._told:
                self._told = True
                log.warning("sources wait", reason=reason)
            self._pause()
        elif waited and not self._reasons:
            self._calm.set(self._clock.monotonic() + CALM)
            self._resume()

    def _all_calm(self) -> None:
        self._told = False
        log.info("sources go on")
