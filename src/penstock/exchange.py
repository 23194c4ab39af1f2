"""What goes over a wire and what comes back: plain values between destinations, delivery and wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Compression = Literal["none", "gzip", "zstd"]

Signer = Callable[[bytes, float], Mapping[str, str]]
"""Takes the exact bytes to be sent and the time in seconds since the epoch; gives headers to add.

It is called for each attempt, so that what it signs may carry the time of the attempt.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, whole. Made by a destination, sent as it is by the wire."""

    method: str
    url: str = field(repr=False)  # its query may hold a secret
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a secret
    body: bytes = field(default=b"", repr=False)
    compression: Compression = "none"
    """Applied by the wire, which also sets `Content-Encoding`."""
    sign: Signer | None = field(default=None, repr=False)


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
    DENIED = "access_denied"
    """The file may not or can never be written there; waiting alone does not mend it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer: what was sent may or may not have arrived, unless `kind` rules it out."""

    kind: FailureKind
    detail: str
    """For people; holds no secret."""


Answer = Response | Failure
