"""The listeners: TCP for whoever reads, a Unix socket for the command line."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from penstock.admin.api import Api
from penstock.admin.guard import Guard
from penstock.admin.rates import Rates
from penstock.admin.settings import AdminSettings
from penstock.admin.view import Daemon
from penstock.clock import Clock
from penstock.errors import StartError
from penstock.fields import Address
from penstock.http_log import protocol_log
from penstock.sockets import bind_unix, remove_socket

log = structlog.get_logger(__name__)

BACKLOG: Final = 128
_OWNER_ALONE: Final = 0o600
STOP_TIMEOUT: Final = 2.0
"""Seconds that a request under way may still take at stop."""
IDLE: Final = 75.0
"""Seconds after which a connection without a request is closed."""


class AdminServer:
    """Serves from `start` to `stop`; without `socket_path` there is no Unix socket."""

    def __init__(
        self, settings: AdminSettings, daemon: Daemon, clock: Clock, socket_path: Path | None = None
    ) -> None:
        self._settings = settings
        self._path = socket_path
        self._rates = Rates(daemon, clock)
        self._api = Api(daemon, self._rates, clock)
        self._runners: list[web.AppRunner] = []
        self._tcp: asyncio.Server | None = None
        self._unix: asyncio.Server | None = None
        self._inode = 0

    async def start(self) -> None:
        """Binds and serves. Raises `StartError`, saying what is taken or not allowed."""
        self._rates.start()
        try:
            if self._settings.enabled:
                await self._listen_tcp(self._settings.listen)
            if self._path is not None:
                await self._listen_unix(self._path)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Closes the listeners, lets what is being answered end, and takes its socket file away."""
        self._rates.stop()
        for server in (self._tcp, self._unix):
            if server is not None:
                server.close()
        if self._unix is not None and self._path is not None:
            remove_socket(self._path, self._inode)
        for runner in self._runners:
            await runner.cleanup()
        self._tcp = self._unix = None
        self._runners.clear()

    def address(self) -> Address | None:
        """Where TCP is served, with the port that was given; none where it is off."""
        if self._tcp is None or not self._tcp.sockets:
            return None
        host, port = self._tcp.sockets[0].getsockname()[:2]
        return Address(host, port)

    async def _listen_tcp(self, listen: Address) -> None:
        protocols = await self._protocols(Guard(self._settings))
        loop = asyncio.get_running_loop()
        try:
            self._tcp = await loop.create_server(protocols, listen.host, listen.port, backlog=BACKLOG)
        except OSError as exc:
            raise StartError(
                f"admin.listen: {listen} cannot be had: {exc.strerror or exc}"
                " (choose another port, or admin.enabled: false)"
            ) from exc
        if not listen.is_loopback:
            log.warning("admin listener is open to the network", listen=str(listen))

    async def _listen_unix(self, path: Path) -> None:
        protocols = await self._protocols(None)
        bound, self._inode = bind_unix("admin.socket", path, _OWNER_ALONE, socket.SOCK_STREAM)
        self._unix = await asyncio.get_running_loop().create_unix_server(
            protocols, sock=bound, backlog=BACKLOG
        )

    async def _protocols(self, guard: Guard | None) -> Callable[[], asyncio.Protocol]:
        runner = web.AppRunner(
            self._api.application(guard),
            access_log=None,
            logger=protocol_log(__name__),
            handle_signals=False,
            keepalive_timeout=IDLE,
            shutdown_timeout=STOP_TIMEOUT,
        )
        await runner.setup()
        self._runners.append(runner)

        def protocol() -> asyncio.Protocol:
            serve = runner.server
            # Each listener by itself: whoever takes all of TCP must not shut the command line out.
            if serve is None or len(serve.connections) >= self._settings.max_connections:
                return _Closed()
            return serve()

        return protocol


class _Closed(asyncio.Protocol):
    """Hangs up at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
