"""All services of a sandbox and its control, from start to stop."""

import asyncio
import random
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Self

from aiohttp import web

from penstock.clock import Clock, sleep
from penstock.errors import StartError
from penstock.fields import Address
from penstock.plugins import type_of
from penstock.sandbox.control import Control
from penstock.sandbox.listener import Listener
from penstock.sandbox.received import Received
from penstock.sandbox.reporter import Reporter
from penstock.sandbox.server import Server
from penstock.sandbox.settings import SandboxSettings, listens
from penstock.sandbox.tls import Authority, Wrong, spoiled
from penstock.sandbox.weather import Weather
from penstock.tasks import Tasks

_SEEDS: Final = 10**6
_TICK: Final = 1.0
"""Seconds between two summaries."""


class Stage:
    """Plays what the settings say, on the event loop that `start` is called on.

    Raises `PluginError` where a service needs what is not installed.
    """

    def __init__(self, settings: SandboxSettings, clock: Clock, reporter: Reporter | None = None) -> None:
        seed = settings.seed if settings.seed is not None else random.SystemRandom().randrange(_SEEDS)
        self.settings = settings
        whole = {name for name, service in settings.services.items() if not service.takes_in_part}
        self.weather = Weather(clock, seed, settings.faults, whole)
        self._clock = clock
        self._reporter = reporter
        with_tls = any(service.tls for service in settings.services.values())
        self._authority = Authority() if with_tls else None
        self.servers: Mapping[str, Server] = {name: self._server(name) for name in settings.services}
        self._tasks = Tasks("sandbox")
        self._changed = asyncio.Event()
        self._control: web.AppRunner | None = None
        self._listener: Listener | None = None

    @property
    def address(self) -> Address:
        """Of the control, once it listens."""
        assert self._listener is not None, "asked before start"
        return self._listener.address

    @property
    def url(self) -> str:
        """Of the control, once it listens."""
        return f"http://{self.address}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Binds and serves. Raises `StartError`, and leaves nothing behind then."""
        try:
            self._write_authority(self.settings.authority_file)
            await self._start_control()
            for name, listen in listens(self.settings).items():
                await self.servers[name].start(listen)
        except BaseException:
            await self.stop()
            raise
        self.weather.on_change = self._changed.set
        self._tasks.start(self._follow_weather(), "weather")
        if self._reporter is not None:
            self._tasks.start(self._tick(self._reporter), "summary")

    async def stop(self) -> None:
        """Closes all listeners and connections."""
        await self._tasks.stop()
        if self._listener is not None:
            self._listener.stop()
        await asyncio.gather(*[server.stop() for server in self.servers.values()])
        if self._control is not None:
            await self._control.cleanup()
        if self._reporter is not None:
            self._reporter.tick(self._clock.time())

    def _server(self, name: str) -> Server:
        settings = self.settings.services[name]
        return Server(
            settings.build(),
            self._clock,
            name=name,
            received=Received(self.settings.id_field),
            weather=self.weather,
            reporter=self._reporter,
            tls=self._context(self._authority, name) if settings.tls and self._authority else None,
        )

    def _context(self, authority: Authority, name: str) -> ssl.SSLContext:
        def fault() -> Wrong | Literal["alert", ""]:
            found = self.weather.handshake(name)
            return "" if found is None else found.certificate or "alert"

        context = authority.context()
        spoiled(context, authority, fault)
        return context

    async def _start_control(self) -> None:
        types = {name: type_of(type(service)) for name, service in self.settings.services.items()}
        pem = self._authority.pem if self._authority else b""
        control = Control(self.servers, self.settings.services, types, self.weather, pem)
        self._control = control.runner()
        await self._control.setup()
        serve = self._control.server
        assert serve is not None, "it is set up"
        self._listener = Listener("control", self._clock, serve)
        await self._listener.start(self.settings.listen)

    def _write_authority(self, path: Path | None) -> None:
        if path is None or self._authority is None:
            return
        try:
            path.write_bytes(self._authority.pem)
        except OSError as exc:
            raise StartError(f"authority_file: {path} cannot be written: {exc.strerror}") from exc

    async def _follow_weather(self) -> None:
        """Shuts and opens services as it says, whenever other faults are set or the clock comes to one's end."""
        while True:
            self._changed.clear()
            for server in self.servers.values():
                await server.follow_weather()
            moment = self.weather.next_change()
            timer = None if moment is None else self._clock.call_at(moment, self._changed.set)
            try:
                await self._changed.wait()
            finally:
                if timer is not None:
                    timer.cancel()

    async def _tick(self, reporter: Reporter) -> None:
        while True:
            await sleep(self._clock, _TICK)
            reporter.tick(self._clock.time())
