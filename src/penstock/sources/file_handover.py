"""What was read of files becomes blocks, and positions follow them into the journal, never ahead of it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from penstock.clock import Clock
from penstock.errors import Unavailable
from penstock.sources.base import Accept, LineSettings, Receipt, SourceContext, SourceStats
from penstock.sources.decode import Decoder
from penstock.sources.file_positions import Mark, Position, Positions
from penstock.sources.file_tail import NEAR, Slice, Tail
from penstock.sources.framing import Limit, NewlineFramer
from penstock.sources.intake import BUDGET, LARGEST, MOST_LINES, estimate

DECODERS: Final = 1024
"""Kept at most, where each file has its own."""

_Read = tuple[Tail, int, Position]
"""A file, its life, and how far it was read then."""


class _Handed(NamedTuple):
    receipt: Receipt | None
    """None where no event was left."""
    reads: list[_Read]
    written: bool
    """So `at` stands among the positions."""


class Handover:
    """From slices to blocks, in their order."""

    def __init__(
        self,
        settings: LineSettings,
        context: SourceContext,
        stats: SourceStats,
        positions: Positions,
        max_line: int,
        *,
        add_path: bool,
    ) -> None:
        self._positions = positions
        self._clock: Clock = context.clock
        self._limit = Limit(max_line, settings.long_lines, stats)
        self._framer = NewlineFramer(self._limit)
        self._new_decoder: Callable[[dict[str, str]], Decoder] = lambda more: Decoder(
            settings, context, stats, more
        )
        self._plain = self._new_decoder({})
        self._decoders: dict[str, Decoder] = {}
        self._add_path = add_path
        self._accept: Accept | None = None
        self._lines: list[bytes] = []
        self._reads: list[_Read] = []
        self._size = 0
        self._count = 0
        self._unsafe: list[_Handed] = []
        self._safe: list[_Handed] = []
        self._written = True  # all that was handed over so far
        self._turn_ends = 0.0

    def start(self, accept: Accept) -> None:
        """Where blocks go from now on."""
        self._accept = accept

    @property
    def all_safe(self) -> bool:
        """All that was handed over is known to be durable."""
        return not self._unsafe

    async def put(self, tail: Tail, read: Slice) -> None:
        """Takes what was read of a file next; gives the loop its turn where that takes long."""
        left_out = read.size - len(read.lines)  # in front of the lines
        for lines, last in _portions(read):
            if self._clock.monotonic() >= self._turn_ends:
                await asyncio.sleep(0)
                self._turn_ends = self._clock.monotonic() + BUDGET
            tail.position = Position(
                tail.position.offset + left_out + len(lines),
                read.skipping and last,
                read.near if last else Mark.of(lines[-NEAR:]),
                tail.mtime,
            )
            left_out = 0
            self._add(tail, self._limit.shorten(lines) if read.long else self._within_limit(lines))
        if self._add_path:
            self.flush()

    def flush(self) -> None:
        """Hands over what was put."""
        if not self._reads:
            return
        assert self._accept is not None, "put before start"
        reads, lines = self._reads, b"".join(self._lines)
        self._reads, self._lines = [], []
        self._size = self._count = 0
        block = self._decoder(reads[0][0]).block(lines, self._clock.time())
        receipt = None if block is None else self._accept(block)
        # Lines that were all blank are as safe as what was handed over before them.
        if receipt is not None:
            self._written = receipt.written
        if self._written:
            self._remember(reads)
        self._unsafe.append(_Handed(receipt, reads, self._written))

    async def confirm(self) -> None:
        """Waits until what was handed over so far is durable. Raises `Unavailable`: then it can be asked again."""
        batch, self._unsafe = self._unsafe, []
        try:
            for handed in batch:
                if handed.receipt is not None:
                    await handed.receipt.durable()
        except (Unavailable, asyncio.CancelledError):
            self._unsafe = batch + self._unsafe
            raise
        self._safe += batch
        self._written = self._written or not self._unsafe

    def safe(self) -> list[tuple[int, Position]]:
        """The positions that were confirmed since it was asked last."""
        batch, self._safe = self._safe, []
        for handed in batch:
            if not handed.written:
                self._remember(handed.reads)
        newest = {(tail, life): position for handed in batch for tail, life, position in handed.reads}
        return [(tail.key, position) for (tail, life), position in newest.items() if life == tail.life]

    def _add(self, tail: Tail, lines: bytes) -> None:
        count = estimate(lines)
        if self._size and (self._size + len(lines) > LARGEST or self._count + count > MOST_LINES):
            self.flush()
        self._lines.append(lines)
        self._reads.append((tail, tail.life, tail.position))
        self._size += len(lines)
        self._count += count

    def _remember(self, reads: list[_Read]) -> None:
        """Their events are written to the journal."""
        for tail, position in {tail: position for tail, life, position in reads if life == tail.life}.items():
            known = self._positions.known.get(tail.key)
            if known is not None:
                if known.head != tail.head:
                    self._positions.file(tail.key, tail.name, *tail.identity, tail.head)
                self._positions.at(tail.key, position)

    def _within_limit(self, lines: bytes) -> bytes:
        return lines if len(lines) <= self._limit.max_line + 1 else self._framer.feed(lines, len(lines))

    def _decoder(self, tail: Tail) -> Decoder:
        if not self._add_path:
            return self._plain
        found = self._decoders.get(tail.name)
        if found is None:
            if len(self._decoders) >= DECODERS:
                self._decoders.clear()
            found = self._decoders[tail.name] = self._new_decoder({"file": tail.name})
        return found


def _portions(read: Slice) -> Iterator[tuple[bytes, bool]]:
    """Pieces of as many lines as one block should have, and which is the last."""
    lines = read.lines
    if not read.long:
        while (count := estimate(lines)) > MOST_LINES:
            end = lines.find(b"\n", len(lines) * MOST_LINES // count) + 1
            if end == len(lines):
                break
            yield lines[:end], False
            lines = lines[end:]
    yield lines, True
