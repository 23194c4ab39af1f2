"""What a service's answers say about it: whether it is there, and how much it takes."""

from typing import Final

import structlog

from penstock.clock import Clock
from penstock.delivery.breaker import Breaker
from penstock.delivery.concurrency import Concurrency
from penstock.delivery.decision import Decision
from penstock.delivery.retry import Backoff
from penstock.delivery.stats import BreakerState

log = structlog.get_logger(__name__)

WARN_EVERY: Final = 60.0
"""Seconds between two warnings of a service, at least."""


class Health:
    """Breaker and concurrency together; says so in the log when the service goes, comes or warns."""

    def __init__(
        self, name: str, backoff: Backoff, blocked_wait: float, max_in_flight: int, clock: Clock
    ) -> None:
        """`blocked_wait`: seconds between two tries at a shut door."""
        self._name = name
        self._breaker = Breaker(backoff, blocked_wait)
        self._concurrency = Concurrency(max_in_flight)
        self._clock = clock
        self._warning = ""
        self._warn_again = float("-inf")

    @property
    def state(self) -> BreakerState:
        """Of the breaker."""
        return self._breaker.state

    @property
    def limit(self) -> int:
        """Requests that the service takes well at a time, while it is there."""
        return self._concurrency.limit

    @property
    def opens_at(self) -> float | None:
        """When, on the monotonic clock, the next try is due; none where nothing keeps it from being made."""
        return self._breaker.opens_at()

    def slots(self) -> int:
        """Requests that may be under way now."""
        return self._breaker.slots(self._concurrency.limit, self._clock.monotonic())

    def learn(self, decision: Decision) -> None:
        """Takes in what came of a request."""
        was_up = self.state == "closed"
        now = self._clock.monotonic()
        if decision.blocked:
            self._breaker.blocked(now)
        elif decision.failed:
            self._breaker.failed(now, decision.after)
        else:
            self._breaker.succeeded()
        if decision.overload or decision.failed:
            self._concurrency.overloaded()
        else:
            self._concurrency.succeeded()
        self._tell(was_up=was_up, reason=decision.reason)
        # A service that numbers its complaints says another thing each time, and is told no more often for it.
        if decision.warning and decision.warning != self._warning and now >= self._warn_again:
            self._warning, self._warn_again = decision.warning, now + WARN_EVERY
            log.warning("destination warns", destination=self._name, warning=decision.warning)

    def _tell(self, *, was_up: bool, reason: str) -> None:
        if was_up and self.state == "blocked":
            log.error("destination does not let us in", destination=self._name, reason=reason)
        elif was_up and self.state == "open":
            log.warning("destination does not take events", destination=self._name, reason=reason)
        elif not was_up and self.state == "closed":
            log.info("destination is back", destination=self._name)
