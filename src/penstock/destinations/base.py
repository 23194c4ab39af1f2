"""What a destination is: it speaks a service's language, and does nothing else.

A destination is pure. It has no socket, no `await` and no clock; it never sleeps, retries, counts, logs
or opens anything. Delivery calls `encode`, the wire sends the request, and delivery calls `judge` with
what came back. Each may be called again at any time, for any batch, in any order.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol, runtime_checkable

from penstock.block import Batch
from penstock.exchange import Answer, Append, Note, Request
from penstock.fields import Model
from penstock.transport import Transport


@dataclass(frozen=True, slots=True)
class Limits:
    """What the service takes in one request; a batch never exceeds it, whatever the user has set."""

    events: int | None = None
    bytes: int | None = None
    """Of the encoded body before compression, or of what the service counts instead (`Request.weight`)."""
    span: float | None = None
    """Seconds between the arrival of the oldest event and that of the newest."""
    batch_overhead: int = 0
    """Encoded bytes that every request has beside its events."""
    event_overhead: int = 0
    """Encoded bytes that every event adds to its own line."""
    estimated: bool = False
    """What is in the events decides how much they add (they are escaped, say): both overheads are what is usual, not
    the most. Delivery measures the body, and halves a batch that is larger than `bytes`."""


@dataclass(frozen=True, slots=True)
class BatchSize:
    """How much goes into a request where the user has not said so."""

    events: int = 4000
    bytes: int = 2**20
    """Of the encoded body, before compression."""
    age: float = 1.0
    """Seconds, from the arrival of the oldest event."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The service has taken every event of the batch for good."""

    slow_down: bool = False
    """It has, and it asks for fewer requests at a time."""
    notes: Mapping[int, Note] = field(default_factory=dict)
    """By index, what the service said beside yes; counted."""
    warning: str = ""
    """What people should know all the same; told once for as long as it stays the same."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing is wrong with the batch; it has not arrived, or that is not known. Send it again later."""

    reason: str
    after: float | None = None
    """Seconds that the service asked to wait; none: exponential backoff."""
    overload: bool = False
    """The service has too much to do: fewer requests at a time."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The service has judged event by event. An index in none of `retry`, `refused` and `again` is delivered."""

    retry: Sequence[int]
    """Later: the service could not take them now."""
    refused: Mapping[int, str]
    """By index, the reason."""
    reason: str = ""
    """Why those under `retry` were not taken."""
    after: float | None = None
    notes: Mapping[int, Note] = field(default_factory=dict)
    """As in `Delivered`, for events that are delivered."""
    again: Sequence[int] = ()
    """At once: the service has not looked at them (it stopped at one that it refused, say)."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The request was too large: send it as two halves. A single event is refused."""

    reason: str = "request too large"


@dataclass(frozen=True, slots=True)
class Prepare:
    """Something has to be made first (a log stream, say): send this, then the batch again."""

    request: Request
    judge: Callable[[Answer], "Verdict"] = field(repr=False)
    """What the answer to that request means. `Delivered`: all is prepared. `Prepare`: there is one more thing to
    be made (the group of that stream, say). Anything else is the verdict on the batch."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Taken, but delivered only once this question is answered yes (indexer acknowledgement)."""

    request: Request
    judge: Callable[[Answer], "Verdict"] = field(repr=False)
    """`Delivered`: yes. `Retry`: not yet, ask again. Anything else is the verdict on the batch."""
    every: float
    """Seconds between questions."""
    until: float
    """Seconds after which the batch counts as not arrived and is sent again."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """The door is shut (a wrong token, a missing right): the data is fine, so hold it and say so loudly."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The service will never take this as it is."""

    reason: str
    culprit: Literal["an event", "the request"] = "an event"
    """`an event`: one or more of the batch are to blame, so it is bisected until they are found.
    `the request`: no smaller batch would fare better (a redirect, a wrong path)."""


Verdict = Delivered | Retry | Partial | TooLarge | Prepare | Confirm | Blocked | Refused


@dataclass(frozen=True, slots=True)
class Unfit:
    """Some events cannot be said in the service's language. The rest of the batch is encoded again."""

    refused: Mapping[int, str]
    """By index, the reason; never empty."""


@dataclass(frozen=True, slots=True)
class Split:
    """The events do not go into one request (they have different streams, say). Each part is encoded by itself."""

    parts: Sequence[Sequence[int]]
    """Indices; two parts or more, none empty, each event in exactly one of them. Sent in this order."""


Encoded = Request | Append | Unfit | Split


@dataclass(frozen=True, slots=True)
class Probe:
    """A harmless question that tells whether the service would take a batch."""

    request: Request
    judge: Callable[[Answer], "Verdict"] = field(repr=False)
    """`Retry`: it is not there. `Blocked`: it does not let us in. Anything else: a batch is worth sending."""


class Destination(Protocol):
    """One configured destination."""

    limits: Limits
    transport: Transport
    """Which wire carries its requests, and how that is to be set up."""
    secrets: frozenset[str]
    """Texts that must never be shown; should a service repeat one in an answer, it is blotted out."""

    @abstractmethod
    def encode(self, batch: Batch) -> Encoded:
        """The request that carries this batch.

        The same batch gives the same body, so that a retry is the same to the last byte. Never raises:
        what cannot be expressed is named in `Unfit`, what does not go together is told apart by `Split`.
        """

    @abstractmethod
    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        """What the answer to `encode(batch)` means. Total: any status, any body, and no answer at all.

        Never raises, and never names an index that the batch does not have.
        """


@runtime_checkable
class Probing(Protocol):
    """A destination whose service can be asked how it is, before a batch is risked on one that was away."""

    @abstractmethod
    def probe(self) -> Probe:
        """The question; the same each time."""


class DestinationSettings(Model):
    """A destination's own part of the configuration. A kind adds `type` and its fields.

    What all kinds have in common (`batch`, `queue`, `retry`, `dead_letter`) is put behind it when the
    configuration is composed.
    """

    default_batch: ClassVar[BatchSize] = BatchSize()

    @abstractmethod
    def build(self, name: str) -> Destination:
        """The destination, ready to speak. Raises `PluginError` where something for it is not installed."""
