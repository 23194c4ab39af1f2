"""The body of a post: received within its bounds and inflated, or the reason why not."""

import asyncio
from typing import Final, Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from penstock.fields import show_duration, show_size
from penstock.inflate import CODINGS, Broken, TooLarge, inflate
from penstock.sources.base import SourceStats
from penstock.sources.http_answers import Refusal

_IN_LOOP: Final = 2**12
"""Compressed bytes up to which inflating in the loop costs less than the way to a thread and back."""


class Room:
    """The memory that all bodies on their way in may take together, in bytes."""

    def __init__(self, size: int) -> None:
        self._free = size

    def lease(self) -> "Lease":
        """Room for one body."""
        return Lease(self)

    def move(self, size: int) -> bool:
        """Whether there is so much room; it is then taken. A negative size gives room back."""
        if size > self._free:
            return False
        self._free -= size
        return True


class Lease:
    """What one body takes of the room; given back at the end of the `with` block."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._room.move(-self._size)

    def take(self, size: int) -> bool:
        """Whether there was room for so much more."""
        if not self._room.move(size):
            return False
        self._size += size
        return True


class BodyReader:
    """Reads bodies of at most `max_body` bytes, both as they are sent and once they are inflated."""

    def __init__(self, max_body: int, idle_timeout: float, stats: SourceStats) -> None:
        self._stats = stats
        self._max_body = max_body
        self._idle_timeout = idle_timeout

    async def read(self, request: web.BaseRequest, lease: Lease) -> bytes | Refusal:
        """The body. `ConnectionError` where the sender goes away before its end."""
        coding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if coding != "identity" and coding not in CODINGS:
            return Refusal(
                415,
                f"Content-Encoding {coding!r} is not known: send gzip, deflate, zstd, or the body as it is",
                {"Accept-Encoding": "gzip, deflate, zstd"},
            )
        if (request.content_length or 0) > self._max_body:
            return self._too_large()
        body = await self._receive(request, lease)
        if isinstance(body, Refusal) or coding == "identity":
            return body
        inflated = await self._inflate(body, coding)
        if isinstance(inflated, bytes) and not lease.take(len(inflated)):
            return _NO_ROOM
        return inflated

    async def _receive(self, request: web.BaseRequest, lease: Lease) -> bytes | Refusal:
        content = request.content
        parts: list[bytes] = []
        size = 0
        try:
            if not content.is_eof() and request.headers.get("Expect", "").lower() == "100-continue":
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            while True:
                # Most posts are small and here already; a timer for each would cost more than the post.
                if content.is_eof():
                    part = content.read_nowait()
                else:
                    async with asyncio.timeout(self._idle_timeout):
                        part = await content.readany()
                if not part:
                    return b"".join(parts)
                self._stats.bytes += len(part)
                size += len(part)
                if size > self._max_body:
                    return self._too_large()
                if not lease.take(len(part)):
                    return _NO_ROOM
                parts.append(part)
        except (web.RequestPayloadError, HttpProcessingError):
            return Refusal(400, "the body is broken: its chunks or its length are wrong", close=True)
        except TimeoutError:
            return Refusal(
                408,
                f"nothing more of the body came for {show_duration(self._idle_timeout)}",
                close=True,
            )

    async def _inflate(self, body: bytes, coding: str) -> bytes | Refusal:
        try:
            if len(body) <= _IN_LOOP:
                return inflate(body, coding, self._max_body)
            return await asyncio.get_running_loop().run_in_executor(
                None, inflate, body, coding, self._max_body
            )
        except TooLarge:
            return self._too_large()
        except Broken as exc:
            return Refusal(400, f"the body is not {coding}: {exc}")

    def _too_large(self) -> Refusal:
        return Refusal(
            413,
            f"the body is larger than {show_size(self._max_body)}, sent or inflated:"
            " send it in parts, or raise `max_body`",
        )


_NO_ROOM: Final = Refusal(
    429, "too many bodies are on their way in: send this one again later", {"Retry-After": "1"}
)
