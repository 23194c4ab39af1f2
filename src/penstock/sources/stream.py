"""What tcp and unix have in common: many connections, each a stream of lines."""

import asyncio
import socket
from abc import abstractmethod
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from pydantic import Field

from penstock.clock import Timer
from penstock.fields import Duration, show_duration
from penstock.sources.base import Accept, LineDecoder, SourceContext, SourceSettings, SourceStats
from penstock.sources.connection import Connection
from penstock.sources.decode import Decoder
from penstock.sources.framing import BITE, Framer, Framing, Limit, framer_for
from penstock.sources.intake import LEAST, Intake
from penstock.sources.joining import Joining, JoiningFramer, Silence
from penstock.sources.tls import ServerTls

log = structlog.get_logger(__name__)

HANDSHAKE: Final = 10.0
"""Seconds for TLS to be agreed on."""
DRAIN: Final = 1.0
"""Seconds at most, at stop, to read what the kernel already holds."""
QUIET: Final = 5
"""Turns of the loop without a byte that mean that the kernel holds nothing more."""
LOOK: Final = 10.0
"""Seconds between looks at what changes slowly: idle connections, certificates."""


class StreamSettings(SourceSettings):
    """What tcp and unix have in common."""

    framing: Framing = "newline"
    """How messages are told apart: by newlines, by octet counting (RFC 6587), or as each connection begins."""
    max_connections: int = Field(default=1024, ge=1)
    """More are refused, and told so."""
    idle_timeout: Duration = Field(default=0.0, ge=0)
    """Close connections that bring nothing for this long; 0: never, since a program that logs seldom would
    lose its next line to a connection closed behind its back."""
    backlog: int = Field(default=512, ge=1)
    """Connections that the kernel holds until they are taken."""


class Listener(Protocol):
    """What tcp and unix differ in."""

    tls: ServerTls | None
    """Once it is open, if connections are to be taken over TLS."""

    @abstractmethod
    async def open(self) -> list[socket.socket]:
        """Bound sockets, not listening yet. Raises `StartError`."""

    @abstractmethod
    def taken(self, transport: asyncio.Transport) -> None:
        """Sets a new connection up."""

    @abstractmethod
    def endpoint(self) -> str:
        """As `Source.endpoint`."""

    @abstractmethod
    def close(self) -> None:
        """Leaves nothing behind; the sockets are closed by then."""


class StreamSource:
    """A source that listens for connections."""

    def __init__(
        self,
        settings: StreamSettings,
        context: SourceContext,
        listener: Listener,
        decoder: Callable[[SourceStats], LineDecoder] | None = None,
        joining: Joining | None = None,
    ) -> None:
        self.name = context.name
        self.stats = SourceStats()
        self.clock = context.clock
        self._most_unfinished = context.memory  # beyond it a line that goes on counts as too long
        self.decoder: LineDecoder = decoder(self.stats) if decoder else Decoder(settings, context, self.stats)
        self.intake = Intake(self.decoder, context.clock)
        self.buffer = bytearray(BITE)
        self.asked = 0
        self._view = memoryview(self.buffer)
        self._settings = settings
        self._limit = Limit(settings.max_line, settings.long_lines, self.stats)
        self._listener = listener
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._unfinished = 0
        self._refusing = False
        self._broken = False
        self._draining = False
        self._stopped = asyncio.Event()
        self._timer: Timer | None = None
        self._joining = joining
        self._silence = Silence(context.clock, joining.timeout if joining else 0.0, self._silent)

    async def start(self, accept: Accept) -> None:
        self.intake.start(accept)
        loop = asyncio.get_running_loop()
        sockets = await self._listener.open()
        tls = self._listener.tls
        for sock in sockets:
            create = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
            server = await create(
                self._connection,
                sock=sock,
                backlog=self._settings.backlog,
                ssl=tls.context if tls else None,
                ssl_handshake_timeout=HANDSHAKE if tls else None,
            )
            self._servers.append(server)
        self._look_later()

    def pause(self) -> None:
        self.stats.paused = True
        self._steer()

    def resume(self) -> None:
        self.stats.paused = False
        now = self.clock.monotonic()
        for connection in self._connections:
            connection.heard = now  # it could not be heard meanwhile
        self._steer()

    async def stop(self) -> None:
        if self._stopped.is_set():
            return
        if self._timer is not None:
            self._timer.cancel()
        await _turns()  # those that the kernel has taken for us become connections
        for server in self._servers:
            server.close()
        await self._drain()
        for connection in list(self._connections):
            connection.finish()
        self.intake.flush()
        for connection in list(self._connections):
            connection.close()
        await _turns()
        for connection in list(self._connections):
            connection.abort()
        await _turns()
        self._listener.close()
        self._stopped.set()

    def endpoint(self) -> str:
        return self._listener.endpoint()

    async def ended(self) -> None:
        await self._stopped.wait()

    # For connections, as `Owner` has it.

    @property
    def holds_back(self) -> bool:
        return self.stats.paused and not self._draining

    def window(self, bite: int) -> memoryview:
        size = self.asked = LEAST if self.holds_back else self.intake.share(bite)
        return self._view if size == BITE else self._view[:size]

    def received(self, size: int, unfinished: int) -> bool:
        self.stats.bytes += size
        self._unfinished += unfinished
        return self._unfinished > self._most_unfinished

    def admit(self, connection: Connection, transport: asyncio.Transport) -> str:
        most = self._settings.max_connections
        if len(self._connections) >= most:
            self.stats.connections_refused += 1
            if not self._refusing:
                self._refusing = True
                log.warning("connections refused", source=self.name, max_connections=most)
            return f"{most} connections are open, and no more are allowed"
        self._connections.add(connection)
        self.stats.connections = len(self._connections)
        connection.heard = self.clock.monotonic()
        self._listener.taken(transport)
        return ""

    def gone(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self.stats.connections = len(self._connections)
        if self._refusing and len(self._connections) < self._settings.max_connections:
            self._refusing = False
            log.info("connections taken again", source=self.name)

    def broke(self, reason: str) -> None:
        if not self._broken:
            self._broken = True
            log.warning("framing broken, connection closed", source=self.name, reason=reason)

    def _connection(self) -> Connection:
        framer: Framer = framer_for(
            self._settings.framing, self._limit, self._one_line, nul_ends=self.decoder.nul_ends
        )
        if self._joining is not None:
            framer = JoiningFramer(framer, self._joining.joiner(self._one_line), self._silence)
        return Connection(self, framer)

    def _silent(self, framer: JoiningFramer) -> None:
        """What it holds is complete, as nothing more came."""
        held = framer.held
        self.intake.put(framer.rest())
        self._unfinished += framer.held - held

    def _one_line(self, message: bytes) -> bytes:
        return self.decoder.line(message, self.clock.time())

    def _steer(self) -> None:
        for connection in self._connections:
            connection.steer()

    def _look_later(self) -> None:
        idle = self._settings.idle_timeout
        pause = min(LOOK, idle / 4) if idle else LOOK
        self._timer = self.clock.call_at(self.clock.monotonic() + pause, self._look)

    def _look(self) -> None:
        self._broken = False  # the next one is news again
        if self._listener.tls is not None:
            self._listener.tls.refresh()
        idle = self._settings.idle_timeout
        if idle and not self.holds_back:
            since = self.clock.monotonic() - idle
            for connection in [one for one in self._connections if one.heard <= since]:
                connection.finish()
                connection.close(f"nothing came for {show_duration(idle)}")
        self._look_later()

    async def _drain(self) -> None:
        """Reads until the kernel holds nothing more, or a flood goes on for too long."""
        self._draining = True
        self._steer()
        end = self.clock.monotonic() + DRAIN
        quiet = 0
        while quiet < QUIET and self.clock.monotonic() < end:
            before = self.stats.bytes, len(self._connections)
            await asyncio.sleep(0)
            still = (self.stats.bytes, len(self._connections)) == before and not self.intake.waiting
            quiet = quiet + 1 if still else 0


async def _turns() -> None:
    """Lets the loop do what is ready."""
    for _ in range(QUIET):
        await asyncio.sleep(0)
