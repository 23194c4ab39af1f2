"""What a webhook's body says: its shape, its events, and whether its own count is right. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import msgspec
from isal import isal_zlib
from isal.isal_zlib import IsalError

from penstock.block import count_lines
from penstock.compression import zstd

_GZIP_FORMAT: Final = 31
_METADATA: Final = b'],"metadata":'
_NDJSON: Final = frozenset({"application/x-ndjson", "application/ndjson"})


class Malformed(Exception):
    """The body is not what its headers say; the text tells why."""


class TooLong(Exception):
    """The body is longer than is taken."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was read."""

    events: int
    last: bytes = b""
    """The last event; empty where events were only counted."""


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


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
_metadata: Final = msgspec.json.Decoder(_Metadata)
_array: Final = msgspec.json.Decoder(list[msgspec.Raw])
_objects: Final = msgspec.json.Decoder(list[_Object])
_object: Final = msgspec.json.Decoder(_Object)


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its `Content-Encoding`. Raises `Malformed`, and `TooLong` beyond `limit` bytes."""
    inflater: _Inflater
    match encoding:
        case "" | "identity":
            return body
        case "gzip":
            inflater = isal_zlib.decompressobj(_GZIP_FORMAT)
        case "zstd":
            inflater = zstd.ZstdDecompressor()
        case _:
            raise Malformed(f"Content-Encoding {encoding!r} is not understood")
    try:
        data = bytes(inflater.decompress(body, limit + 1))
    except (IsalError, zstd.ZstdError) as exc:  # type: ignore[misc] # isal says it is an instance
        raise Malformed(f"the body is not {encoding}: {exc}") from exc
    if len(data) > limit:
        raise TooLong
    if not inflater.eof or inflater.unused_data:
        raise Malformed(f"the body is not one whole {encoding} stream")
    return data


def read(body: bytes, content_type: str) -> Content:
    """The events, each looked at. Raises `Malformed`."""
    try:
        body.decode()
        if content_type in _NDJSON:
            return _read_lines(body)
        _must_be_json(content_type)
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


def count(body: bytes, content_type: str) -> Content:
    """The events, counted as cheaply as can be: what the body says of itself is believed. Raises `Malformed`."""
    try:
        if content_type in _NDJSON:
            return Content(count_lines(body))
        if body[:1] == b"[":
            return Content(len(_objects.decode(body)))
        at = body.rfind(_METADATA)
        return Content(_metadata.decode(body[at + len(_METADATA) : -1]).count)
    except msgspec.MsgspecError as exc:
        raise Malformed(str(exc)) from exc


Reader = Callable[[bytes, str], Content]
"""`read` or `count`."""


def _must_be_json(content_type: str) -> None:
    if content_type != "application/json":
        raise Malformed(f"Content-Type is {content_type!r}, not application/json or application/x-ndjson")


def _checked(events: list[msgspec.Raw]) -> Content:
    if not events:
        raise Malformed("there are no events")
    for index, event in enumerate(events):
        if bytes(event)[:1] != b"{":
            raise Malformed(f"event {index} is not an object")
    return Content(len(events), bytes(events[-1]))


def _read_lines(body: bytes) -> Content:
    if body[-1:] != b"\n":
        raise Malformed("the last line does not end in a newline")
    lines = body[:-1].split(b"\n")
    for index, line in enumerate(lines):
        try:
            _object.decode(line)
        except msgspec.MsgspecError as exc:
            raise Malformed(f"line {index}: {exc}") from exc
    return Content(len(lines), lines[-1])
