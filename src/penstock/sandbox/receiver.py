"""A webhook's other side: a small, strict HTTP receiver, for trying and for measuring."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import orjson
from aiohttp import web

from penstock.clock import Clock, sleep
from penstock.errors import StartError
from penstock.fields import Address
from penstock.sandbox.bodies import Malformed, TooLong, count, inflate, read
from penstock.sandbox.reporter import Reporter
from penstock.sandbox.tally import Tally
from penstock.tasks import Tasks

LARGEST: Final = 64 * 2**20
"""Bytes of a body, as it comes and inflated."""
AHEAD: Final = 2**20
"""Bytes of a body that the server holds before they are read."""
BACKLOG: Final = 128
"""Connections that the kernel holds until they are taken."""
STOP_TIMEOUT: Final = 1.0
"""Seconds that a request under way may still take at stop."""
METHODS: Final = frozenset({"POST", "PUT", "PATCH"})


class Receiver:
    """Takes posts at any path, from `start` to `stop`, and answers `GET /received` with what it counted.

    A body is refused with 400 and a reason where it is not what it claims to be: another shape than its content
    type, a wrong count in its metadata, an event that is no object, two keys that differ.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        count_only: bool = False,
        reporter: Reporter | None = None,
        on_body: Callable[[bytes, int], None] | None = None,
    ) -> None:
        """`count_only` believes what bodies say of themselves, and costs little.

        `on_body` sees each body, inflated, with its count of events.
        """
        self.tally = Tally()
        self._clock = clock
        self._read = count if count_only else read
        self._reporter = reporter
        self._on_body = on_body
        self._tasks = Tasks("receiver")
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None

    async def start(self, listen: Address) -> Address:
        """Binds and serves; returns the address with the port that was given. Raises `StartError`."""
        self._server = web.Server(
            self._handle, access_log=None, auto_decompress=False, read_bufsize=AHEAD, keepalive_timeout=75.0
        )
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                self._server, listen.host, listen.port, backlog=BACKLOG
            )
        except OSError as exc:
            raise StartError(f"the receiver cannot listen on {listen}: {exc.strerror or exc}") from exc
        if self._reporter is not None:
            self._tasks.start(self._tick(self._reporter), "summary")
        host, port = self._listener.sockets[0].getsockname()[:2]
        return Address(host, port)

    async def stop(self) -> None:
        """Closes its listener and its connections."""
        if self._listener is not None:
            self._listener.close()
        if self._server is not None:
            await self._server.shutdown(STOP_TIMEOUT)
        await self._tasks.stop()
        if self._reporter is not None:
            self._reporter.tick(self._clock.time())

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method in METHODS:
            try:
                return _json(200, self._take(request, await _whole(request)))
            except TooLong:
                return self._refuse(413, f"the body is longer than {LARGEST} bytes")
            except Malformed as exc:
                return self._refuse(400, str(exc))
        if request.path != "/received":
            return self._refuse(404, "post events at any path, or get /received")
        return _json(200, {**asdict(self.tally.counts), "keys_remembered": self.tally.keys})

    def _take(self, request: web.BaseRequest, raw: bytes) -> dict[str, object]:
        headers = request.headers
        key = headers.get("Idempotency-Key", "")
        if headers.get("webhook-id", key) != key:
            raise Malformed("Idempotency-Key and webhook-id differ")
        body = inflate(raw, headers.get("Content-Encoding", ""), LARGEST)
        content = self._read(body, request.content_type)
        if self._on_body is not None:
            self._on_body(body, content.events)
        is_new = self.tally.take(content.events, len(raw), key)
        if self._reporter is not None:
            self._reporter.taken(self._clock.time(), content.events, len(raw), content.last, again=not is_new)
        return {"received": content.events, "duplicate": not is_new}

    def _refuse(self, status: int, reason: str) -> web.Response:
        self.tally.counts.malformed += 1
        if self._reporter is not None:
            self._reporter.refused(self._clock.time(), status, reason)
        return _json(status, {"error": reason})

    async def _tick(self, reporter: Reporter) -> None:
        while True:
            await sleep(self._clock, 1.0)
            reporter.tick(self._clock.time())


async def _whole(request: web.BaseRequest) -> bytes:
    """The body as it comes. Raises `TooLong`, and `Malformed` where less comes than was announced."""
    if (request.content_length or 0) > LARGEST:
        raise TooLong
    chunks: list[bytes] = []
    size = 0
    while chunk := await request.content.readany():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise TooLong
    return b"".join(chunks)


def _json(status: int, value: object) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")
