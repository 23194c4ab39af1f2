"""The journal in memory: the same contract for containers without a disk; nothing survives the process."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import structlog

from penstock.block import Block
from penstock.fields import show_size
from penstock.journal.base import Cursor, Gap, Journal, JournalSettings, JournalStats, Recovered
from penstock.journal.blocks import BlockList
from penstock.journal.folder import new_node
from penstock.journal.pressure import Pressure
from penstock.journal.retention import floor_of, lagging

log = structlog.get_logger(__name__)

_DEFAULT_BYTES: Final = 256 * 2**20
"""Unless `max_bytes` is set: the default of the disk would not fit into memory."""


class MemoryJournal(Journal):
    """What all holders have goes at once; `keep_age` and `keep_bytes` are for the disk."""

    def __init__(self, settings: JournalSettings) -> None:
        self.node = new_node()
        self.head = 0
        self.tail = 0
        self.recovered = Recovered()
        own = "max_bytes" in settings.model_fields_set
        self._max_bytes = settings.max_bytes if own else min(settings.max_bytes, _DEFAULT_BYTES)
        self._blocks = BlockList()
        self._cursors: dict[str, Cursor] = {}
        self._holders: frozenset[str] | None = None
        self._pressure = Pressure()
        self._block_when_full = False
        self._evicting = False
        self._on_append: list[Callable[[], None]] = []

    @property
    def block_when_full(self) -> bool:
        return self._block_when_full

    @block_when_full.setter
    def block_when_full(self, block: bool) -> None:
        self._block_when_full = block
        self._bound()

    def append(self, block: Block) -> int:
        seq = self.head
        self._blocks.add(block.numbered(seq, self.node))
        self.head = seq + block.count
        self._bound()
        for callback in self._on_append:
            callback()
        return seq

    async def durable(self, seq: int) -> None:
        """Returns at once: there is nothing more durable to be had here."""
        assert seq <= self.head, "beyond the head"

    async def read(self, seq: int, max_bytes: int) -> Sequence[Block | Gap]:
        if seq >= self.head:
            return []
        if seq < self.tail:
            return [Gap(seq, self.tail, "evicted")]
        return self._blocks.read(seq, max_bytes)

    def on_append(self, callback: Callable[[], None]) -> None:
        self._on_append.append(callback)

    def on_pressure(self, callback: Callable[[str], None]) -> None:
        self._pressure.watch(callback)

    def bytes_between(self, first: int, end: int) -> int:
        return max(0, round(self._blocks.bytes_at(end) - self._blocks.bytes_at(first)))

    def seq_back(self, max_bytes: int) -> int:
        seq = self._blocks.seq_back(max_bytes)
        return self.head if seq < 0 else seq

    def cursors(self) -> Mapping[str, Cursor]:
        return dict(self._cursors)

    def save_cursors(self, changed: Mapping[str, Cursor]) -> None:
        self._cursors.update(changed)
        self._collect()

    def hold(self, holders: Iterable[str]) -> None:
        self._holders = frozenset(holders)
        self._collect()

    async def close(self) -> None:
        lost = self.head - floor_of(self._cursors, self._holders, self.head, self.tail)
        if lost:
            log.warning("events lost: the journal was in memory", events=lost)

    def stats(self) -> JournalStats:
        return JournalStats(
            head=self.head,
            tail=self.tail,
            durable=self.head,
            bytes=self._blocks.size,
            max_bytes=self._max_bytes,
            segments=0,
            cached_bytes=self._blocks.size,
            damaged_records=0,
            syncs=0,
            sync_seconds=0.0,
            last_sync_seconds=0.0,
            unwritten=self.head - self.tail,
        )

    def _collect(self) -> None:
        floor = floor_of(self._cursors, self._holders, self.head, self.tail)
        while (first := self._blocks.first) and first.end_seq <= floor:
            self._drop()
        self._bound()

    def _bound(self) -> None:
        """Lets the oldest go, or tells sources to wait: early, so that what they still hold finds room."""
        if self._block_when_full:
            if self._blocks.size > self._max_bytes * 7 // 8:
                self._pressure.set("full", "the journal is full")
            elif self._blocks.size < self._max_bytes * 3 // 4:
                self._pressure.set("full", "")
            return
        self._pressure.set("full", "")
        evicted = False
        while self._blocks.size > self._max_bytes and len(self._blocks) > 1:
            self._drop()
            evicted = True
        if evicted and not self._evicting:
            log.warning(
                "journal is full, the oldest events go",
                max_bytes=show_size(self._max_bytes),
                lagging=lagging(self._cursors, self._holders, self.tail),
            )
            self._evicting = True
        elif self._evicting and self._blocks.size < self._max_bytes // 2:
            log.info("journal has room again")
            self._evicting = False

    def _drop(self) -> None:
        self.tail = self._blocks.drop_first().end_seq
