"""Plays Splunk's HTTP Event Collector: strict where Splunk is, and in its words.

https://docs.splunk.com/Documentation/Splunk/latest/RESTREF/RESTinput#services.2Fcollector
"""

import re
from base64 import b64decode
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec
from pydantic import ConfigDict, Field, SecretStr

from penstock.fields import Duration, Model, Secret, Size
from penstock.sandbox.service import Answered, Asked, ServiceSettings, Spoil, sound
from penstock.sandbox.splunk_acks import Acks
from penstock.sandbox.splunk_codes import coded, uncoded, words
from penstock.sandbox.splunk_events import read_events, read_lines

_BASE: Final = "/services/collector"
_EVENT: Final = frozenset({_BASE, f"{_BASE}/event", f"{_BASE}/event/1.0", f"{_BASE}/1.0"})
_RAW: Final = frozenset({f"{_BASE}/raw", f"{_BASE}/raw/1.0"})
_ACK: Final = frozenset({f"{_BASE}/ack", f"{_BASE}/ack/1.0"})
_HEALTH: Final = frozenset({f"{_BASE}/health", f"{_BASE}/health/1.0"})
_GUID: Final = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_AT_HEALTH: Final = {4: 21, 1: 22}
"""Codes that are others when it is asked for its health."""


class AcksPlayed(Model):
    """Indexer acknowledgement of the token."""

    enabled: bool = False
    delay: Duration = 0.5
    """Time until what was taken is said to be indexed."""
    most: int = Field(default=1_000_000, ge=1)
    """Acknowledgements of a channel that nobody has asked for yet; beyond that it refuses (code 27)."""


class SplunkHecService(ServiceSettings):
    """Splunk's HTTP Event Collector."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "splunk_hec", "tokens": ["sandbox"]},
                {"type": "splunk_hec", "tokens": ["sandbox"], "indexes": ["main"], "acks": {"enabled": True}},
            ]
        }
    )

    type: Literal["splunk_hec"]
    tokens: Annotated[tuple[Secret, ...], Field(min_length=1)] = (SecretStr("sandbox"),)
    """Those that are good."""
    disabled_tokens: tuple[Secret, ...] = ()
    indexes: tuple[str, ...] = ()
    """To which events may go; empty: to any."""
    query_auth: bool = False
    """Take the token from `?token=` as well."""
    raw_channel: bool = False
    """Raw events need a channel though there are no acknowledgements: Vector insists on it, Splunk does not."""
    acks: AcksPlayed = AcksPlayed()
    max_content_length: Size = Field(default=838_860_800, ge=1)
    """Bytes of a body, inflated."""
    id_field: str = "id"
    """The indexed field that tells events from each other."""

    def build(self) -> "SplunkHec":
        """The service, with nothing in it."""
        return SplunkHec(self)

    def destination(self, url: str) -> dict[str, Any]:
        acks = {"acks": {"enabled": True}} if self.acks.enabled else {}
        return {
            **super().destination(url),
            "auth": {"token": self.tokens[0].get_secret_value()},
            "id_field": self.id_field,
            **acks,
        }


class _Query(msgspec.Struct):
    acks: list[int]


_query: Final = msgspec.json.Decoder(_Query)


class SplunkHec:
    """One indexer."""

    def __init__(self, settings: SplunkHecService) -> None:
        self._settings = settings
        self._tokens = {token.get_secret_value() for token in settings.tokens}
        self._disabled = {token.get_secret_value() for token in settings.disabled_tokens}
        self._acks = Acks(settings.acks.delay, settings.acks.most)

    def words(self, status: int) -> Answered:
        """As it says it."""
        return words(status)

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        path = asked.path.rstrip("/")
        query = dict(parse_qsl(asked.target.partition("?")[2], keep_blank_values=True))
        if path in _HEALTH and asked.method in ("GET", "POST"):
            code = self._door(asked, query) if "authorization" in asked.headers or "token" in query else 0
            return coded(_AT_HEALTH.get(code, code) or 17)
        if path not in _EVENT | _RAW | _ACK:
            return words(404)
        if asked.method != "POST":
            return uncoded(405, "Method Not Allowed")
        if code := self._door(asked, query):
            return coded(code)
        channel = asked.headers.get("x-splunk-request-channel") or query.get("channel", "")
        if path in _ACK:
            return self._confirm(asked, channel)
        return self._take(asked, channel, query.get("index", ""), spoil, raw=path in _RAW)

    def _door(self, asked: Asked, query: dict[str, str]) -> int:
        """The code with which the token is refused; 0 where it is good."""
        said = asked.headers.get("authorization", "")
        if not said and "token" in query:
            if not self._settings.query_auth:
                return 16
            said = f"Splunk {query['token']}"
        if not said:
            return 2
        scheme, _, rest = said.partition(" ")
        token = rest.strip()
        if scheme.lower() == "basic":
            token = _password(token)
        elif scheme.lower() != "splunk":
            return 3
        if not token:
            return 3
        if token in self._disabled:
            return 1
        return 0 if token in self._tokens else 4

    def _gate(self, channel: str, *, needed: bool) -> int:
        """The code with which the channel is refused; 0 where it is good."""
        if not channel:
            return 10 if needed or self._settings.acks.enabled else 0
        if not _GUID.fullmatch(channel):
            return 11
        return 27 if self._settings.acks.enabled and self._acks.full(channel) else 0

    def _take(self, asked: Asked, channel: str, index: str, spoil: Spoil, *, raw: bool) -> Answered:
        """`index` is that of the query: of events that name none."""
        settings = self._settings
        if len(asked.body) > settings.max_content_length:
            most = settings.max_content_length
            return uncoded(413, f"Content-Length of {len(asked.body)} too large (maximum is {most})")
        code = self._gate(channel, needed=raw and settings.raw_channel) or (0 if asked.body.strip() else 5)
        if not code and index and settings.indexes and index not in settings.indexes:
            code = 7
        if code:
            return coded(code)
        if raw:
            taken = read_lines(asked.body, spoil)
        else:
            taken = read_events(asked.body, settings.indexes, settings.id_field, spoil)
        if taken.code:
            return coded(taken.code, number=None if raw else taken.number, accepted=taken.accepted)
        if not settings.acks.enabled:
            return coded(0, accepted=taken.accepted)
        ack = self._acks.give(channel, asked.received, len(taken.accepted))
        return coded(25 if self._acks.near(channel) else 0, ack=ack, accepted=taken.accepted)

    def _confirm(self, asked: Asked, channel: str) -> Answered:
        if not self._settings.acks.enabled:
            return coded(14)
        if code := 10 if not channel else 0 if _GUID.fullmatch(channel) else 11:
            return coded(code)
        try:
            numbers = _query.decode(asked.body).acks
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return coded(6)
        return self._acks.ask(channel, numbers, asked.received)


def _password(credentials: str) -> str:
    """Basic authentication: the user's name is anything, the password is the token."""
    try:
        return b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
