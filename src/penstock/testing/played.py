"""A played service in a thread of its own, for tests that are not on an event loop."""

import asyncio
import threading
from collections.abc import Callable
from typing import Final, Self, TypeVar

from penstock.sandbox.server import Server

T = TypeVar("T")

_PATIENCE: Final = 10.0
"""Seconds that the thread may take for anything."""


class Played:
    """Serves within a `with` block; all calls come from other threads."""

    def __init__(self, server: Server) -> None:
        """`server` has not been started."""
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="played", daemon=True)

    @property
    def url(self) -> str:
        """Of the service, without a path."""
        return self._server.url

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(_PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def look(self, at: Callable[[Server], T]) -> T:
        """What this says of the server, in its own thread, between two requests."""

        async def ask() -> T:
            return at(self._server)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(_PATIENCE)
