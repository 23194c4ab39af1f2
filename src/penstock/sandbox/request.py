"""One request, from the socket to an `Asked`: its body whole and inflated, each within a bound."""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from penstock.fields import show_size
from penstock.inflate import CODINGS, Broken, TooLarge, inflate
from penstock.sandbox.service import Asked

_IN_LOOP: Final = 2**16
"""Compressed bytes up to which inflating in the loop costs less than the way to a thread and back."""


class Unreadable(Exception):
    """The request does not get as far as the service; the text says why."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)


async def read(request: web.BaseRequest, largest: int, now: float) -> Asked:
    """The request as a service is asked. `largest` bounds the body as it comes and inflated. Raises `Unreadable`."""
    headers = _headers(request)
    coding = headers.get("content-encoding", "identity").strip().lower() or "identity"
    if coding != "identity" and coding not in CODINGS:
        raise Unreadable(415, f"Content-Encoding {coding!r} is not known: send gzip, deflate, zstd, or none")
    if (request.content_length or 0) > largest:
        raise _too_large(largest)
    await _bid_continue(request, headers.get("expect", ""))
    raw = await _whole(request, largest)
    body = raw if coding == "identity" else await _inflated(raw, coding, largest)
    return Asked(request.method, request.raw_path, headers, raw, body, now)


def _headers(request: web.BaseRequest) -> dict[str, str]:
    """By their names in lower case; what came in several headers of a name stands in one, as RFC 9110 joins them."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


async def _bid_continue(request: web.BaseRequest, expect: str) -> None:
    """Asks for the body where its sender waits to be asked. aiohttp does so for applications only."""
    if not expect:
        return
    if expect.lower() != "100-continue":
        raise Unreadable(417, f"Expect {expect!r} is not known")
    if request.transport is not None and not request.content.is_eof():
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def _whole(request: web.BaseRequest, largest: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        while chunk := await request.content.readany():
            chunks.append(chunk)
            size += len(chunk)
            if size > largest:
                raise _too_large(largest)
    except (web.RequestPayloadError, HttpProcessingError) as exc:
        raise Unreadable(400, "the body is broken: its chunks or its length are wrong") from exc
    return b"".join(chunks)


async def _inflated(raw: bytes, coding: str, largest: int) -> bytes:
    try:
        if len(raw) <= _IN_LOOP:
            return inflate(raw, coding, largest)
        return await asyncio.get_running_loop().run_in_executor(None, inflate, raw, coding, largest)
    except TooLarge as exc:
        raise _too_large(largest) from exc
    except Broken as exc:
        raise Unreadable(400, f"the body is not {coding}: {exc}") from exc


def _too_large(largest: int) -> Unreadable:
    return Unreadable(413, f"the body is larger than {show_size(largest)}, as it comes or inflated")
