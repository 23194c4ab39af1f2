"""What a webhook's body says: its shape, its events, and whether its own count is right. Pure."""

from datetime import datetime
from typing import Final

import msgspec

_NDJSON: Final = frozenset({"application/x-ndjson", "application/ndjson"})


class Malformed(Exception):
    """The body is not what its headers say; the text tells why."""


class _Metadata(msgspec.Struct, forbid_unknown_fields=True):
    timestamp: datetime
    count: int
    source: str


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    logs: list[msgspec.Raw]
    metadata: _Metadata


class _Object(msgspec.Struct, gc=False):
    """Any JSON object, nothing of it kept."""


_envelope: Final = msgspec.json.Decoder(_Envelope)
_array: Final = msgspec.json.Decoder(list[msgspec.Raw])
_object: Final = msgspec.json.Decoder(_Object)


def read(body: bytes, content_type: str) -> list[bytes]:
    """The events, each looked at. Raises `Malformed`."""
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        body.decode()
        if media_type in _NDJSON:
            return _read_lines(body)
        if media_type != "application/json":
            raise Malformed(f"Content-Type is {content_type!r}, not application/json or application/x-ndjson")
        if body[:1] == b"[":
            return _checked(_array.decode(body))
        envelope = _envelope.decode(body)
    except UnicodeDecodeError as exc:
        raise Malformed("the body is not UTF-8") from exc
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise Malformed(str(exc)) from exc
    if len(envelope.logs) != envelope.metadata.count:
        raise Malformed(
            f"metadata.count is {envelope.metadata.count}, but there are {len(envelope.logs)} logs"
        )
    return _checked(envelope.logs)


def _checked(raw: list[msgspec.Raw]) -> list[bytes]:
    if not raw:
        raise Malformed("there are no events")
    events = [bytes(event) for event in raw]
    for index, event in enumerate(events):
        if event[:1] != b"{":
            raise Malformed(f"event {index} is not an object")
    return events


def _read_lines(body: bytes) -> list[bytes]:
    if body[-1:] != b"\n":
        raise Malformed("the last line does not end in a newline")
    lines = body[:-1].split(b"\n")
    for index, line in enumerate(lines):
        try:
            _object.decode(line)
        except msgspec.MsgspecError as exc:
            raise Malformed(f"line {index}: {exc}") from exc
    return lines
