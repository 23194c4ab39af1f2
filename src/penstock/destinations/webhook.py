"""Posts batches as JSON to any URL.

Headers and signatures follow the Standard Webhooks specification (standardwebhooks.com).
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import orjson
from pydantic import AfterValidator, ConfigDict, Field

from penstock.block import Batch
from penstock.destinations.answers import describe, judge_status
from penstock.destinations.auth import HeaderName, HeaderText, HttpAuth
from penstock.destinations.base import (
    Blocked,
    Delivered,
    DestinationSettings,
    Limits,
    Refused,
    Retry,
    Verdict,
)
from penstock.destinations.event_ids import id_overhead, with_ids
from penstock.exchange import Answer, Compression, Failure, Request
from penstock.fields import SECRET_NAME, FieldName, HttpUrl, Model, Secret
from penstock.transport import HttpTransport, Transport

Format = Literal["envelope", "array", "ndjson"]

SHUT: Final = frozenset({401, 403, 407, 410})
NO_EVENT_TO_BLAME: Final = frozenset({404, 405, 406, 411, 412, 414, 415, 417, 421, 426, 428, 431, 451})
"""What the path, the method or the headers have caused: a smaller batch would fare no better."""


OURS: Final = frozenset(
    {"content-length", "content-encoding", "transfer-encoding", "connection", "host", "idempotency-key"}
    | {"webhook-id", "webhook-timestamp", "webhook-signature"}
)
"""Headers that follow from the request itself."""


def _yours(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if name.lower() in OURS:
            raise ValueError(f"{name} is set by Penstock: leave it out")
    return headers


def _secret_headers(headers: dict[str, str]) -> frozenset[str]:
    """What must not be shown of those that were written here, though `auth` is the place for them."""
    values = [value for name, value in headers.items() if SECRET_NAME.search(name)]
    return frozenset([*values, *(value.split()[-1] for value in values if value.strip())])


def _signing_key(secret: Secret) -> Secret:
    try:
        key = b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except (Base64Error, ValueError):
        key = b""
    if not key:
        raise ValueError("is not a signing secret: it should look like whsec_ and then base64")
    return secret


SigningSecret = Annotated[Secret, AfterValidator(_signing_key)]


class SignSettings(Model):
    """Standard Webhooks signatures."""

    secret: SigningSecret
    """`whsec_` and then base64."""
    previous: tuple[SigningSecret, ...] = ()
    """While the secret is rotated: the ones that the receiver may still check against."""


class WebhookSettings(DestinationSettings, HttpTransport):
    """Posts batches as JSON to any URL."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "webhook", "url": "https://logs.example.com/in"},
                {
                    "type": "webhook",
                    "url": "https://logs.example.com/in",
                    "format": "array",
                    "compression": "gzip",
                    "auth": {"bearer": "hunter2"},
                    "sign": {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
                },
            ]
        }
    )

    type: Literal["webhook"]
    url: HttpUrl
    """Where to post to, whole."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    headers: Annotated[dict[HeaderName, HeaderText], AfterValidator(_yours)] = Field(default_factory=dict)
    """Further headers; one of them may be another `Content-Type`. For a secret take `auth`."""
    format: Format = "envelope"
    """`envelope`: `{"logs": [...], "metadata": {"timestamp", "count", "source"}}`. `array`: the events as one JSON
    array. `ndjson`: one event a line."""
    source: str = "penstock"
    """What `metadata.source` says."""
    id_field: FieldName = ""
    """Put the event's id into it, under this name: a retry may repeat an event, and this is how to tell. An event that has
    such a field keeps its own."""
    compression: Compression = "none"
    """Of what is sent; not every receiver reads it."""
    idempotency_key: bool = True
    """Send `Idempotency-Key` and `webhook-id`: the same for every retry of a batch."""
    auth: HttpAuth = HttpAuth()
    sign: SignSettings | None = None

    def build(self, name: str) -> "Webhook":
        """The destination; it needs no name."""
        del name
        return Webhook(self)


class Webhook:
    """Any URL that takes JSON and answers with a status."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        self._signer = Signer(settings.sign) if settings.sign else None
        content_type = "application/x-ndjson" if settings.format == "ndjson" else "application/json"
        self._headers = _merged({"Content-Type": content_type}, settings.headers, settings.auth.headers())
        self.transport: Transport = settings
        self.secrets = settings.auth.secrets() | _secret_headers(settings.headers)
        if self._signer:
            self.secrets |= self._signer.secrets
        empty = Batch((), 0.0)
        self.limits = Limits(
            batch_overhead=len(self._body(empty)) + 12,  # its count grows to 12 digits
            event_overhead=id_overhead(settings.id_field),
        )

    def encode(self, batch: Batch) -> Request:
        settings = self._settings
        headers = self._headers
        if settings.idempotency_key:
            headers = headers | {"Idempotency-Key": batch.id, "webhook-id": batch.id}
        return Request(
            method=settings.method,
            url=settings.url,
            headers=headers,
            body=self._body(batch),
            compression=settings.compression,
            sign=self._signer.of(batch.id) if self._signer else None,
        )

    def judge(self, batch: Batch, answer: Answer) -> Verdict:
        del batch  # the answer is about the whole of it
        if isinstance(answer, Failure):
            return Retry(describe(answer))
        status = answer.status
        if 200 <= status < 300:
            return Delivered()
        reason = describe(answer)
        if status in SHUT:
            return Blocked(reason)
        if verdict := judge_status(answer, reason):
            return verdict
        by_request = status < 400 or status in NO_EVENT_TO_BLAME
        return Refused(reason, "the request" if by_request else "an event")

    def _body(self, batch: Batch) -> bytes:
        pieces = [piece.data for piece in batch.pieces]
        if self._settings.id_field:
            pieces = [b"".join([line + b"\n" for line in with_ids(batch, self._settings.id_field)])]
        if self._settings.format == "ndjson":
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        # Each line is an object, so an array is the lines with commas for newlines: no event is parsed. What
        # goes around them holds no newline, so it may be there before, and all is copied only twice.
        start, end = self._around(batch)
        lines: list[bytes | memoryview] = [*pieces]
        lines[-1:] = [memoryview(line)[:-1] for line in lines[-1:]]
        return b"".join([start, *lines, end]).replace(b"\n", b",")

    def _around(self, batch: Batch) -> tuple[bytes, bytes]:
        """What stands before and after the events."""
        if self._settings.format == "array":
            return b"[", b"]"
        metadata = {
            "timestamp": datetime.fromtimestamp(batch.cut_at, UTC).isoformat(timespec="milliseconds"),
            "count": batch.count,
            "source": self._settings.source,
        }
        return b'{"logs":[', b'],"metadata":' + orjson.dumps(metadata) + b"}"


def _merged(*groups: Mapping[str, str]) -> dict[str, str]:
    """The later wins, whatever the case of the name."""
    merged = {name.lower(): (name, value) for group in groups for name, value in group.items()}
    return dict(merged.values())


class Signer:
    """Signs as Standard Webhooks asks, with every secret that the receiver may check against."""

    def __init__(self, settings: SignSettings) -> None:
        texts = [secret.get_secret_value() for secret in (settings.secret, *settings.previous)]
        self._keys: Sequence[bytes] = [b64decode(text.removeprefix("whsec_")) for text in texts]
        self.secrets = frozenset(text.removeprefix("whsec_") for text in texts)

    def of(self, message_id: str) -> "MessageSigner":
        """The signer of one message."""
        return MessageSigner(self._keys, message_id)


class MessageSigner:
    """Called with the exact bytes of the body and the time, at each attempt."""

    slow = False

    def __init__(self, keys: Sequence[bytes], message_id: str) -> None:
        self._keys = keys
        self._id = message_id

    def __call__(self, url: str, body: bytes, time: float) -> Mapping[str, str]:
        del url
        timestamp = str(int(time))
        content = f"{self._id}.{timestamp}.".encode() + body
        signatures = [
            f"v1,{b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}" for key in self._keys
        ]
        return {
            "webhook-id": self._id,
            "webhook-timestamp": timestamp,
            "webhook-signature": " ".join(signatures),
        }
