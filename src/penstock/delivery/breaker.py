"""Stops asking a service that does not answer, and asks gently until it does."""

from penstock.delivery.retry import Backoff
from penstock.delivery.stats import BreakerState

FAILURES_TO_OPEN = 5


class Breaker:
    """All times are on the monotonic clock.

        closed ── 5 failures in a row ──► open ── its wait is over ──► half_open ── success ──► closed
                                            ▲                              │
                                            └────────── failure ───────────┘
    `blocked` is as `open`, for a service that answers but will not let us in.
    """

    def __init__(self, backoff: Backoff, blocked_wait: float) -> None:
        self._backoff = backoff
        self._blocked_wait = blocked_wait
        self._failures = 0
        self._trips = 0
        self._until = 0.0
        self.state: BreakerState = "closed"

    def slots(self, limit: int, now: float) -> int:
        """How many requests may be under way now, where the service could take `limit`."""
        if self.state == "closed":
            return limit
        if self.state != "half_open" and now >= self._until:
            self.state = "half_open"
        return 1 if self.state == "half_open" else 0

    def opens_at(self) -> float | None:
        """When the next try is due; none where nothing keeps it from being made."""
        return self._until if self.state in ("open", "blocked") else None

    def succeeded(self) -> None:
        """The service took something."""
        self.state, self._failures, self._trips = "closed", 0, 0

    def failed(self, now: float, after: float | None = None) -> None:
        """No answer, or one that says later. `after`, in seconds, is what the service asked for: it gets that."""
        self._failures += 1
        if self.state == "half_open" or self._failures >= FAILURES_TO_OPEN or after:
            # What was under way when it opened comes back as failures too: they are no news.
            if self.state not in ("open", "blocked"):
                self._trips += 1
            self.state = "open"
            self._until = max(self._until, now + self._backoff.wait(self._trips, after))

    def blocked(self, now: float) -> None:
        """The door is shut: ask slowly."""
        self.state = "blocked"
        self._until = now + self._blocked_wait
