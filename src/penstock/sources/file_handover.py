"""What was read of files becomes blocks, and positions follow them into the journal, never ahead of it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from penstock.clock import Clock
from penstock.errors import Unavailable
from penstock.sources.base import Accept, LineSettings, Receipt, SourceContext, SourceStats
from penstock.sources.decode import Decoder
from penstock.sources.file_position import Mark, Position, encode_mark, shown
from penstock.sources.file_positions import Positions
from penstock.sources.file_tail import NEAR, Slice, Tail
from penstock.sources.framing import Limit, NewlineFramer
from penstock.sources.intake import BUDGET, LARGEST, estimate
from penstock.sources.joining import Joining

DECODERS: Final = 1024
"""Kept at most, where each file has its own."""
MOST_NAMED: Final = 4096
"""Bytes of names in one mark: with all that stands beside them, and percent-encoded, it is within its 64 KiB."""


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
        joining: Joining | None = None,
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
        self._joining = joining
        self._accept: Accept | None = None
        self._lines: list[bytes] = []
        self._reads: dict[Tail, Position] = {}
        self._named = 0  # bytes of their names
        self._size = 0
        self._count = 0
        self._last: Receipt | None = None
        self._unsafe: dict[Tail, Position] = {}
        self._safe: dict[Tail, Position] = {}
        self._safe_end = 0
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
        begin = tail.position.offset + read.size - len(read.lines)
        joiner = self._joining.joiner(self._one_line) if self._joining else None
        ends = tail.silent or tail.ends or read.skipping
        done = 0
        for lines, last in _portions(read, self._plain.most_lines):
            if self._clock.monotonic() >= self._turn_ends:
                await asyncio.sleep(0)
                self._turn_ends = self._clock.monotonic() + BUDGET
            text = self._limit.shorten(lines) if read.long else self._within_limit(lines)
            done += len(lines)
            reached = done
            if joiner is not None:
                # What is held is read again, so a line that is not as it is in the file must not be among it.
                whole = (ends and last) or len(text) != len(lines)
                text = joiner.feed(text) + (joiner.flush() if whole else b"")
                reached -= joiner.held
            if reached or not read.lines:
                near = Mark.of(read.lines[max(0, reached - NEAR) : reached])
                if last and reached == done:
                    near = read.near
                tail.position = Position(begin + reached, read.skipping and last, near, tail.mtime)
                self._add(tail, text)
        tail.holds, tail.silent = joiner.held if joiner else 0, False
        if self._add_path:
            self.flush()

    def flush(self) -> None:
        """Hands over what was put."""
        if not self._reads:
            return
        assert self._accept is not None, "put before start"
        reads, lines = self._reads, b"".join(self._lines)
        self._reads, self._lines = {}, []
        self._size = self._count = self._named = 0
        block = self._decoder(next(iter(reads))).block(lines, self._clock.time())
        if block is not None:
            mark = encode_mark((tail.key, tail.subject, position) for tail, position in reads.items())
            self._last = self._accept(replace(block, mark=mark))
        self._unsafe |= reads
        # Lines that were all blank are as safe as what was handed over before them.
        if self._last is None or self._last.written:
            self._remember_heads(reads)
            self._positions.at(self._last.end if self._last else 0, _numbered(reads))

    async def confirm(self) -> None:
        """Waits until what was handed over so far is durable. Raises `Unavailable`: then it can be asked again."""
        batch, last = self._unsafe, self._last
        self._unsafe = {}
        try:
            if last is not None:
                await last.durable()
        except (Unavailable, asyncio.CancelledError):
            self._unsafe = batch | self._unsafe
            raise
        self._safe |= batch
        self._safe_end = last.end if last is not None else 0

    def safe(self) -> tuple[int, dict[int, Position]]:
        """The positions that were confirmed since it was asked last, and the number below which their events are."""
        batch, self._safe = self._safe, {}
        self._remember_heads(batch)
        return self._safe_end, _numbered(batch)

    def _add(self, tail: Tail, lines: bytes) -> None:
        count = estimate(lines)
        too_much = self._size + len(lines) > LARGEST or self._count + count > self._plain.most_lines
        if self._size and (too_much or self._named + len(tail.name) > MOST_NAMED):
            self.flush()
        if tail not in self._reads:
            self._named += len(tail.name)
        self._lines.append(lines)
        self._reads[tail] = tail.position
        self._size += len(lines)
        self._count += count

    def _remember_heads(self, reads: Mapping[Tail, Position]) -> None:
        for tail in reads:
            known = self._positions.known.get(tail.key)
            if known is not None and known.subject != tail.subject:
                self._positions.file(tail.key, tail.subject)

    def _one_line(self, message: bytes) -> bytes:
        return self._plain.line(message, self._clock.time())

    def _within_limit(self, lines: bytes) -> bytes:
        return lines if len(lines) <= self._limit.max_line + 1 else self._framer.feed(lines, len(lines))

    def _decoder(self, tail: Tail) -> Decoder:
        if not self._add_path:
            return self._plain
        found = self._decoders.get(tail.name)
        if found is None:
            if len(self._decoders) >= DECODERS:
                self._decoders.clear()
            found = self._decoders[tail.name] = self._new_decoder({"file": shown(tail.name)})
        return found


def _portions(read: Slice, most: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of as many lines as one block should have, and which is the last."""
    lines = read.lines
    if not read.long:
        while (count := estimate(lines)) > most:
            end = lines.find(b"\n", len(lines) * most // count) + 1
            if end == len(lines):
                break
            yield lines[:end], False
            lines = lines[end:]
    yield lines, True


def _numbered(reads: Mapping[Tail, Position]) -> dict[int, Position]:
    return {tail.key: position for tail, position in reads.items()}
