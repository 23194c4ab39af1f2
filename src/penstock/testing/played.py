"""What the sandbox plays, in a thread of its own, for tests that are not on an event loop."""

import asyncio
import threading
from abc import abstractmethod
from collections.abc import Callable
from typing import Final, Generic, Protocol, Self, TypeVar

_PATIENCE: Final = 10.0
"""Seconds that the thread may take for anything."""


class Playable(Protocol):
    """A `sandbox.server.Server`, or a whole `sandbox.stage.Stage`."""

    @property
    def url(self) -> str:
        """Where it is to be found, once it has started."""

    @abstractmethod
    async def start(self) -> object:
        """Binds and serves."""

    @abstractmethod
    async def stop(self) -> None:
        """Closes everything."""


P = TypeVar("P", bound=Playable)
T = TypeVar("T")


class Played(Generic[P]):
    """Serves within a `with` block; all calls come from other threads."""

    def __init__(self, what: P) -> None:
        """`what` has not been started."""
        self._what = what
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="played", daemon=True)

    @property
    def url(self) -> str:
        """Of the service without a path, or of the control."""
        return self._what.url

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(_started(self._what), self._loop).result(_PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(_stopped(self._what), self._loop).result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def look(self, at: Callable[[P], T]) -> T:
        """What this says of it, or does to it, in its own thread, between two requests."""

        async def ask() -> T:
            return at(self._what)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(_PATIENCE)


async def _started(what: Playable) -> None:
    await what.start()


async def _stopped(what: Playable) -> None:
    await what.stop()
