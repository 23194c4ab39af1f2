"""Events that a service will never take, whatever is done for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from penstock.sandbox.service import Answered, Asked, Service, Spoil, Worded, sound

MARK: Final = "poison"


@dataclass(frozen=True, slots=True)
class Poison:
    """How an event becomes one, for one kind of service."""

    event: Mapping[str, Any]
    """What it has in place of what others have."""
    reason: str
    """What its dead letter says; a pattern."""
    service: Mapping[str, Any] = field(default_factory=dict)
    """What the service is set to, that it refuses them."""
    destination: Mapping[str, Any] = field(default_factory=dict)
    """The same of the destination."""
    gate: bool = False
    """The service has nothing against any event: what stands before it refuses a request with one of them in it."""


_LONG_AGO = (datetime.now(UTC) - timedelta(days=20)).isoformat()

BY_KIND: Final[Mapping[str, Poison]] = {
    "cloudwatch": Poison({"timestamp": _LONG_AGO}, "too old"),
    "elasticsearch": Poison(
        {"number": "none"},
        "failed to parse field",
        service={"indices": {"weathers": {"dynamic": "true", "fields": {"number": "long"}}}},
        destination={"index": "weathers", "require_data_stream": False},
    ),
    "splunk_hec": Poison(
        {"index": "secret"},
        "[Ii]ncorrect index",
        service={"indexes": ["main"]},
        destination={"index": "{index|main}"},
    ),
}
"""How the services themselves refuse single events."""
BY_GATE: Final = Poison({"message": MARK}, "HTTP 400", gate=True)


class Gate:
    """Stands before a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        if MARK.encode() in asked.body:
            return self.words(400)
        return self._service.answer(asked, spoil)

    def words(self, status: int) -> Answered:
        if isinstance(self._service, Worded):
            return self._service.words(status)
        return Answered(status, orjson.dumps({"error": status}), {"Content-Type": "application/json"})
