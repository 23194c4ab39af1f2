"""What goes over a wire and what comes back: plain values between destinations, delivery and wire."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

Compression = Literal["none", "gzip", "zstd"]

Note = Literal["cut", "late", "restamped", "duplicate", "failure_store"]
"""What more there is to say of a delivered event. `cut`: it was too long, and has a mark. `late`: the service keeps none
so old, or so far ahead, and may leave it out. `restamped`: it was, and has a new time. `duplicate`: the service had it already.
`failure_store`: its index could not take it, and the service keeps it beside."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)  # it equals what says the same, as any mapping
class ForAll(Mapping[int, T]):
    """The same for every event of a batch, by index: what a dictionary would say in a thousand entries."""

    count: int
    value: T

    def __getitem__(self, index: int) -> T:
        if index in range(self.count):
            return self.value
        raise KeyError(index)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.count))

    def __len__(self) -> int:
        return self.count


class Signer(Protocol):
    """Gives headers to add. It is called for each attempt, so that what it signs may carry the time of the attempt."""

    slow: bool
    """It may have to wait for credentials, so it is called in a thread of its destination's own."""

    def __call__(self, url: str, body: bytes, time: float) -> Mapping[str, str]:
        """For the URL that is really asked, the exact bytes to be sent, and the time in seconds since the epoch.

        Raises `CredentialsError` where it has nothing to sign with.
        """
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, whole. Made by a destination, sent as it is by the wire."""

    method: str
    url: str = field(repr=False)  # its query may hold a secret
    """Whole."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a secret
    body: bytes = field(default=b"", repr=False)
    compression: Compression = "none"
    """Applied by the wire, which also sets `Content-Encoding`."""
    sign: Signer | None = field(default=None, repr=False)
    nodes: tuple[str, ...] = field(default=(), repr=False)
    """Other URLs at which the same is served: one of them is asked where `url` is not to be reached."""
    rotate: bool = False
    """Ask `url` and `nodes` in turns, not `url` for as long as it answers."""
    notes: Mapping[int, Note] = field(default_factory=dict, repr=False)
    """What there is to say of single events, by index in the batch; counted once they are delivered."""
    weight: int | None = None
    """Bytes as the service counts them against `Limits.bytes`, where that is not the length of the body."""


@dataclass(frozen=True, slots=True)
class Append:
    """Text to put at the end of a file, or on the console."""

    target: str
    """The path of the file; `-` is standard output."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What the service answered. A wire that is not HTTP answers 200 with no body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    truncated: bool = False
    """The body was longer than the wire reads; `body` is its beginning."""
    received: float = 0.0
    """When it came, in seconds since the epoch."""
    url: str = field(default="", repr=False)
    """Which of the request's URLs gave it."""


class FailureKind(StrEnum):
    """Why no answer came."""

    REFUSED = "connection_refused"
    DNS = "dns"
    CONNECT_TIMEOUT = "connect_timeout"
    TIMEOUT = "timeout"
    RESET = "connection_reset"
    TLS = "tls"
    PROTOCOL = "protocol"
    IO = "io"
    CREDENTIALS = "no_credentials"
    """There is nothing to sign the request with; it was not sent."""
    DENIED = "access_denied"
    """The file may not or can never be written there; waiting alone does not mend it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer: what was sent may or may not have arrived, unless `kind` rules it out."""

    kind: FailureKind
    detail: str
    """For people; holds no secret."""


Answer = Response | Failure
