"""What udp and unix_datagram have in common: every datagram is one or more lines.

All that waits in a socket is read in one turn, into one buffer. A block is made of it at once where the
last one is some time ago, and otherwise after a few milliseconds: so one datagram does not wait, and of
200,000 a second hundreds share a block.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from penstock.clock import Timer
from penstock.fields import Size, show_size
from penstock.sources.base import Accept, LineDecoder, SourceContext, SourceSettings, SourceStats
from penstock.sources.decode import Decoder
from penstock.sources.framing import MARK, Limit, NewlineFramer

log = structlog.get_logger(__name__)

WAIT: Final = 0.005
"""Seconds that a datagram waits at most for others."""
BUDGET: Final = 0.004
"""Seconds of reading in one turn of the loop."""
ENOUGH: Final = 2**18
"""Bytes that make a block at once, where lines are of a usual length."""
LEAST: Final = 2**14
"""The same where they are as short as can be."""
FOLD: Final = 64
"""Bytes that a message which holds newlines may grow by when it becomes one line."""
LOOK: Final = 1.0
"""Seconds between looks at what the kernel has dropped."""
_ROUND: Final = 64
"""Datagrams read between two looks at the clock."""
_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("=9I")  # linux/sock_diag.h; the last is SK_MEMINFO_DROPS
_TRUNC: Final = int(socket.MSG_TRUNC)


class DatagramSettings(SourceSettings):
    """What udp and unix_datagram have in common."""

    receive_buffer: Size = 4 * 2**20
    """What the kernel holds until it is read. Without CAP_NET_ADMIN at most `net.core.rmem_max`; the log tells
    where it is less than asked for."""


class Port(Protocol):
    """What udp and unix_datagram differ in."""

    largest: int
    """Bytes of a datagram; longer ones are cut."""

    async def open(self) -> Sequence[socket.socket]:
        """Bound sockets that do not block. Raises `StartError`."""

    def endpoint(self) -> str:
        """As `Source.endpoint`."""

    def close(self) -> None:
        """Leaves nothing behind; the sockets are closed by then."""


class DatagramSource:
    """A source of datagrams."""

    def __init__(
        self,
        settings: DatagramSettings,
        context: SourceContext,
        port: Port,
        decoder: Callable[[SourceStats], LineDecoder] | None = None,
    ) -> None:
        self.name = context.name
        self.stats = SourceStats()
        self._settings = settings
        self._clock = context.clock
        self._port = port
        self._decoder: LineDecoder = (
            decoder(self.stats) if decoder else Decoder(settings, context, self.stats)
        )
        self._limit = Limit(settings.max_line, settings.long_lines, self.stats)
        self._framer = NewlineFramer(self._limit)
        self._buffer = bytearray(ENOUGH + port.largest + len(MARK) + FOLD)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._enough = LEAST
        self._arrived = 0.0
        self._flushed = float("-inf")
        self._accept: Accept | None = None
        self._sockets: list[socket.socket] = []
        self._drops: list[int] = []
        self._flush_timer: Timer | None = None
        self._look_timer: Timer | None = None
        self._stopped = asyncio.Event()

    async def start(self, accept: Accept) -> None:
        self._accept = accept
        self._sockets = list(await self._port.open())
        self._drops = [0] * len(self._sockets)
        granted = min(_enlarge(sock, self._settings.receive_buffer) for sock in self._sockets)
        if granted < self._settings.receive_buffer:
            log.warning(
                "receive buffer smaller than asked for",
                source=self.name,
                asked=show_size(self._settings.receive_buffer),
                granted=show_size(granted),
                remedy=f"sysctl -w net.core.rmem_max={self._settings.receive_buffer}",
            )
        self._read_on()
        self._look()

    def pause(self) -> None:
        self.stats.paused = True
        self._read_no_more()
        self._flush()

    def resume(self) -> None:
        if self.stats.paused and not self._stopped.is_set():
            self._read_on()
        self.stats.paused = False

    async def stop(self) -> None:
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._read_no_more()
        for sock in self._sockets:
            # What the kernel holds was accepted from its sender; it is bounded by the receive buffer.
            for _ in range(self._settings.receive_buffer // (ENOUGH // 4) + 1):
                if not self._read(sock):
                    break
        self._flush()
        if self._look_timer is not None:
            self._look_timer.cancel()
        self._count_drops()
        for sock in self._sockets:
            sock.close()
        self._port.close()

    def endpoint(self) -> str:
        return self._port.endpoint()

    async def ended(self) -> None:
        await self._stopped.wait()

    def _read_on(self) -> None:
        for sock in self._sockets:
            asyncio.get_running_loop().add_reader(sock, self._read, sock)

    def _read_no_more(self) -> None:
        for sock in self._sockets:
            asyncio.get_running_loop().remove_reader(sock)

    def _read(self, sock: socket.socket) -> bool:
        """Reads until nothing is left or the turn is over; whether something may be left."""
        now = self._clock.monotonic()
        if not self._filled:
            self._arrived = self._clock.time()
        more = self._fill(sock, now + BUDGET)
        if now - self._flushed >= WAIT:
            self._flush()
        elif self._filled and self._flush_timer is None:
            self._flush_timer = self._clock.call_at(self._flushed + WAIT, self._flush)
        return more

    def _fill(self, sock: socket.socket, until: float) -> bool:
        # The innermost loop of the source: names are local, and nothing is allocated but a view.
        view, buffer, largest, receive = self._view, self._buffer, self._port.largest, sock.recv_into
        at = begin = self._filled
        cut = 0
        enough, whole = self._enough, self._decoder.whole_datagrams
        try:
            while True:
                for _ in range(_ROUND):
                    size = receive(view[at:], largest, _TRUNC)
                    if size > largest:
                        cut += size - largest
                        at = self._mark(at, at + largest)
                    elif size:
                        at += size
                        if whole and buffer.find(0x0A, at - size, at - 1) >= 0:
                            at = self._fold(at - size, at)
                        if buffer[at - 1] != 0x0A:
                            buffer[at] = 0x0A
                            at += 1
                    if at >= enough:
                        self.stats.bytes += at - begin + cut
                        self._filled, begin, cut = at, 0, 0
                        self._flush()
                        at = 0
                        self._arrived = self._clock.time()
                        enough = self._enough
                        break  # decoding takes longer than reading: look at the clock
                if self._clock.monotonic() >= until:
                    return True
        except (BlockingIOError, InterruptedError):
            return False
        finally:
            self.stats.bytes += at - begin + cut
            self._filled = at

    def _mark(self, start: int, end: int) -> int:
        """Cuts the last line of a datagram that was longer than there was room; where it now ends."""
        whole = self._decoder.whole_datagrams
        begin = start if whole else max(start, self._buffer.rfind(b"\n", start, end) + 1)
        line = self._limit.shorten(bytes(self._view[begin:end]))
        self._view[begin : begin + len(line)] = line
        return self._fold(begin, begin + len(line)) if whole and line else begin + len(line)

    def _fold(self, start: int, end: int) -> int:
        """Makes one line of a datagram that may hold newlines; where it now ends."""
        line = self._decoder.line(bytes(self._view[start:end]).rstrip(b"\r\n\0"), self._arrived)
        if len(line) > end - start + FOLD:
            line = self._limit.shorten(line[: end - start])
        self._view[start : start + len(line)] = line
        return start + len(line)

    def _flush(self) -> None:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        if not self._filled:
            return
        assert self._accept is not None, "a socket is read only after start"
        size, blank = self._filled, self.stats.blank
        lines = self._framer.feed(self._buffer, size)
        self._filled = 0
        block = self._decoder.block(lines, self._arrived)
        if block is not None:
            self._accept(block)
        count = self.stats.blank - blank + (block.count if block is not None else 0)
        # Up by steps: what comes next may be of another kind.
        self._enough = max(
            LEAST,
            min(
                ENOUGH,
                self._decoder.most_bytes,
                2 * self._enough,
                size * self._decoder.most_lines // max(1, count),
            ),
        )
        self._flushed = self._clock.monotonic()

    def _look(self) -> None:
        self._count_drops()
        self._look_timer = self._clock.call_at(self._clock.monotonic() + LOOK, self._look)

    def _count_drops(self) -> None:
        for index, sock in enumerate(self._sockets):
            drops = _dropped(sock)
            self.stats.kernel_drops += (drops - self._drops[index]) % 2**32
            self._drops[index] = drops


def _enlarge(sock: socket.socket, size: int) -> int:
    """Asks for a receive buffer; what the kernel gave, as it counts what was asked for."""
    for option in (_SO_RCVBUFFORCE, socket.SO_RCVBUF):
        try:
            sock.setsockopt(socket.SOL_SOCKET, option, size)
            break
        except OSError:  # the first needs CAP_NET_ADMIN and Linux
            continue
    granted = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    return granted // 2 if os.uname().sysname == "Linux" else granted  # socket(7): the kernel doubles it


def _dropped(sock: socket.socket) -> int:
    """Datagrams that the kernel dropped at this socket since it was made; 0 where it does not tell."""
    try:
        return int(_MEMINFO.unpack(sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))[8])
    except (OSError, struct.error):  # not Linux, or before 4.12
        return 0
