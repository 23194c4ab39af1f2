"""Keeps an answer from its sender, in one of the ways that services and what stands before them have."""

import asyncio
import math
import socket
import struct
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

import orjson
from aiohttp import web

from penstock.clock import Clock, sleep
from penstock.sandbox.faults import Breach, Cut, Garbled, Hang, Html, Reset, ShortBody, Status
from penstock.sandbox.service import Answered, Service, Worded

_FLUSH: Final = 1.0
"""Seconds for which the other side may take what was said before the connection breaks."""
_TICK: Final = 0.001
_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: what is closed so sends RST, and nothing that waits to be sent."""
_SOMETHING: Final = b'{"status":"ok"}'
"""What is cut where the service's answer has no body."""
_PAGE: Final = """<!DOCTYPE html>
<html><head><title>{title}</title></head>
<body><center><h1>{title}</h1></center><hr><center>penstock-sandbox</center></body></html>
"""


def in_place(breach: Breach, answered: Answered | None, service: Service, now: float) -> Answered:
    """What is said in place of the answer; for those that break the connection, what they break off.

    `answered` is none where the service was not asked; `now` is in seconds since the epoch.
    """
    match breach:
        case Html():
            title = f"{breach.status} {_phrase(breach.status)}"
            page = _PAGE.format(title=title).encode()
            return Answered(breach.status, page, {"Content-Type": "text/html; charset=utf-8"})
        case Status():
            return _with_retry_after(_status(breach.status, service), breach, now)
        case Garbled():
            whole = _answer(answered)
            return Answered(whole.status, whole.body[: math.ceil(len(whole.body) / 2)], whole.headers)
        case _:
            return _answer(answered)


async def breaks(breach: Breach, request: web.BaseRequest, said: Answered, clock: Clock) -> bool:
    """Whether the connection is broken with it, which is done; otherwise `said` is still to be sent."""
    match breach:
        case Hang():
            await asyncio.Event().wait()  # until the connection ends, which cancels this
        case Reset():
            reset(request.transport)
        case Cut():
            await _half(request, said, clock)
            reset(request.transport)
        case ShortBody():
            await _half(request, said, clock)
            if request.transport is not None:
                request.transport.close()
        case _:
            return False
    return True


def reset(transport: asyncio.Transport | None) -> None:
    """Ends a connection with RST."""
    if transport is None:
        return  # it has gone already
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()


async def _half(request: web.BaseRequest, said: Answered, clock: Clock) -> None:
    """Sends an answer's head, and half of the body that it promises."""
    transport = request.transport
    if transport is None:
        return
    lines = [
        f"HTTP/1.1 {said.status} {_phrase(said.status)}",
        f"Content-Length: {len(said.body)}",
        *(f"{name}: {value}" for name, value in said.headers.items()),
    ]
    transport.write("\r\n".join([*lines, "", ""]).encode() + said.body[: len(said.body) // 2])
    until = clock.monotonic() + _FLUSH
    while transport.get_write_buffer_size() and clock.monotonic() < until:
        await sleep(clock, _TICK)


def _answer(answered: Answered | None) -> Answered:
    """One that has a body to be broken."""
    if answered is None or not answered.body:
        return Answered(200, _SOMETHING, {"Content-Type": "application/json"})
    return answered


def _status(status: int, service: Service) -> Answered:
    if isinstance(service, Worded):
        return service.words(status)
    if status < 400:
        return Answered(status)
    body = orjson.dumps({"error": _phrase(status).lower()})
    return Answered(status, body, {"Content-Type": "application/json"})


def _with_retry_after(said: Answered, breach: Status, now: float) -> Answered:
    kept = {name: value for name, value in said.headers.items() if name.lower() != "retry-after"}
    if breach.retry_after is not None:
        seconds = math.ceil(breach.retry_after)
        as_date = breach.retry_after_as == "date"
        kept["Retry-After"] = formatdate(now + seconds, usegmt=True) if as_date else str(seconds)
    return Answered(said.status, said.body, kept)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
