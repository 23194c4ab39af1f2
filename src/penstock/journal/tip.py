"""The end of the journal, where blocks are written: into memory, into the file, and with a sync to the disk."""

from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from penstock.block import Block
from penstock.clock import Clock, Timer
from penstock.errors import Unavailable
from penstock.journal.blocks import BlockList
from penstock.journal.catalogue import Catalogue
from penstock.journal.commit import GroupCommit
from penstock.journal.disk import Disk, reason
from penstock.journal.keeper import Keeper
from penstock.journal.pressure import Pressure
from penstock.journal.record import OVERHEAD, record_size
from penstock.journal.writer import Unsynced, Writer

log = structlog.get_logger(__name__)

_RETRY: Final = 1.0
"""Seconds between attempts while the disk refuses."""
_ALWAYS_ALLOWED: Final = 64 * 2**20
"""Unsynced bytes up to which sources need not wait, however small the cache is."""


class Tip:
    """Memory holds the newest blocks: those that the cache is for, and all that are not on disk yet.

    The latter are what is written again after the disk refused, and after a sync failed: from then on the
    kernel may take for clean what never reached the disk, so nothing written since the last good sync is
    trusted. It is written again, into a new segment.
    """

    def __init__(
        self,
        *,
        disk: Disk,
        clock: Clock,
        interval: float,
        cache: int,
        catalogue: Catalogue,
        keeper: Keeper,
        writer: Writer,
        pressure: Pressure,
        rolled: Callable[[], None],
        refuses: Callable[[bool], None],
    ) -> None:
        """`rolled` is called when a segment was begun, `refuses` when the disk begins to refuse and when it ends."""
        self.memory = BlockList()
        self.commit = GroupCommit(clock, interval, catalogue.head, self._begin_sync, self._sync_ended)
        self._disk = disk
        self._clock = clock
        self._cache = cache
        self._hurry = max(cache // 2, 2**20)  # a sync begins early rather than that memory fills
        self._most_unsynced = max(4 * cache, _ALWAYS_ALLOWED)
        self._catalogue = catalogue
        self._keeper = keeper
        self._writer = writer
        self._pressure = pressure
        self._rolled = rolled
        self._refuses = refuses
        self._written = catalogue.head
        """Everything below it was taken by the kernel; the rest waits in memory."""
        self._distrusted = False
        """A sync failed, and what is to be written again is not yet."""
        self._failures = 0
        self._syncing = Unsynced((), None)
        self._base = catalogue.head_bytes
        self._durable_bytes = self._syncing_bytes = catalogue.head_bytes
        self._retry: Timer | None = None

    @property
    def all_durable(self) -> bool:
        """There is nothing that could still be lost."""
        return self.commit.durable == self._catalogue.head

    @property
    def unwritten(self) -> int:
        """Events that are in memory only."""
        return self._catalogue.head - self._written

    def append(self, block: Block) -> None:
        """Takes a block that has its number; never fails."""
        catalogue = self._catalogue
        before = catalogue.head_bytes
        self.memory.add(block)
        catalogue.head = block.end_seq
        catalogue.head_bytes = before + len(block.data)
        if self._written == block.first_seq and not self._distrusted:
            try:
                self._write(block, before)
            except OSError as exc:
                self._refused(reason(exc))
            else:
                self.commit.soon()
        self._balance()
        if self._keeper.block_when_full:
            self._keeper.look_at_room(self._writer.room)

    async def durable(self, seq: int) -> None:
        """See `Journal.durable`."""
        if seq > self.commit.durable and (why := self._pressure["refused"]):
            raise Unavailable(why)
        await self.commit.wait(seq)

    async def close(self) -> None:
        """Brings everything to disk that the disk takes."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
            self._try_again()
        await self.commit.settle()
        while not self.all_durable and self._retry is None:
            self.commit.now()
            if self.commit.idle:
                break
            await self.commit.settle()
        if self._retry is not None:
            self._retry.cancel()
        self.commit.close()

    def _write(self, block: Block, before: int) -> None:
        room = self._writer.room
        if room >= len(block.data) + OVERHEAD or room >= record_size(block):
            self._writer.write(block, before)
        else:
            self._keeper.make_room(self._writer.size_for([block]))
            self._catalogue.add(self._writer.begin([block], before, self._clock.time()))
            self._rolled()
        self._written = block.end_seq

    def _balance(self) -> None:
        """Memory within its bound: what is on disk and over the cache goes, and too much unsynced is told."""
        memory, durable = self.memory, self.commit.durable
        while memory.size > self._cache and (first := memory.first) and first.end_seq <= durable:
            memory.drop_first()
        unsynced = self._catalogue.head_bytes - self._durable_bytes
        if unsynced > self._hurry and not self._distrusted and not self._failures:
            self.commit.now()
        if unsynced > self._most_unsynced:
            self._pressure.set("behind", "the disk cannot keep up")
        elif unsynced < self._most_unsynced // 2:
            self._pressure.set("behind", "")

    # The disk refuses

    def _refused(self, why: str) -> None:
        if not self._pressure["refused"]:
            log.error("journal cannot be written, holding events in memory", error=why)
            self._refuses(True)
        self._pressure.set("refused", why)
        if self._distrusted:
            self.commit.refuse(why)
        if self._retry is None:
            self._retry = self._clock.call_at(self._clock.monotonic() + _RETRY, self._try_again)

    def _try_again(self) -> None:
        """Writes what waits, in order, each to the place where it failed."""
        self._retry = None
        try:
            if self._distrusted:
                self._write_anew()
            for block in self.memory.since(self._written) if self.unwritten else ():
                self._write(block, self._bytes_before(block.first_seq))
        except OSError as exc:
            self._refused(reason(exc))
            return
        if not self._failures:  # else it is well again only when the sync has worked
            self._well()
        self.commit.now()
        self._keeper.look_at_room(self._writer.room)

    def _well(self) -> None:
        if self._pressure["refused"]:
            log.info("journal can be written again")
            self._refuses(False)
            self._pressure.set("refused", "")

    def _write_anew(self) -> None:
        """A new segment with all that is not on disk; segments of which nothing is on disk make way for it."""
        durable, catalogue = self.commit.durable, self._catalogue
        blocks = list(self.memory.since(durable))
        self._keeper.make_room(self._writer.size_for(blocks))
        segment = self._writer.begin(blocks, self._bytes_before(durable), self._clock.time())
        while (last := catalogue.last) and last.first_seq >= durable:
            catalogue.drop_last()
            if last.path != segment.path:
                self._keeper.discard(last)
        catalogue.add(segment)
        self._writer.forsake()
        self._written = catalogue.head
        self._distrusted = False
        self._rolled()

    # Sync

    def _begin_sync(self) -> tuple[int, Callable[[], None]] | None:
        if self._distrusted or self._written <= self.commit.durable:
            return None
        self._syncing = self._writer.unsynced()
        self._syncing_bytes = self._bytes_before(self._written)
        return self._written, partial(self._syncing.sync, self._disk)

    def _sync_ended(self, error: OSError | None) -> None:
        if error is not None:
            self._failures += 1
            self._distrusted = True
            if self._failures == 1:
                log.warning("sync failed, writing again into a new segment", error=reason(error))
                self._try_again()
            else:
                self._refused(reason(error))
            return
        self._writer.synced(self._syncing)
        self._durable_bytes = self._syncing_bytes
        if self._failures:
            self._failures = 0
            if not self.unwritten:
                self._well()
        if self._written > self.commit.durable:
            self.commit.soon()
        self._balance()

    def _bytes_before(self, seq: int) -> int:
        """Bytes of all events before a block that is in memory, or before the head."""
        if seq == self._catalogue.head:
            return self._catalogue.head_bytes
        return self._base + round(self.memory.bytes_at(seq))
