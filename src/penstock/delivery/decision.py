"""What becomes of a batch after an attempt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from penstock.block import Batch
from penstock.delivery.job import Job
from penstock.delivery.stats import DeadKind
from penstock.exchange import Note


@dataclass(frozen=True, slots=True)
class Dead:
    """Events for the dead letters, all for the same reason."""

    batch: Batch
    kind: DeadKind
    reason: str
    status: int | None = None
    """Of the last answer, where there was one."""
    answer: str = ""
    """The beginning of its body."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Each event of the batch is in exactly one of the first four."""

    delivered: Batch | None = None
    dead: tuple[Dead, ...] = ()
    again: tuple[Job, ...] = ()
    """At once: halves of what was too large or refused, parts of what does not go together, the rest of what had
    unfit events or what the service has not looked at."""
    later: Job | None = None
    """When the retry queue says so."""
    after: float | None = None
    """Seconds that the service asked to wait before `later`."""
    notes: Mapping[Note, int] = field(default_factory=dict)
    """What is to be counted of those in `delivered`."""
    reason: str = ""
    """What went wrong, for people."""
    warning: str = ""
    """What people should know though nothing went wrong."""
    sent: bool = True
    """A request was made, so that this says something about the service."""
    failed: bool = False
    """The service did not do what it is there for."""
    blocked: bool = False
    """The service will not let us in."""
    overload: bool = False
    """The service has too much to do."""
