"""Joins what the connections of one source bring into blocks, decodes them and hands them over.

A block is made when enough has come, or 5 ms after its first line. Decoding takes a bounded share of each
turn of the loop, in the order of arrival, and a connection that brought much waits until its bytes are
through: so one that floods neither starves the others nor stalls the loop. Lines of two bytes cost as much
as any, so a block is bounded by its lines as well.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Final

from penstock.clock import Clock, Timer
from penstock.sources.base import Accept, LineDecoder

ENOUGH: Final = 64 * 2**10
"""Bytes that make a block at once, without waiting for more."""
LARGEST: Final = 512 * 2**10
"""Bytes of a block; more only where one chunk is larger. With half of it an event costs a twenty-fifth more on the way
to a webhook; decoding one takes about half a millisecond."""
HOLDS: Final = 1 * 2**20
"""Bytes that wait here, shared among those who bring them."""
LEAST: Final = 4 * 2**10
"""Bytes of a share at least."""
WAIT: Final = 0.005
"""Seconds that a line waits at most for others."""
BUDGET: Final = 0.003
"""Seconds of decoding in one turn of the loop; one block may go beyond."""
_LOOKS: Final = 4
_LOOK: Final = 256
"""Bytes looked at each time."""


class Intake:
    """The bytes of one source between framing and `accept`."""

    def __init__(self, decoder: LineDecoder, clock: Clock) -> None:
        self._decoder = decoder
        self._clock = clock
        self._accept: Accept | None = None
        self._chunks: deque[tuple[bytes, float, Callable[[], None] | None]] = deque()
        self._held = 0
        self._waiting = 0  # those with a `then` outstanding
        self._waited = 0  # as many there were of late
        self._timer: Timer | None = None
        self._soon: asyncio.Handle | None = None

    def start(self, accept: Accept) -> None:
        """Where blocks go from now on."""
        self._accept = accept

    @property
    def held(self) -> int:
        """Bytes that wait."""
        return self._held

    @property
    def waiting(self) -> int:
        """How many wait for what they brought to be through."""
        return self._waiting

    @property
    def full(self) -> bool:
        """Whoever brings more should wait until it is through."""
        return self._held >= HOLDS

    def share(self, most: int) -> int:
        """Bytes that one of those who bring should bring at a time, at most `most`.

        The more there are who bring much, the less for each, so that all together stay bounded.
        """
        return max(LEAST, min(most, HOLDS // (1 + max(self._waiting, self._waited))))

    def put(self, lines: bytes, then: Callable[[], None] | None = None) -> None:
        r"""Takes whole lines, each ending in `\n`; calls `then` once they are handed over."""
        if not lines and then is None:
            return
        self._chunks.append((lines, self._clock.time(), then))
        self._held += len(lines)
        if then is not None:
            self._waiting += 1
        if self._soon is not None:
            return
        if then is not None or self._held >= ENOUGH:
            self._go_on()
        elif self._timer is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + WAIT, self._turn)

    def flush(self) -> None:
        """Hands everything over now, however long that takes."""
        while self._chunks:
            self._hand_over()
        self._cancel()

    def _turn(self) -> None:
        self._cancel()
        self._waited = max(self._waiting, self._waited * 3 // 4)
        end = self._clock.monotonic() + BUDGET
        while self._chunks:
            self._hand_over()
            if self._chunks and self._clock.monotonic() >= end:
                self._go_on()
                return

    def _hand_over(self) -> None:
        """One block from the oldest chunks."""
        lines, arrived, then = self._chunks.popleft()
        most, largest = self._decoder.most_lines, min(LARGEST, self._decoder.most_bytes)
        count = estimate(lines)
        times = max(count / most, len(lines) / self._decoder.most_bytes)
        if times > 1:
            end = lines.find(b"\n", int(len(lines) / times)) + 1
            if end < len(lines):
                self._chunks.appendleft((lines[end:], arrived, then))
                lines, then, count = lines[:end], None, int(count / times)
        size = len(lines)
        pieces = [lines]
        thens = [then]
        while self._chunks and size + len(self._chunks[0][0]) <= largest:
            count += estimate(self._chunks[0][0])
            if count > most:
                break
            lines, _, then = self._chunks.popleft()
            size += len(lines)
            pieces.append(lines)
            thens.append(then)
        assert self._accept is not None, "put before start"
        try:
            block = self._decoder.block(b"".join(pieces), arrived)
            if block is not None:
                self._accept(block)
        finally:  # whatever a bug costs, nobody waits for ever
            self._held -= size
            calls = [call for call in thens if call is not None]
            self._waiting -= len(calls)
            for call in calls:
                call()

    def _go_on(self) -> None:
        self._cancel()
        self._soon = asyncio.get_running_loop().call_soon(self._turn)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None


def estimate(lines: bytes) -> int:
    """About how many lines there are. Looks at random places, so that nobody can hide short lines from it."""
    size = len(lines)
    if size <= _LOOKS * _LOOK:
        return lines.count(b"\n")
    span = size - _LOOK
    seen = 0
    for _ in range(_LOOKS):
        at = int(random.random() * span)  # noqa: S311 - it keeps no secret
        seen += lines.count(b"\n", at, at + _LOOK)
    return seen * size // (_LOOKS * _LOOK)
