"""Serves one played service at one port, over HTTP/1.1."""

import asyncio
from collections.abc import Mapping
from typing import Final, Self

import orjson
from aiohttp import web

from penstock.clock import Clock
from penstock.errors import StartError
from penstock.fields import Address
from penstock.http_log import protocol_log
from penstock.sandbox.received import Received
from penstock.sandbox.request import Unreadable, read
from penstock.sandbox.service import Answered, Service

ANY_PORT: Final = Address("127.0.0.1", 0)
LARGEST: Final = 128 * 2**20
"""Bytes of a body, as it comes and inflated: more than any of the services takes, so that each can refuse by itself."""
AHEAD: Final = 2**20
"""Bytes of a body that the server holds before they are read."""
BACKLOG: Final = 512
"""Connections that the kernel holds until they are taken."""
IDLE: Final = 75.0
"""Seconds after which a connection without a request is closed."""
LINGER: Final = 2.0
"""Seconds for which the rest of a refused body is read and left, so that its sender gets to see the answer."""
STOP_TIMEOUT: Final = 1.0
"""Seconds that a request under way may still take at stop."""


class Server:
    """One service at one address, from `start` to `stop`; as a context manager at any free port of loopback."""

    def __init__(
        self,
        service: Service,
        clock: Clock,
        *,
        name: str = "service",
        received: Received | None = None,
        largest: int = LARGEST,
    ) -> None:
        """`name` is for messages; `largest` bounds a body, in bytes."""
        self.received = received or Received()
        self.address = ANY_PORT
        """Where it listens, once it does."""
        self._service = service
        self._clock = clock
        self._name = name
        self._largest = largest
        self._web: web.Server | None = None
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Of the service, without a path."""
        return f"http://{self.address}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, listen: Address = ANY_PORT) -> Address:
        """Binds and serves; returns the address with the port that was given. Raises `StartError`."""
        self._web = web.Server(
            self._handle,
            access_log=None,
            logger=protocol_log(__name__),
            auto_decompress=False,  # it would inflate without end
            handler_cancellation=True,
            keepalive_timeout=IDLE,
            lingering_time=LINGER,
            read_bufsize=AHEAD,
        )
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                self._web, listen.host, listen.port, backlog=BACKLOG, reuse_address=True
            )
        except OSError as exc:
            raise StartError(f"{self._name} cannot listen on {listen}: {exc.strerror or exc}") from exc
        host, port = self._listener.sockets[0].getsockname()[:2]
        self.address = Address(host, port)
        return self.address

    async def stop(self) -> None:
        """Closes its listener and its connections."""
        if self._listener is not None:
            self._listener.close()
        if self._web is not None:
            await self._web.shutdown(STOP_TIMEOUT)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            asked = await read(request, self._largest, self._clock.time())
        except Unreadable as exc:
            answered = said(exc.status, {"error": str(exc)})
            size = 0
        else:
            answered = self._service.answer(asked)
            size = len(asked.raw)
        self.received.note(size, answered)
        return response(answered)


def said(status: int, value: object, headers: Mapping[str, str] | None = None) -> Answered:
    """An answer in JSON."""
    return Answered(status, orjson.dumps(value), {"Content-Type": "application/json", **(headers or {})})


def response(answered: Answered) -> web.Response:
    """As aiohttp sends it."""
    return web.Response(
        status=answered.status, body=answered.body, headers={"Server": "penstock-sandbox", **answered.headers}
    )
