"""What a service that the sandbox plays is asked, and what it answers: plain values.

A service is strict where the real one is, and says the same in the same words. It knows nothing of sockets,
and nothing of faults that are not its own language (latency, resets, bare statuses): those are the server's.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from penstock.fields import Model
from penstock.plugins import type_of


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
    repeated: int = 0
    """Events that the service had already and knew again, so that it did not take them twice."""
    confirmed: int = 0
    """Events of earlier requests that it says here to have, and does not say again."""


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


@runtime_checkable
class Worded(Protocol):
    """A service that has words of its own for being unwell, which scripted faults are to use."""

    @abstractmethod
    def words(self, status: int) -> Answered:
        """What the real one says with this status where the request is not to blame (429, 503, also 401, 413).

        Total. It may answer with another status, as where the real one says 400 and names the error in the body.
        """


class ServiceSettings(Model):
    """A played service's part of the sandbox's configuration.

    A kind adds `type: Literal["…"]`, named as the `type` of the destination that speaks to it, and its fields: the
    credentials it demands, the limits it holds. A module of this package with such a model registers it. The first of
    the examples in its `json_schema_extra` is what a sandbox without a configuration plays.
    """

    takes_in_part: ClassVar[bool] = True
    """It can take some events of a request and not others; one that cannot is never asked to spoil any."""

    @abstractmethod
    def build(self) -> Service:
        """The service, with nothing in it."""

    def destination(self, url: str) -> dict[str, Any]:
        """The part of Penstock's configuration that delivers to this service, with the credentials it demands."""
        return {"type": type_of(type(self)), "url": url}
