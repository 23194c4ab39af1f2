"""What a service that the sandbox plays is asked, and what it answers: plain values.

A service is strict where the real one is, and says the same in the same words. It knows nothing of sockets,
and nothing of faults that are not its own language (latency, resets, bare statuses): those are the server's.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from penstock.fields import Model


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, whole."""

    method: str
    target: str
    """Path and query as they came, still escaped."""
    headers: Mapping[str, str]
    """Names in lower case."""
    raw: bytes = field(repr=False)
    """The body as it came."""
    body: bytes = field(repr=False)
    """The body without its `Content-Encoding`."""
    received: float = 0.0
    """Seconds since the epoch."""

    @property
    def path(self) -> str:
        """Without the query, still escaped."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Accepted:
    """One event that the service has taken for good."""

    id: str
    """What tells it from others: the id that the service itself knows; empty where it knows none."""
    event: bytes
    """As the service would show it again, as JSON."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What comes back, and what was taken."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    accepted: Sequence[Accepted] = ()
    refused: int = 0
    """Events that the service will never take, in this request."""


Spoil = Callable[[int], bool]
"""Whether the event at that index is to fail, though nothing is wrong with it: a scripted partial failure."""


def sound(index: int) -> bool:
    """A `Spoil` that spoils none."""
    del index
    return False


class Service(Protocol):
    """One service, played."""

    @abstractmethod
    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        """What the service would say, and do. Never raises, whatever is asked."""


class ServiceSettings(Model):
    """A played service's part of the sandbox's configuration.

    A kind adds `type: Literal["…"]`, named as the `type` of the destination that speaks to it, and its fields: the
    credentials it demands, the limits it holds. A module of this package with such a model registers it.
    """

    @abstractmethod
    def build(self) -> Service:
        """The service, with nothing in it."""
