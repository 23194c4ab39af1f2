"""Plays Datadog's log intake, version 2.

What each request is answered is as the API reference, and answers quoted by its users, have it; what is said to an array
of too many events could not be seen anywhere. https://docs.datadoghq.com/api/latest/logs/send-logs/
"""

from collections.abc import Sequence
from http.client import responses
from typing import Any, Final, Literal
from urllib.parse import parse_qs

import msgspec
import orjson
from pydantic import ConfigDict, SecretStr

from penstock.fields import Duration, Secret, Size
from penstock.sandbox.datadog_event import Event, clipped, said_time
from penstock.sandbox.received import ID_FIELD
from penstock.sandbox.service import Accepted, Answered, Asked, ServiceSettings, Spoil, sound

PATH: Final = "/api/v2/logs"
_AHEAD: Final = 2 * 3600.0
_DETAILS: Final = {
    400: "Invalid JSON payload",
    401: "API key is missing or invalid",
    403: "API key is missing or invalid",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timed out",
    413: "Request too large",
    415: "Content type is not supported",
    429: "Too many requests",
    500: "Internal error",
    503: "Service unavailable",
}


class PlayedDatadogSettings(ServiceSettings):
    """Plays Datadog's log intake."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "datadog"},
                {"type": "datadog", "api_keys": ["sandbox", "another"], "oldest": "1h"},
            ]
        }
    )

    takes_in_part = False
    type: Literal["datadog"]
    api_keys: tuple[Secret, ...] = (SecretStr("sandbox"),)
    """Those that are let in; with none anybody is."""
    max_body: Size = 5 * 10**6
    """Bytes of a request, inflated; one with more is answered with 413."""
    max_events: int = 1000
    """Events of a request; one with more is answered with 413."""
    max_event: Size = 10**6
    """Bytes of an event; a longer one is cut and taken, and nothing is said."""
    oldest: Duration = 18 * 3600.0
    """An event from before, or from more than two hours ahead, is left out, and nothing is said."""

    def build(self) -> "PlayedDatadog":
        return PlayedDatadog(self)

    def destination(self, url: str) -> dict[str, Any]:
        key = self.api_keys[0].get_secret_value() if self.api_keys else "none"
        return {"type": "datadog", "url": url, "auth": {"api_key": key}, "id_field": ID_FIELD}


class PlayedDatadog:
    """The intake of one site. Events that it leaves out without a word are counted as refused."""

    def __init__(self, settings: PlayedDatadogSettings) -> None:
        self._settings = settings
        self._keys = {key.get_secret_value() for key in settings.api_keys}
        self.clipped = 0
        """Events that were cut."""

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        """The intake takes a request or not: an event that is spoiled all the same vanishes, as one that is too old does."""
        status = self._refusal(asked)
        if status:
            return self.words(status)
        events = self._events(asked)
        if events is None:
            return self.words(400)
        if len(events) > self._settings.max_events:
            return self.words(413)
        accepted = [
            self._taken(event)
            for index, event in enumerate(events)
            if not spoil(index) and self._timely(event, asked.received)
        ]
        return _said(202, {}, accepted, len(events) - len(accepted))

    def words(self, status: int) -> Answered:
        title = responses.get(status, "Unknown")
        error = {"status": str(status), "title": title, "detail": _DETAILS.get(status, title)}
        return _said(status, {"errors": [error]})

    def _refusal(self, asked: Asked) -> int:
        """The status where the request gets no further; 0 where it does."""
        key = asked.headers.get("dd-api-key") or _query(asked, "dd-api-key")
        if asked.path != PATH:
            return 404
        if asked.method != "POST":
            return 405
        if self._keys and key not in self._keys:
            return 403 if key else 401
        return 413 if len(asked.body) > self._settings.max_body else 0

    def _events(self, asked: Asked) -> Sequence[Event] | None:
        """None where the body is not what its type says."""
        kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/plain":
            tags = _query(asked, "ddtags")
            more = {"ddtags": tags} if tags else {}
            lines = asked.body.decode(errors="replace").splitlines()
            return [Event.of({"message": line, **more}) for line in lines if line]
        try:
            if asked.body.lstrip()[:1] != b"[":
                event = Event.read(asked.body)
                return [] if event.empty else [event]
            return [
                Event.read(bytes(item)) for item in msgspec.json.decode(asked.body, type=list[msgspec.Raw])
            ]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def _timely(self, event: Event, now: float) -> bool:
        time = said_time(event)
        return time is None or now - self._settings.oldest <= time <= now + _AHEAD

    def _taken(self, event: Event) -> Accepted:
        if len(event.raw) <= self._settings.max_event:
            return Accepted("", event.raw)
        self.clipped += 1
        return Accepted("", clipped(event.raw, self._settings.max_event))


def _query(asked: Asked, name: str) -> str:
    return ",".join(parse_qs(asked.target.partition("?")[2]).get(name, []))


def _said(status: int, value: object, accepted: Sequence[Accepted] = (), refused: int = 0) -> Answered:
    return Answered(status, orjson.dumps(value), {"Content-Type": "application/json"}, accepted, refused)
