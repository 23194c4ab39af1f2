"""Faults: what may go wrong, with which requests, how often and for how long."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from penstock.fields import Duration, Model

_YEAR: Final = 365 * 86400.0
"""Seconds. A wait has to end before the last date that there is."""

FaultName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""It stands in URLs."""


def parse_share(value: object) -> float:
    """From 0 to 1, from `0.01` or `1%`."""
    number: object = value
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            number = float(value.strip()[:-1]) / 100
        except ValueError:
            number = None
    if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1:
        return float(number)
    raise ValueError("is not a share: write 1% or a number from 0 to 1")


Share = Annotated[
    float,
    BeforeValidator(parse_share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$"},
            ],
            "examples": ["1%"],
        }
    ),
]
"""How many of all: 0 to 1."""


class Fault(Model):
    """Anything that may go wrong."""

    name: FaultName | None = None
    """To remove it by while the sandbox runs; without one it is given a number."""
    services: tuple[str, ...] = ()
    """The services that it befalls, by name; none: all."""
    after: Duration = 0.0
    """It begins this long after it was set, which for those of the configuration is the start."""
    for_: Duration | None = Field(default=None, alias="for")
    """It ends this long after it began; left out: never."""


class CountedFault(Fault):
    """One that befalls some and not others."""

    share: Share = 1.0
    """How many of those that it could befall: `1%`, or 0 to 1."""
    count: Annotated[int, Field(ge=1)] | None = None
    """It ends once it has befallen so many."""


class RequestFault(CountedFault):
    """One that befalls single requests."""

    method: str | None = None
    """Only requests with this method."""
    path: str | None = None
    """Only requests to such a path; `*` stands for anything: `/services/collector/*`."""


class Breach(RequestFault):
    """One that keeps the service's answer from its sender. Where several could, the first does."""

    taken: bool = False
    """The service takes what was sent all the same: the sender is not told, and sends it again."""


class Latency(RequestFault):
    """The service takes its time. Where several apply they add up, and other faults come on top."""

    type: Literal["latency"]
    delay: Duration
    """Until the service looks at the request."""
    up_to: Duration | None = None
    """Anything from `delay` to this, evenly."""


class Hang(Breach):
    """No answer, until the sender gives up."""

    type: Literal["hang"]


class Reset(Breach):
    """The connection is reset before the answer."""

    type: Literal["reset"]


class Cut(Breach):
    """The connection is reset in the middle of the answer's body."""

    type: Literal["cut"]
    taken: bool = True
    """The service has taken what was sent, as its answer was on the way."""


class ShortBody(Breach):
    """Half of the answer's body, less than its `Content-Length` says, and the connection is closed in good order."""

    type: Literal["short_body"]
    taken: bool = True
    """The service has taken what was sent, as its answer was on the way."""


class Garbled(Breach):
    """An answer that is whole by its length, with JSON that breaks off in the middle."""

    type: Literal["garbled"]
    taken: bool = True
    """The service has taken what was sent, as this is its answer."""


class Html(Breach):
    """A page for people instead of an answer, as a proxy shows it."""

    type: Literal["html"]
    status: Annotated[int, Field(ge=200, le=599)] = 502
    """What the page comes with; 200 is the meanest."""


class Status(Breach):
    """A status, in the service's own words where it has any."""

    type: Literal["status"]
    status: Annotated[int, Field(ge=200, le=599)]
    """A service may say it with another, as CloudWatch Logs does."""
    retry_after: Annotated[Duration, Field(le=_YEAR)] | None = None
    """What `Retry-After` says, a year at most; left out: there is no such header."""
    retry_after_as: Literal["seconds", "date"] = "seconds"
    """Which of its two forms `Retry-After` has."""


class Partial(RequestFault):
    """Some events of a request fail and the others are taken, as the service itself tells it."""

    type: Literal["partial"]
    events: Share
    """How many of a request's events fail."""


class Refuse(Fault):
    """Nobody listens: connections are refused, and those that are open are reset."""

    type: Literal["refuse"]


class Tls(CountedFault):
    """What is wrong with TLS; `share` and `count` are of connections. The service needs `tls: true`."""

    type: Literal["tls"]
    certificate: Literal["untrusted", "expired", "wrong_name"] | None = None
    """What is wrong with the certificate; left out: the handshake breaks off."""


AnyFault = Annotated[
    Latency | Hang | Reset | Cut | ShortBody | Garbled | Html | Status | Partial | Refuse | Tls,
    Field(discriminator="type"),
]


def type_name(fault: Fault) -> str:
    """Its `type`."""
    kind: str = getattr(fault, "type")  # noqa: B009 - the base has none, as no fault is of it
    return kind


def _known_names(faults: tuple[Any, ...]) -> tuple[Any, ...]:
    names = [fault.name for fault in faults if fault.name]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"has two faults called {name}: give each a name of its own")
    return faults


FaultList = Annotated[tuple[AnyFault, ...], AfterValidator(_known_names)]
"""In their order: of two that keep an answer back the first does."""
