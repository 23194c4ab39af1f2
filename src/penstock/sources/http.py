"""Events over HTTP: the answer 202 is given only once they are durable."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Final, Literal, cast

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field, SecretStr, field_validator

from penstock.clock import Timer
from penstock.fields import Address, Duration, Model, Secret, Size
from penstock.http_log import protocol_log
from penstock.sources.base import Accept, Source, SourceContext, SourceSettings, SourceStats
from penstock.sources.http_body import BodyReader, Room
from penstock.sources.http_cors import Cors, CorsSettings
from penstock.sources.http_events import EventReader, OnMalformed
from penstock.sources.http_ingest import Ingest
from penstock.sources.multiline import JoinedSettings
from penstock.sources.tcp import TcpListener, TcpSettings
from penstock.sources.tls import ListenTls

log = structlog.get_logger(__name__)

_READ: Final = 2**16
"""Bytes of a body that are received ahead of their being read."""
_LINGER: Final = 2.0
"""Seconds for which the rest of a refused body is read and left, so that its sender gets to see the answer."""
_SHORT: Final = 16
"""Bytes an event of the largest body, at least."""
_FEW: Final = 2**16
"""Events that any body may hold."""
_LOOK: Final = 10.0
"""Seconds between looks at the certificate."""
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nServer: penstock\r\nRetry-After: 1\r\nConnection: close\r\n"
    b'Content-Type: application/json\r\nContent-Length: 33\r\n\r\n{"error":"too many connections"}\n'
)


def _is_path(value: str) -> str:
    if not value.startswith("/") or "?" in value or "#" in value:
        raise ValueError('is not a path: write it as "/ingest"')
    return value


class HttpAuth(Model):
    """What senders must show."""

    token: Secret
    """Taken as `Authorization: Bearer <token>`."""

    @field_validator("token")
    @classmethod
    def _is_one(cls, token: SecretStr) -> SecretStr:
        if not token.get_secret_value():
            raise ValueError("is empty, which would let everybody in")
        return token


class HttpSettings(SourceSettings, JoinedSettings):
    """Events over HTTP, as NDJSON, a JSON array, one JSON object or lines of text."""

    type: Literal["http"]
    listen: Address
    """Where to listen: `host:port`, `[::1]:port` for IPv6; port 0 takes any free one."""
    paths: tuple[Annotated[str, AfterValidator(_is_path)], ...] = Field(
        default=("/", "/ingest"), min_length=1
    )
    """Where to post to."""
    auth: HttpAuth | None = None
    tls: ListenTls | None = None
    """Take connections over TLS only."""
    cors: CorsSettings = CorsSettings()
    malformed: OnMalformed = "keep_good"
    """What is no event where only events may be: `keep_good` takes the others and answers 400 with the index and
    reason of each that was not; `reject_all` takes nothing then; `wrap` takes it as a message and answers 202."""
    max_body: Size = Field(default=16 * 2**20, ge=1)
    """Largest body, both as it is sent and inflated."""
    max_pending: Size = Field(default=64 * 2**20, ge=1)
    """Bytes of all bodies on their way in, at most this source's share of `memory`; beyond it posts are answered 429."""
    max_connections: int = Field(default=1024, ge=1)
    """More are refused, and told so."""
    idle_timeout: Duration = Field(default=75.0, gt=0)
    """Close connections on which nothing comes for this long."""
    stop_timeout: Duration = Field(default=5.0, ge=0)
    """At stop, what posts under way may still take."""

    def build(self, context: SourceContext) -> Source:
        return HttpSource(self, context)


class HttpSource:
    """A source that is an HTTP server."""

    def __init__(self, settings: HttpSettings, context: SourceContext) -> None:
        self.name = context.name
        self.stats = SourceStats()
        self._settings = settings
        self._context = context
        self._listener = TcpListener(
            TcpSettings(type="tcp", listen=settings.listen, tls=settings.tls), context.name
        )
        self._ingest: Ingest | None = None
        self._web: _Server | None = None
        self._servers: list[asyncio.Server] = []
        self._timer: Timer | None = None
        self._refusing = False
        self._stopped = asyncio.Event()

    async def start(self, accept: Accept) -> None:
        settings = self._settings
        sockets = await self._listener.open()
        if settings.auth is None and not settings.listen.is_loopback:
            log.warning("open to the network without a token", source=self.name, listen=str(settings.listen))
        self._ingest = self._handler(accept)
        self._web = _Server(self._ingest, settings.idle_timeout, self._counted)
        context = self._listener.tls.context if self._listener.tls else None
        loop = asyncio.get_running_loop()
        self._servers = [
            await loop.create_server(self._connection, sock=sock, ssl=context, backlog=1024)
            for sock in sockets
        ]
        self._look()

    def pause(self) -> None:
        self.stats.paused = True

    def resume(self) -> None:
        self.stats.paused = False

    async def stop(self) -> None:
        if self._stopped.is_set():
            return
        self._stopped.set()
        if self._timer is not None:
            self._timer.cancel()
        for server in self._servers:
            server.close()
        if self._web is not None and self._ingest is not None:
            self._ingest.closing = True
            self._web.pre_shutdown()
            await self._web.shutdown(self._settings.stop_timeout or 0.001)  # aiohttp takes 0 for no bound

    def endpoint(self) -> str:
        scheme = "https" if self._settings.tls else "http"
        return f"{scheme}://{self._listener.endpoint().partition('://')[2]}{self._settings.paths[0]}"

    async def ended(self) -> None:
        await self._stopped.wait()

    def _handler(self, accept: Accept) -> Ingest:
        settings = self._settings
        return Ingest(
            accept=accept,
            clock=self._context.clock,
            stats=self.stats,
            events=EventReader(
                settings,
                self._context,
                settings.malformed,
                max(_FEW, settings.max_body // _SHORT),
                settings.multiline.joining() if settings.multiline else None,
            ),
            bodies=BodyReader(settings.max_body, settings.idle_timeout, self.stats),
            # A body of the largest size finds room in any case, as it is sent and inflated.
            room=Room(min(settings.max_pending, max(self._context.memory, 2 * settings.max_body))),
            paths=frozenset(settings.paths),
            token=settings.auth.token.get_secret_value().encode() if settings.auth else b"",
            cors=Cors(settings.cors),
            keep_good=settings.malformed != "reject_all",
        )

    def _connection(self) -> asyncio.BaseProtocol:
        assert self._web is not None, "listens only after start"
        if self.stats.connections < self._settings.max_connections:
            return self._web()
        self.stats.connections_refused += 1
        if not self._refusing:
            self._refusing = True
            log.warning(
                "connections refused", source=self.name, max_connections=self._settings.max_connections
            )
        return _Refuse()

    def _counted(self, change: int) -> None:
        self.stats.connections += change
        if self._refusing and self.stats.connections < self._settings.max_connections:
            self._refusing = False
            log.info("connections taken again", source=self.name)

    def _look(self) -> None:
        if self._listener.tls is not None:
            self._listener.tls.refresh()
            clock = self._context.clock
            self._timer = clock.call_at(clock.monotonic() + _LOOK, self._look)


class _Server(web.Server):
    """Tells how many connections there are."""

    def __init__(self, handler: Ingest, idle_timeout: float, counted: Callable[[int], None]) -> None:
        super().__init__(
            handler,
            keepalive_timeout=idle_timeout,
            lingering_time=_LINGER,
            read_bufsize=_READ,
            auto_decompress=False,  # it would inflate without end
            access_log=None,
            logger=protocol_log(__name__),
        )
        self._counted = counted

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        self._counted(1)
        super().connection_made(handler, transport)

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        self._counted(-1)
        super().connection_lost(handler, exc)


class _Refuse(asyncio.Protocol):
    """Says that there are too many connections, and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.WriteTransport, transport)  # those of uvloop are no subclass
        stream.write(_FULL)
        stream.close()
