"""What a processor is: it gets events, a slice of a block at a time, and changes, drops or adds some.

    class Shout(ProcessorSettings):
        type: Literal["shout"]

        def build(self, context: ProcessorContext) -> Processor:
            return Shouter()

    class Shouter:
        def process(self, events: Events) -> None:
            for event in events.edit():
                event["message"] = str(event.get("message", "")).upper()

It never waits, and never raises because of what is in an event. All counting is done by the chain.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol, runtime_checkable

from penstock.clock import Clock
from penstock.fields import Model
from penstock.processors.events import Events
from penstock.processors.shown import Shown

OnError = Literal["keep", "drop", "dead_letter"]
"""What becomes of an event with which something went wrong."""


@dataclass(frozen=True, slots=True)
class ProcessorContext:
    """What the daemon gives every processor."""

    clock: Clock
    host: str = ""
    """This machine's name."""
    name: str = ""
    """Its place: `destinations.search.processors.0`."""
    folder: Path = Path()
    """That of the configuration: relative paths begin there."""


class Processor(Protocol):
    """One processor of one chain."""

    @abstractmethod
    def process(self, events: Events) -> None:
        """Does its work on these events, in order. Takes a few milliseconds at most for some thousand events.

        What it remembers between calls is bounded.
        """


@runtime_checkable
class Timed(Protocol):
    """A processor that has something to say when no event comes."""

    @abstractmethod
    def due(self) -> float | None:
        """When, in seconds since the epoch; none: not before another event has come."""

    @abstractmethod
    def tick(self, events: Events, now: float) -> None:
        """That moment has come: `events` is empty, and takes what is released and emitted.

        At the end of a chain `now` is infinite. What was counted is told then; what is held need not be, as events
        that are not settled come again after the next start.
        """


class ProcessorSettings(Model):
    """A processor's part of the configuration. A kind adds `type` and its fields."""

    holds: ClassVar[bool] = False
    """It keeps events back until something comes of them (`Events.hold`); a chain has one such processor at most."""
    shown: ClassVar[Sequence[Shown]] = ()
    """Examples for the reference page, each a test; every kind has at least one."""

    def misplaced(self) -> str:
        """Why it cannot stand before the journal, with its options; empty where it can."""
        return "it keeps events back, which only what is behind the journal can" if self.holds else ""

    @abstractmethod
    def build(self, context: ProcessorContext) -> Processor:
        """The processor. Raises `PluginError` where something for it is not installed or cannot be loaded."""
