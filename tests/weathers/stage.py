"""A whole daemon that delivers to a played service, and the weather between the two."""

import json
from collections.abc import Callable, Container, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from pydantic import TypeAdapter

from penstock.clock import SystemClock
from penstock.sandbox.faults import FaultList
from penstock.sandbox.received import Received
from penstock.sandbox.server import Server
from penstock.sandbox.settings import demonstration, kinds
from penstock.sandbox.weather import Weather
from penstock.testing.local import LocalDaemon
from tests.weathers.account import Account, drawn_up, event_id
from tests.weathers.poison import Gate, Poison

_KEPT: Final = 100_000
_faults: Final[TypeAdapter[Any]] = TypeAdapter(FaultList)

FAST: Final = {
    "batch": {"events": 50, "age": "5ms"},
    "retry": {"initial": "5ms", "max": "40ms"},
}


class Stage:
    """Up for as long as the `async with` lasts."""

    def __init__(self, kind: str, folder: Path, poison: Poison | None = None, **more: Any) -> None:
        """`more` goes into the destination."""
        self._poison = poison or Poison({}, "")
        settings = kinds()[kind].model_validate({**demonstration()["services"][kind], **self._poison.service})
        service = settings.build()
        self.weather = Weather(SystemClock(), seed=7)
        self.server = Server(
            Gate(service) if self._poison.gate else service,
            SystemClock(),
            name=kind,
            received=Received(keep=_KEPT),
            weather=self.weather,
        )
        self._kind = kind
        self._settings = settings
        self._folder = folder
        self._more = more
        self._sent: set[str] = set()
        self._stack = AsyncExitStack()

    @property
    def takes_in_part(self) -> bool:
        """The service can take some events of a request and not others."""
        return self._settings.takes_in_part

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.server)
            self.daemon = LocalDaemon(self._folder, self._config())
            stack.push_async_callback(self.daemon.end)
            await self.daemon.start()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def befall(self, *faults: dict[str, Any]) -> None:
        """These faults from now on, and no others."""
        self.weather.remove()
        self.weather.add(_faults.validate_python(faults))
        await self.server.follow_weather()

    async def send(self, count: int, poison: Container[int] = ()) -> None:
        """So many events; `poison` are the numbers of those that the service will not take."""
        first = len(self._sent)
        numbers = range(first, first + count)
        await self.daemon.write(
            "tcp", b"".join([self._event(number, number in poison) for number in numbers])
        )
        self._sent |= {event_id(number) for number in numbers}
        await self.daemon.received(len(self._sent))

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What is told of the destination, once it is so."""
        return await self.daemon.until(lambda: self.daemon.destination(self._kind), holds)

    async def settled(self) -> Account:
        """The account, once nothing is under way."""
        await self.daemon.settled(self._kind)
        ledger = await self.daemon.ledger(self._kind)
        letters = self._folder / "journal" / "dead_letters" / self._kind
        return drawn_up(frozenset(self._sent), self.server.received, letters, ledger)

    def _event(self, number: int, is_poison: bool) -> bytes:
        event = {
            "id": event_id(number),
            "timestamp": datetime.now(UTC).isoformat(),
            "level": "info",
            "host": "web-1",
            "service": "shop",
            "message": f'order "{number}" is paid',
        }
        return json.dumps(event | dict(self._poison.event if is_poison else {})).encode() + b"\n"

    def _config(self) -> dict[str, Any]:
        delivery = self._settings.destination(self.server.url)
        return {
            "sources": {"tcp": {"type": "tcp", "listen": "127.0.0.1:0"}},
            "journal": {"path": str(self._folder / "journal"), "segment": "1MiB", "sync": "10ms"},
            "destinations": {self._kind: {**delivery, **FAST, **self._poison.destination, **self._more}},
            "drain_timeout": "500ms",
        }


def played() -> Sequence[str]:
    """Every kind of destination that the sandbox can play the service of."""
    return list(kinds())
