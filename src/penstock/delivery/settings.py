"""What every destination's part of the configuration has, whatever its kind."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, field_validator

from penstock.expressions import Condition
from penstock.fields import Duration, Model, Size
from penstock.processors.base import OnError, ProcessorSettings


class BatchSettings(Model):
    """How much goes into one request: whichever bound is reached first closes the batch."""

    events: int | None = Field(default=None, ge=1)
    """Events. The destination's own default is 4,000 unless its page says otherwise."""
    bytes: Size | None = Field(default=None, ge=1)
    """Bytes of the body before compression; default 1 MiB unless the destination's page says otherwise."""
    age: Duration | None = Field(default=None, ge=0)
    """From the arrival of the oldest event, whether or not another comes; default 1 s."""


class QueueSettings(Model):
    """What waits for this destination, in the journal."""

    max_bytes: Size = Field(default=0, ge=0)
    """Bound of what waits; 0: only the journal's own `max_bytes`."""
    when_full: Literal["drop_oldest", "block"] = "drop_oldest"
    """`drop_oldest`: this destination alone loses its oldest events, counted and told. `block`: sources wait."""
    start: Literal["latest", "earliest"] = "latest"
    """Where a destination that is new in the configuration begins: with the next event, or with all that the
    journal still has."""


class RetrySettings(Model):
    """What happens to a batch that did not arrive."""

    initial: Duration = Field(default=1.0, gt=0)
    """Bound of the first wait; each further one is doubled. The wait itself is drawn at random below the bound."""
    max: Duration = Field(default=60.0, gt=0)
    """The longest wait; also caps what a service asks for with Retry-After."""
    give_up_after: Duration = Field(default=86400.0, ge=0)
    """From the batch's first attempt; then it becomes dead letters. 0: never."""
    attempts: int = Field(default=0, ge=0)
    """Attempts after which a batch becomes dead letters; 0: no bound."""
    max_batches: int = Field(default=16, ge=1)
    """Batches that may wait for their next attempt. When so many do no new batch is cut: the journal holds the rest."""


class DeadLetterSettings(Model):
    """Events that the service will not take, kept to be read and replayed."""

    max_bytes: Size = Field(default=256 * 2**20, ge=2**20)
    """Bound of this destination's dead letters; the oldest go first, counted."""
    max_age: Duration = Field(default=30 * 86400.0, ge=0)
    """Older ones go; 0: never for their age."""


class DeliverySettings(Model):
    """The parts that all destinations have."""

    enabled: bool = True
    """`false`: it gets nothing, and its place in the journal keeps to the head."""
    match: Condition | None = None
    """Only events for which this [expression](expressions.md) is true are for this destination: `level == "error"`. The
    rest are counted as `filtered`."""
    match_on_error: OnError = "keep"
    """Where `match` cannot be worked out for an event (text is compared with a number, say): that is counted, and the event
    is sent, filtered, or goes to the dead letters."""
    processors: Sequence[ProcessorSettings] = ()
    """What its events go through, in order, before they are put into batches; the journal has them as they came. See
    [processors](processors.md)."""
    batch: BatchSettings = BatchSettings()
    queue: QueueSettings = QueueSettings()
    retry: RetrySettings = RetrySettings()
    dead_letter: DeadLetterSettings = DeadLetterSettings()
    max_in_flight: int = Field(default=4, ge=1, le=256)
    """Most requests at a time; the daemon finds the best number up to it."""
    ordered: bool = False
    """One request at a time, and a failed batch holds back all that came after it."""

    @field_validator("processors")
    @classmethod
    def _one_holds(cls, processors: Sequence[ProcessorSettings]) -> Sequence[ProcessorSettings]:
        if sum(one.holds for one in processors) > 1:
            raise ValueError(
                "has two processors that keep events back: give one of them a destination of its own"
            )
        return processors
