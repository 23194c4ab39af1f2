"""One connection of a stream source: its framer, and when it is read."""

import asyncio
from abc import abstractmethod
from typing import Final, Protocol, cast

from penstock.clock import Clock
from penstock.sources.framing import Framer
from penstock.sources.intake import Intake

BIG: Final = 16 * 2**10
"""Bytes after which a connection waits until they are through."""


class Owner(Protocol):
    """The source of which it is a connection."""

    clock: Clock
    intake: Intake
    buffer: bytearray
    """Into which all of them receive."""
    asked: int
    """Bytes of the window that was last given."""

    @property
    @abstractmethod
    def holds_back(self) -> bool:
        """No connection is read for now."""

    @abstractmethod
    def window(self, bite: int) -> memoryview:
        """Where to receive; as much as one connection may bring at a time, `bite` at most."""

    @abstractmethod
    def received(self, size: int, unfinished: int) -> bool:
        """Counts bytes, and how much more is in unfinished lines now; whether that is too much."""

    @abstractmethod
    def admit(self, connection: "Connection", transport: asyncio.Transport) -> str:
        """Takes the connection in, or says why not."""

    @abstractmethod
    def gone(self, connection: "Connection") -> None:
        """The connection is closed."""

    @abstractmethod
    def broke(self, reason: str) -> None:
        """A sender does not keep to the framing."""


class Connection(asyncio.BufferedProtocol):
    """Bytes into the framer, lines into the intake.

    All connections of a source receive into one buffer: the loop asks for it, receives and reports
    without anything in between, and the framer has taken everything out when `buffer_updated` returns.
    So an idle connection holds no memory.
    """

    __slots__ = ("_busy", "_finished", "_framer", "_source", "_transport", "heard")

    _transport: asyncio.Transport

    def __init__(self, source: Owner, framer: Framer) -> None:
        self._source = source
        self._framer = framer
        self._finished = False
        self._busy = False  # waits for the intake
        self.heard = 0.0
        """When it last brought something, by the monotonic clock."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        refusal = self._source.admit(self, self._transport)
        if refusal:
            self._finished = True
            self.close(refusal)
        else:
            self.steer()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # the loop passes it
        return self._source.window(self._framer.bite)

    def buffer_updated(self, nbytes: int) -> None:
        if self._finished:
            return
        source, framer = self._source, self._framer
        held = framer.held
        lines = framer.feed(source.buffer, nbytes)
        if source.received(nbytes, framer.held - held) and framer.held >= BIG:
            held = framer.held
            lines += framer.give_up()
            source.received(0, framer.held - held)
        self.heard = source.clock.monotonic()
        if nbytes >= BIG or nbytes == source.asked or source.intake.full:
            self._busy = True
            self.steer()
            source.intake.put(lines, self._through)
        else:
            source.intake.put(lines)
            if source.holds_back:
                self.steer()  # uvloop begins to read a new connection whatever was said before
        if framer.broken:
            source.broke(framer.broken)
            self.finish()
            self.close(framer.broken)

    def eof_received(self) -> None:
        self.finish()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # whyever it went, what came counts
        self.finish()
        self._source.gone(self)

    def steer(self) -> None:
        """Reads, or does not, as things are now."""
        if self._transport.is_closing():
            return
        if self._busy or self._source.holds_back:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def finish(self) -> None:
        """Hands over what is left; nothing is taken from now on."""
        if self._finished:
            return
        self._finished = True
        held = self._framer.held
        self._source.intake.put(self._framer.end())
        self._source.received(0, -held)

    def close(self, reason: str = "") -> None:
        """Closes it, and tells the other side why where there is a reason."""
        if reason and not self._transport.is_closing():
            self._transport.write(f"penstock: closed: {reason}\n".encode())
        self._transport.close()

    def abort(self) -> None:
        """Closes it without waiting for the other side."""
        self._transport.abort()

    def _through(self) -> None:
        self._busy = False
        self.heard = self._source.clock.monotonic()
        self.steer()
