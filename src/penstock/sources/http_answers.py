"""What is answered over HTTP: plain values, and one place that makes responses of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec
from aiohttp import web

_ENCODER: Final = msgspec.json.Encoder()
_JSON: Final = {"Server": "penstock", "Content-Type": "application/json"}
_TEXT: Final = {"Server": "penstock", "Content-Type": "text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was taken; `error` says what is wrong and how to mend it."""

    status: int
    error: str
    headers: Mapping[str, str] = field(default_factory=dict)
    close: bool = False
    """The connection ends with it."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A part of a body that is no event."""

    index: int
    """Its place among the lines of the body or the elements of the array, from 0."""
    reason: str


def answer(status: int, body: object, headers: Mapping[str, str] | None = None) -> web.Response:
    """A response with `body` as JSON."""
    return web.Response(
        status=status,
        body=_ENCODER.encode(body),
        headers={**_JSON, **headers} if headers else _JSON,
    )


def plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A response with `text` for people."""
    return web.Response(
        status=status, body=text.encode(errors="replace"), headers={**_TEXT, **(headers or {})}
    )


def refuse(refusal: Refusal) -> web.Response:
    """The response that says a refusal."""
    response = answer(refusal.status, {"error": refusal.error}, refusal.headers)
    if refusal.close:
        response.force_close()
    return response
