"""What waits for one destination: its share of the journal, read ahead by no more than two batches."""

from collections import deque
from collections.abc import Callable
from typing import Final

from penstock.block import Batch, Block
from penstock.clock import Clock
from penstock.delivery.batcher import Batcher
from penstock.delivery.deadletters import processed
from penstock.delivery.ledger import Books
from penstock.delivery.processing import Processing
from penstock.delivery.settings import QueueSettings
from penstock.delivery.settlement import Settlement
from penstock.journal.base import Gap, Journal

GIVE_WAY: Final = 0.9
"""A full queue gives way until it is down to this share of its bound, so that it does not do so at every block."""
INDEX_STEP: Final = 64 * 2**10
"""Bytes by which the journal's count of bytes may be wrong."""
ENDLESS: Final = 2**64
PATIENCE: Final = 0.05
"""Seconds that a chain may work without the lane looking at what else is to be done: of much nothing may come."""


class Queue:
    """Reads in order what the books call open, and cuts batches from it."""

    def __init__(
        self,
        *,
        name: str,
        journal: Journal,
        books: Books,
        settlement: Settlement,
        settings: QueueSettings,
        batcher: Batcher,
        clock: Clock,
        on_full: Callable[[str], None],
        processing: Processing | None = None,
    ) -> None:
        self._name = name
        self._journal = journal
        self._books = books
        self._settlement = settlement
        self._settings = settings
        self._batcher = batcher
        self._clock = clock
        self._on_full = on_full
        self._processing = processing
        self._stopped = False
        self._finishing = False
        self._full = False
        self._begun_at = journal.head
        self._unread = deque(_unread(books, journal.head))
        """Runs not read yet, as `(first, end)`; the last has no end."""

    @property
    def size(self) -> int:
        """Bytes of the events that are not settled, to within the journal's index."""
        runs = self._books.open_runs(self._journal.head)
        return sum(self._journal.bytes_between(first, end) for first, end in runs)

    @property
    def oldest(self) -> float | None:
        """When the oldest event read ahead arrived, in seconds since the epoch."""
        return self._batcher.oldest

    @property
    def batch_bytes(self) -> int:
        """Bytes of a batch at most, where no single event has more."""
        return self._batcher.read_size

    @property
    def empty(self) -> bool:
        """Nothing waits to be cut."""
        return not self._batcher.events and self._unread[0][0] >= self._journal.head

    @property
    def bounded(self) -> bool:
        """It has a bound of its own, which each block may reach."""
        return bool(self._settings.max_bytes)

    @property
    def short(self) -> bool:
        """Something waits, and even with all that the journal has it makes no full batch."""
        first, head = self._unread[0][0], self._journal.head
        if self.bounded or not self._batcher.events or len(self._unread) > 1:
            return False
        return self._batcher.lacks(head - first, self._journal.bytes_between(first, head) + INDEX_STEP)

    async def fill(self) -> bool:
        """Reads ahead, for the next batch and the one after it. `True`: there is more, look at other things first."""
        until = self._clock.monotonic() + PATIENCE
        while not self._batcher.ahead and self._unread[0][0] < self._journal.head:
            for item in await self._journal.read(self._unread[0][0], self._batcher.read_size):
                if not await self._take(item):
                    break
                if self._processing is not None and (self._stopped or self._clock.monotonic() > until):
                    return not self._stopped
        if self._processing is not None and self._unread[0][0] >= self._journal.head:
            self._tick(self._processing)
        return False

    def stop(self) -> None:
        """Reads no further, at once."""
        self._stopped = True

    def finish(self) -> None:
        """No more events come: lets processors tell what they have counted, once they have seen all that is there."""
        self._finishing = True

    def pass_by(self) -> None:
        """Settles all that is there: the destination is turned off.

        What waited for it when it was is lost to it; what came since was never meant for it.
        """
        head = self._journal.head
        for first, end in self._books.open_runs(head):
            middle = min(max(first, self._begun_at), end)
            self._settlement.dropped("disabled", runs=[(first, middle)] if first < middle else [])
            self._settlement.foreign(middle, end)
        self._unread = deque([(head, ENDLESS)])

    def ready(self, now: float, *, flush: bool) -> bool:
        """A batch should be cut now."""
        return self._batcher.ready(now, flush=flush)

    def due(self) -> float | None:
        """When, on the monotonic clock, a batch must be cut even if it is not full, or a processor has to say something."""
        due = self._batcher.due()
        tick = self._processing.due() if self._processing is not None else None
        if tick is None:
            return due
        tick = self._clock.monotonic() + max(0.0, tick - self._clock.time())
        return tick if due is None else min(due, tick)

    def cut(self) -> Batch:
        """The next batch."""
        return self._batcher.cut(self._clock.time())

    def overflow(self) -> int | None:
        """The sequence number below which events must go, where more waits than is allowed and may be dropped.

        Where it may not be dropped, sources are told to wait, and later that they need not.
        """
        bound = self._settings.max_bytes
        if not bound:
            return None
        size = self.size - self._held()
        if self._settings.when_full == "drop_oldest":
            return self._journal.seq_back(int(bound * GIVE_WAY)) if size > bound else None
        if self._full != (size > bound) and (not self._full or size <= bound * GIVE_WAY):
            self._full = not self._full
            self._on_full(f"the queue of {self._name} is full" if self._full else "")
        return None

    def drop_below(self, seq: int) -> tuple[list[Block], list[tuple[int, int]]]:
        """Forgets what it has or would read below this sequence number: blocks, and runs that were not read yet.

        What a processor holds is not forgotten: it is all that will be left of those events.
        """
        runs: list[tuple[int, int]] = []
        while self._unread[0][0] < seq:
            first, end = self._unread.popleft()
            runs.append((first, min(end, seq)))
            if end > seq:
                self._unread.appendleft((seq, end))
        return self._batcher.drop_below(seq), runs

    async def _take(self, item: Block | Gap) -> bool:
        """`False` where what follows it is not what is to be read next: that is settled already."""
        first, limit = self._unread.popleft()
        end = min(item.end_seq, limit)
        if end < limit:
            self._unread.appendleft((end, limit))
        if isinstance(item, Gap):
            self._settlement.dropped(item.reason, runs=[(first, end)])
        elif item.only and item.only != self._name:
            self._settlement.foreign(first, end)
        else:
            block = item.cut(end - first)[0] if end < item.end_seq else item
            if self._processing is None or processed(block):
                self._feed(block)
            else:
                await self._processing.process(block, self._feed, lambda: self._stopped)
        return end == item.end_seq == self._unread[0][0]

    def _feed(self, block: Block) -> None:
        self._batcher.feed(block, self._clock.time(), self._clock.monotonic())

    def _held(self) -> int:
        """Bytes of events that a processor holds: they go all at once, and no bound is kept by dropping others."""
        runs = () if self._processing is None else self._processing.runs()
        return sum(self._journal.bytes_between(first, end) for first, end in runs)

    def _tick(self, processing: Processing) -> None:
        due = processing.due()
        if due is not None and (self._finishing or due <= self._clock.time()):
            processing.tick(self._feed, end=self._finishing)


def _unread(books: Books, head: int) -> list[tuple[int, int]]:
    runs = books.open_runs(head)
    if runs and runs[-1][1] == head:
        return [*runs[:-1], (runs[-1][0], ENDLESS)]
    return [*runs, (head, ENDLESS)]
