"""Sends made-up lines to a source, gently and for as long as it is let."""

import asyncio
from typing import Final

from penstock.clock import Clock, sleep
from penstock.demo.traffic import Traffic
from penstock.fields import Address

AGAIN: Final = 1.0
"""Seconds until a source that went away is connected to again."""


class Pour:
    """Lines over TCP, so many a second, until `run` is cancelled."""

    def __init__(self, to: Address, rate: float, traffic: Traffic, clock: Clock) -> None:
        self.sent = 0
        """Lines so far."""
        self._to = to
        self._pause = 1.0 / rate
        self._traffic = traffic
        self._clock = clock

    async def run(self) -> None:
        """A source that is not there is connected to again."""
        while True:
            try:
                _, writer = await asyncio.open_connection(self._to.host, self._to.port)
            except OSError:
                await sleep(self._clock, AGAIN)
                continue
            try:
                await self._send(writer)
            except OSError:
                continue
            finally:
                writer.close()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(self._traffic.line(self._clock.time()))
            await writer.drain()
            self.sent += 1
            await sleep(self._clock, self._pause)
