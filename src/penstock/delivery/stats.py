"""What a destination tells about itself; `/metrics`, `/api/status`, logs and tests read the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from penstock.exchange import Note
from penstock.metrics import BYTES, EVENTS, SECONDS, Histogram
from penstock.processors.stats import ProcessorStats

BreakerState = Literal["closed", "half_open", "open", "blocked"]
"""`closed`: all is well. `open`: it does not answer. `half_open`: one batch tries whether it does again.
`blocked`: it answers, and will not let us in."""

Outcome = Literal[
    "delivered", "partial", "retry", "too_large", "prepare", "confirm", "blocked", "refused", "failure"
]
"""What a request came to; the closed set of the label of `penstock_requests_total`."""

DeadKind = Literal["refused", "unfit", "too_large", "gave_up", "unprocessed"]
"""Why an event became a dead letter. `refused`: the service said no. `unfit`: it cannot be said in the service's
language. `too_large`: it alone is more than the service takes. `gave_up`: tried for as long as is configured. `unprocessed`: a
processor could do nothing with it, and is told to send such events here; it is as it was before all processors."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """`accepted = delivered + filtered + dead_lettered + dropped + pending`, in events, since the queue began."""

    accepted: int
    delivered: int
    filtered: int
    dead_lettered: Mapping[str, int]
    """By reason."""
    dropped: Mapping[str, int]
    """By reason."""
    pending: int

    @property
    def imbalance(self) -> int:
        """Events that are not accounted for; anything but 0 is a bug."""
        settled = (
            self.delivered + self.filtered + sum(self.dead_lettered.values()) + sum(self.dropped.values())
        )
        return self.accepted - settled - self.pending


@dataclass(slots=True)
class DestinationStats:
    """One destination."""

    name: str
    kind: str
    """The `type` of the configuration."""
    ledger: Ledger
    """Over the whole life of the queue: it survives restarts."""
    delivered: int = 0
    """Events; this and the four below since the process started."""
    filtered: int = 0
    dead_lettered: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    retried: int = 0
    """Events that were sent again."""
    notes: dict[Note, int] = field(default_factory=dict)
    """Delivered events of which there is more to say."""
    requests: dict[Outcome, int] = field(default_factory=dict)
    bytes_sent: int = 0
    """Of request bodies, before compression."""
    queue_events: int = 0
    queue_bytes: int = 0
    queue_oldest_age: float = 0.0
    """Seconds since the oldest waiting event arrived; 0 where none waits."""
    retry_batches: int = 0
    in_flight: int = 0
    concurrency_limit: int = 1
    breaker: BreakerState = "closed"
    paused: bool = False
    enabled: bool = True
    last_success: float | None = None
    """Seconds since the epoch."""
    last_error: str = ""
    last_error_at: float | None = None
    dead_letter_bytes: int = 0
    """On disk."""
    dead_letters_expired: int = 0
    """Dead letters that went for their age or for the bound, since the process started."""
    processors: Sequence[ProcessorStats] = ()
    """Of `match` and the processors, in order."""
    request_duration: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    delivery_latency: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    """Seconds from the arrival of an event to its acceptance by the service."""
    batch_events: Histogram = field(default_factory=lambda: Histogram(EVENTS))
    batch_bytes: Histogram = field(default_factory=lambda: Histogram(BYTES))
