"""Serves one played service at one port, over HTTP/1.1, in whatever weather there is."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final, Self

import orjson
from aiohttp import web

from penstock.clock import Clock, sleep
from penstock.fields import Address
from penstock.http_log import protocol_log
from penstock.sandbox import mischief
from penstock.sandbox.listener import Listener
from penstock.sandbox.received import Received
from penstock.sandbox.reporter import Reporter
from penstock.sandbox.request import Unreadable, read
from penstock.sandbox.service import Answered, Asked, Service
from penstock.sandbox.weather import Plan, Weather

ANY_PORT: Final = Address("127.0.0.1", 0)
LARGEST: Final = 128 * 2**20
"""Bytes of a body, as it comes and inflated: more than any of the services takes, so that each can refuse by itself."""
AHEAD: Final = 2**20
"""Bytes of a body that the server holds before they are read."""
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
        weather: Weather | None = None,
        reporter: Reporter | None = None,
        tls: ssl.SSLContext | None = None,
        largest: int = LARGEST,
    ) -> None:
        """`name` is what messages, faults and reports call it; `largest` bounds a body, in bytes."""
        self.name = name
        self.received = received or Received()
        self.weather = weather or Weather(clock, 0)
        self._service = service
        self._clock = clock
        self._reporter = reporter
        self._largest = largest
        self._scheme = "http" if tls is None else "https"
        self._web: web.Server | None = None
        self._listener = Listener(name, clock, self._connection, tls)

    @property
    def address(self) -> Address:
        """Where it listens, once it does."""
        return self._listener.address

    @property
    def url(self) -> str:
        """Of the service, without a path."""
        return f"{self._scheme}://{self.address}"

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
        return await self._listener.start(listen)

    async def stop(self) -> None:
        """Closes its listener and its connections."""
        self._listener.stop()
        if self._web is not None:
            self._web.pre_shutdown()
            await self._web.shutdown(STOP_TIMEOUT)

    async def follow_weather(self) -> None:
        """Refuses connections while the weather says so, and takes them again."""
        shut = self.weather.is_shut(self.name)
        if shut == self._listener.is_shut:
            return
        if not shut:
            await self._listener.open()
            return
        await self._listener.shut()
        for connection in self._web.connections if self._web is not None else ():
            mischief.reset(connection.transport)

    def _connection(self) -> asyncio.BaseProtocol:
        assert self._web is not None, "listens only after start"
        return self._web()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        now = self._clock.time()
        try:
            asked = await read(request, self._largest, now)
        except Unreadable as exc:
            asked = Asked(request.method, request.raw_path, {}, b"", b"", now)
            refusal = said(exc.status, {"error": str(exc)})
            self._note(asked, refusal, Plan())
            return response(refusal)
        plan = self.weather.plan(self.name, asked.method, asked.path)
        if plan.wait:
            try:
                await sleep(self._clock, plan.wait)
            except asyncio.CancelledError:  # its sender has given up
                self._note(asked, None, plan)
                raise
        return await self._answer(request, asked, plan)

    async def _answer(self, request: web.BaseRequest, asked: Asked, plan: Plan) -> web.StreamResponse:
        answered = self._service.answer(asked, plan.spoil) if plan.reaches_service else None
        self._note(asked, answered, plan)
        if plan.breach is None:
            assert answered is not None, "what nothing keeps back has reached the service"
            return response(answered)
        instead = mischief.in_place(plan.breach, answered, self._service, self._clock.time())
        if await mischief.breaks(plan.breach, request, instead, self._clock):
            return web.Response()  # which has nowhere to go
        return response(instead)

    def _note(self, asked: Asked, answered: Answered | None, plan: Plan) -> None:
        self.received.note(len(asked.raw), answered, fault=plan.is_met, heard=plan.breach is None)
        if self._reporter is not None:
            self._reporter.request(self.name, asked, answered, plan.breach)


def said(status: int, value: object, headers: Mapping[str, str] | None = None) -> Answered:
    """An answer in JSON."""
    return Answered(status, orjson.dumps(value), {"Content-Type": "application/json", **(headers or {})})


def response(answered: Answered) -> web.Response:
    """As aiohttp sends it."""
    return web.Response(
        status=answered.status, body=answered.body, headers={"Server": "penstock-sandbox", **answered.headers}
    )
