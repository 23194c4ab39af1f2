"""The way of events into the journal, through the processors that stand before it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import structlog

from penstock.block import Block
from penstock.clock import Alarm, Clock
from penstock.journal.base import Journal
from penstock.processors.chain import Chain
from penstock.processors.events import Events
from penstock.processors.measuring import Family, measured
from penstock.processors.stats import ProcessorStats
from penstock.sources.base import Receipt
from penstock.tasks import Tasks

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 2 * 2**20
"""Bytes of events that may wait for the processors before sources are told to wait. The end of the process loses them,
where the sender was not told that they are durable."""


class Admission:
    """Takes blocks from the sources, and hands them to the journal in the same order.

    What a slice of the chain can do at once is done at once; the rest waits for its turn, so that the loop goes on.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        on_full: Callable[[str], None],
        on_crash: Callable[[BaseException], None],
    ) -> None:
        """`on_full` is told why sources must wait, and "" when they need not any more."""
        self._journal = journal
        self._clock = clock
        self._on_full = on_full
        self._chain: Chain | None = None
        self._waiting: deque[tuple[Block, Ticket]] = deque()
        self._parts: list[Block] = []  # of a block with a mark
        self._bytes = 0
        self._full = False
        self._tasks = Tasks("admission", on_crash)
        self._work: asyncio.Task[None] | None = None
        self._alarm = Alarm(clock, self._ring)

    @property
    def stats(self) -> Sequence[ProcessorStats]:
        """Of each processor, in order."""
        return self._chain.stats if self._chain is not None else ()

    def families(self) -> Sequence[Family]:
        """The metrics that processors have of their own."""
        return measured(self._chain.processors) if self._chain is not None else ()

    def use(self, chain: Chain | None) -> None:
        """What comes from now on goes through this chain, and what waits; the old one tells what it has counted."""
        if self._chain is not None:
            self._append_all(self._chain.tick(float("inf"), self._clock.time()))
        self._chain = chain

    def accept(self, block: Block) -> Receipt:
        """Takes a block; see `sources.base.Accept`."""
        if self._chain is None and not self._waiting:
            return Ticket(self._journal, self._journal.append(block) + block.count)
        ticket = Ticket(self._journal, None)
        self._waiting.append((block, ticket))
        self._bytes += len(block.data)
        if len(self._waiting) == 1:
            self._next()
        if self._waiting and (self._work is None or self._work.done()):
            self._work = self._tasks.start(self._go_on(), "processors")
        self._tell()
        return ticket

    async def drained(self) -> None:
        """Returns when nothing waits and the chain has told what it has counted."""
        await self._tasks.join()
        self._alarm.set(None)
        if self._chain is not None:
            self._append_all(self._chain.tick(float("inf"), self._clock.time()))

    def _next(self) -> None:
        """One slice of what waits longest."""
        block, ticket = self._waiting.popleft()
        if self._chain is None:
            self._append(block, whole=True)
        else:
            self._tick(self._chain)
            piece = next(self._chain.slices(block))
            whole = piece.count == block.count
            if not whole:
                self._waiting.appendleft((block.cut(piece.count)[1], ticket))
            block = piece
            for part in self._left_of(self._chain.process(piece), piece):
                self._append(part, whole=False)
            self._append(None, whole=whole)
            self._set_alarm(self._chain)
        self._bytes -= len(block.data)
        if not self._waiting or self._waiting[0][1] is not ticket:
            ticket.written_up_to(self._journal.head)

    async def _go_on(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)
            self._next()
            self._tell()

    def _tick(self, chain: Chain) -> None:
        now, due = self._clock.time(), chain.due()
        if due is not None and due <= now:
            self._append_all(chain.tick(now, now))

    def _set_alarm(self, chain: Chain) -> None:
        due = chain.due()
        wait = None if due is None else max(0.0, due - self._clock.time())
        self._alarm.set(None if wait is None else self._clock.monotonic() + wait)

    def _ring(self) -> None:
        if self._chain is not None:
            self._tick(self._chain)
            self._set_alarm(self._chain)

    def _append(self, block: Block | None, *, whole: bool) -> None:
        """Into the journal; the parts of a block with a mark once it is whole, as one: the mark is there with all of them."""
        if block is not None and not block.mark:
            self._journal.append(block)
        elif block is not None:
            self._parts.append(block)
        if whole and (parts := self._parts):
            self._parts = []
            self._journal.append(_joined(parts))

    def _append_all(self, flows: Sequence[Events]) -> None:
        for block in self._left_of(flows, None):
            self._journal.append(block)

    def _left_of(self, flows: Sequence[Events], piece: Block | None) -> Iterator[Block]:
        for events in flows:
            if events.refused:
                log.error("events dropped before the journal", events=len(events.refused))
            if not events.count:
                continue
            data = events.data()
            block = piece or Block(data, events.count, events.source, events.arrived)
            yield block if not events.changed else replace(block, data=data, count=events.count)

    def _tell(self) -> None:
        full = self._bytes > (MOST_WAITING // 2 if self._full else MOST_WAITING)
        if full != self._full:
            self._full = full
            self._on_full("the processors before the journal are busy" if full else "")


def _joined(parts: Sequence[Block]) -> Block:
    if len(parts) == 1:
        return parts[0]
    data = b"".join([part.data for part in parts])
    return replace(parts[0], data=data, count=sum(part.count for part in parts))


class Ticket:
    """The receipt for a block."""

    __slots__ = ("_end", "_journal", "_through")

    def __init__(self, journal: Journal, end: int | None) -> None:
        """`end` is the sequence number after its last event; none: the processors have not done with it."""
        self._journal = journal
        self._end = end
        self._through: asyncio.Event | None = None

    def written_up_to(self, end: int) -> None:
        """All that came of it has lower sequence numbers than this."""
        self._end = end
        if self._through is not None:
            self._through.set()

    @property
    def end(self) -> int:
        assert self._end is not None, "it is through"
        return self._end

    @property
    def written(self) -> bool:
        return self._end is not None and self._end <= self._journal.head - self._journal.stats().unwritten

    async def durable(self) -> None:
        if self._end is None:
            self._through = self._through or asyncio.Event()
            await self._through.wait()
        assert self._end is not None, "it is through"
        await self._journal.durable(self._end)
