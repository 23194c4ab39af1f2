"""Cuts what waits into batches: by events, by bytes as encoded, by the age of the oldest event."""

from collections import deque

from penstock.block import Batch, Block
from penstock.destinations.base import BatchSize, Limits


class Batcher:
    """Blocks in, batches out, in order. It holds what was read ahead, and no more."""

    def __init__(self, size: BatchSize, limits: Limits) -> None:
        self._events = min(size.events, limits.events or size.events)
        self._bytes = min(size.bytes, limits.bytes or size.bytes)
        self._age = size.age
        self._limits = limits
        self._blocks: deque[tuple[Block, float]] = deque()
        self.events = 0
        """Events held."""
        self.size = 0
        """Bytes held, as they are encoded."""

    @property
    def ahead(self) -> bool:
        """It holds enough for this batch and the next."""
        return self.size >= 2 * self._bytes or self.events >= 2 * self._events

    @property
    def read_size(self) -> int:
        """Bytes that are worth reading at once."""
        return self._bytes

    @property
    def oldest(self) -> float | None:
        """When the oldest event held arrived, in seconds since the epoch."""
        return self._blocks[0][0].arrived if self._blocks else None

    def feed(self, block: Block, wall: float, now: float) -> None:
        """Takes a block; `wall` and `now` are the clock's `time()` and `monotonic()`.

        The moment when it is due is fixed here, so that a wall clock that is set cannot hold it back.
        """
        waited = min(max(wall - block.arrived, 0.0), self._age)
        self._blocks.append((block, now + self._age - waited))
        self.events += block.count
        self.size += self._encoded(block)

    def lacks(self, events: int, size: int) -> bool:
        """So many more events, of so many bytes, would not make a full batch."""
        size += events * self._limits.event_overhead + self._limits.batch_overhead
        return self.events + events < self._events and self.size + size < self._bytes

    def due(self) -> float | None:
        """When, on the monotonic clock, the oldest event must go; none where nothing waits."""
        return self._blocks[0][1] if self._blocks else None

    def ready(self, now: float, *, flush: bool = False) -> bool:
        """A batch should be cut: it is full, its oldest event is old enough, or all must go."""
        if not self._blocks:
            return False
        full = self.events >= self._events or self.size + self._limits.batch_overhead >= self._bytes
        return full or flush or self._blocks[0][1] <= now

    def cut(self, wall: float) -> Batch:
        """The next batch, at least one event; something must be held."""
        pieces: list[Block] = []
        events, room = self._events, self._bytes - self._limits.batch_overhead
        newest = self._blocks[0][0].arrived + (self._limits.span or float("inf"))
        while self._blocks and events > 0:
            block, due = self._blocks[0]
            fitting = min(events, block.fitting(room, self._limits.event_overhead))
            if block.arrived > newest or (not fitting and pieces):
                break
            self._blocks.popleft()
            fitting = max(fitting, 1)  # one that is too large for any batch goes alone
            if fitting < block.count:
                block, rest = block.cut(fitting)
                self._blocks.appendleft((rest, due))
                events = 0
            pieces.append(block)
            events -= block.count
            room -= self._encoded(block)
            self.events -= block.count
            self.size -= self._encoded(block)
        return Batch(tuple(pieces), wall)

    def drop_below(self, seq: int) -> list[Block]:
        """Forgets events with a lower sequence number, and returns them."""
        gone: list[Block] = []
        while self._blocks:
            block, due = self._blocks[0]
            below, rest = block.cut_below(seq)
            if below is None:
                break
            self._blocks.popleft()
            self.events -= below.count
            self.size -= self._encoded(below)
            gone.append(below)
            if rest is not None:
                self._blocks.appendleft((rest, due))
        return gone

    def _encoded(self, block: Block) -> int:
        return len(block.data) + block.count * self._limits.event_overhead
