"""The whole daemon on the event loop of a test, with real sockets on loopback."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from penstock.admin.client import call
from penstock.app import Daemon
from penstock.clock import SystemClock
from penstock.errors import Unavailable
from penstock.settings import Settings, composed
from penstock.tasks import Tasks

PATIENCE: Final = 20.0
"""Seconds until what a test waits for must have come."""


class LocalDaemon:
    """`penstock.app.Daemon` with a configuration that a test may change; it is asked over its own admin socket."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.config = dict(config)
        self.exit_code: int | None = None
        self._socket = folder / f"admin-{id(self):x}.sock"
        self._tasks = Tasks("test", self._ended_badly)
        self._running: asyncio.Task[None] | None = None
        self._error: BaseException | None = None

    def settings(self) -> Settings:
        """The configuration as it is now, with the admin server where the test can reach it."""
        admin = {"enabled": False, "socket": str(self._socket)}
        return composed().model_validate({"admin": admin, **self.config})

    async def start(self) -> None:
        """Starts it, and returns once it is ready. Raises what keeps it from starting."""
        self.exit_code = self._error = None
        self._running = self._tasks.start(self._run(), "daemon")
        while not self._running.done():
            try:
                if (await self.status())["ready"]:
                    return
            except Unavailable:
                await asyncio.sleep(0.005)
        if self._error is not None:
            raise self._error

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        """As kill(1) does it."""
        signal.raise_signal(number)

    async def stop(self) -> int:
        """Asks it to stop and returns its exit code."""
        self.signal()
        return await self.ended()

    async def ended(self, seconds: float = 30.0) -> int:
        """Its exit code, once it has ended."""
        assert self._running is not None, "it was never started"
        await asyncio.wait_for(asyncio.shield(self._running), seconds)
        assert self.exit_code is not None
        return self.exit_code

    async def end(self) -> None:
        """Leaves nothing behind."""
        await self._tasks.stop()

    async def ask(self, method: str, target: str, body: object = None) -> dict[str, Any]:
        """What it answers. Raises `Unavailable` where it does not."""
        status, answer = await asyncio.to_thread(call, self._socket, method, target, body)
        return {"status": status, **answer}

    async def status(self) -> dict[str, Any]:
        """`/api/status`."""
        return await self.ask("GET", "/api/status")

    async def destination(self, name: str) -> dict[str, Any]:
        """What `/api/status` says of one destination."""
        return next(found for found in (await self.status())["destinations"] if found["name"] == name)

    async def ledger(self, name: str) -> dict[str, Any]:
        """Its accounts, which must add up."""
        ledger: dict[str, Any] = (await self.destination(name))["ledger"]
        assert ledger["imbalance"] == 0, ledger
        return ledger

    async def until(
        self, ask: Callable[[], Awaitable[dict[str, Any]]], holds: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Asks again and again until the answer is as it should be, and returns that."""
        async with asyncio.timeout(PATIENCE):
            while not holds(answer := await ask()):  # noqa: ASYNC110 - it is asked over a socket
                await asyncio.sleep(0.005)
        return answer

    async def settled(self, *names: str) -> None:
        """Returns once nothing waits for these destinations."""
        for name in names:
            await self.until(partial(self.ledger, name), lambda ledger: not ledger["pending"])

    async def endpoint(self, source: str) -> str:
        """Where to send."""
        sources = (await self.status())["sources"]
        return str(next(found["endpoint"] for found in sources if found["name"] == source))

    async def write(self, source: str, data: bytes) -> None:
        """Sends over TCP or a Unix stream socket, waiting for as long as the source makes senders wait."""
        parts = urlsplit(await self.endpoint(source))
        if parts.scheme == "unix":
            _, writer = await asyncio.open_unix_connection(parts.path)
        else:
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def post(self, data: bytes, source: str = "http", content_type: str = "text/plain") -> int:
        """Posts, and returns the status of the answer."""
        url = await self.endpoint(source)
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=data, headers={"Content-Type": content_type}) as answer,
        ):
            await answer.read()
            return answer.status

    async def received(self, count: int) -> None:
        """Returns once the sources have taken so many events since the start."""

        def taken(status: dict[str, Any]) -> bool:
            return bool(sum([source["events"] for source in status["sources"]]) >= count)

        await self.until(self.status, taken)

    async def _run(self) -> None:
        try:
            self.exit_code = await Daemon(self.settings(), self.settings, SystemClock()).main()
        finally:
            gc.unfreeze()

    def _ended_badly(self, error: BaseException) -> None:
        self._error = error
