"""The journal on disk: what the other modules of this folder do, put together."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import structlog

from penstock.block import Block
from penstock.clock import Clock
from penstock.journal.base import Cursor, Gap, Journal, JournalSettings, JournalStats
from penstock.journal.cursor_saver import CursorSaver
from penstock.journal.disk import Disk, reason
from penstock.journal.folder import (
    Clean,
    Lock,
    Meta,
    forget_meta,
    quarantine_folder,
    read_meta,
    segments_folder,
    write_clean,
    write_meta,
)
from penstock.journal.keeper import Keeper
from penstock.journal.pressure import Pressure
from penstock.journal.quarantine import keep_damage
from penstock.journal.reader import Reader
from penstock.journal.recovery import Recovery
from penstock.journal.retention import segment_size
from penstock.journal.segment import Segment
from penstock.journal.spares import Spares
from penstock.journal.tip import Tip
from penstock.journal.walk import Damage
from penstock.journal.writer import Writer

log = structlog.get_logger(__name__)


class DiskJournal(Journal):
    """See `Journal`; the format is in `docs/reference/journal-format.md`."""

    def __init__(
        self, settings: JournalSettings, found: Recovery, lock: Lock, clock: Clock, disk: Disk
    ) -> None:
        self.node = found.node
        self.recovered = found.report
        self.head = found.catalogue.head
        self.tail = found.catalogue.tail
        self._settings = settings
        self._disk = disk
        self._lock = lock
        self._meta = read_meta(settings.path)
        self._catalogue = found.catalogue
        # What must not wait for a sync, and what nothing waits for: cursors, new spares, copies, removals.
        self._chores = ThreadPoolExecutor(1, "journal-chores")
        self._pressure = Pressure()
        self._saver = CursorSaver(
            disk=disk,
            folder=settings.path,
            clock=clock,
            thread=self._chores,
            saved=found.cursors,
            on_saved=self._collect,
        )
        self._reader = Reader(disk, found.catalogue, self._damaged)
        folder = segments_folder(settings.path)
        self._size = segment_size(settings.segment, settings.max_bytes)
        self._spares = Spares(disk, folder, self._size, self._unlink)
        self._keeper = Keeper(
            settings=settings,
            segment=self._size,
            clock=clock,
            catalogue=found.catalogue,
            spares=self._spares,
            cursors=self._saver.saved,
            pressure=self._pressure,
        )
        self._writer = Writer(disk, folder, self._size, self._spares)
        if found.resume_at is not None and (last := found.catalogue.last):
            self._writer.resume(last, found.resume_at)
        self._tip = Tip(
            disk=disk,
            clock=clock,
            interval=settings.sync,
            cache=settings.cache,
            catalogue=found.catalogue,
            keeper=self._keeper,
            writer=self._writer,
            pressure=self._pressure,
            rolled=self._rolled,
            refuses=self._refuses,
        )
        self._known_damage = set(found.damages)
        self._damaged_records = found.report.damaged_records
        self._on_append: list[Callable[[], None]] = []
        self._preparing: asyncio.Future[Path] | None = None
        self._closed = False

    @property
    def block_when_full(self) -> bool:
        return self._keeper.block_when_full

    @block_when_full.setter
    def block_when_full(self, block: bool) -> None:
        self._keeper.block_when_full = block
        self._keeper.look_at_room(self._writer.room)

    def append(self, block: Block) -> int:
        seq = self.head
        self._tip.append(block.numbered(seq, self.node))
        self.head = seq + block.count
        for callback in self._on_append:
            callback()
        return seq

    async def durable(self, seq: int) -> None:
        await self._tip.durable(seq)

    async def read(self, seq: int, max_bytes: int) -> Sequence[Block | Gap]:
        memory = self._tip.memory
        while seq < self.head:
            if seq < self.tail:
                return [Gap(seq, self.tail, "evicted")]
            first = memory.first
            if first and first.first_seq <= seq:
                return memory.read(seq, max_bytes)
            limit = first.first_seq if first else self.head
            # Nothing comes where the segment went while it was read: then the tail is another now.
            if items := await self._reader.read(seq, limit, max_bytes):
                return items
        return []

    def on_append(self, callback: Callable[[], None]) -> None:
        self._on_append.append(callback)

    def on_pressure(self, callback: Callable[[str], None]) -> None:
        self._pressure.watch(callback)

    def bytes_between(self, first: int, end: int) -> int:
        return max(0, round(self._catalogue.bytes_at(end) - self._catalogue.bytes_at(first)))

    def seq_back(self, max_bytes: int) -> int:
        return self._catalogue.seq_at(self._catalogue.head_bytes - max_bytes)

    def cursors(self) -> Mapping[str, Cursor]:
        return dict(self._saver.cursors)

    def save_cursors(self, changed: Mapping[str, Cursor]) -> None:
        self._saver.take(changed)

    def hold(self, holders: Iterable[str]) -> None:
        self._keeper.holders = frozenset(holders)
        self._collect()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._keeper.close()
        await self._tip.close()
        if self._tip.unwritten:
            log.error("events lost: the disk refused them to the end", events=self._tip.unwritten)
        self._writer.close()
        await self._saver.close()
        if self._preparing is not None:
            await asyncio.wait([self._preparing])
        self._chores.shutdown(wait=True)
        self._reader.close()
        if self._tip.all_durable:
            try:
                write_clean(self._disk, self._settings.path, Clean(self.node, self.head))
            except OSError as exc:
                log.warning("journal is left without a mark of order", error=reason(exc))
        self._lock.release()

    def stats(self) -> JournalStats:
        commit = self._tip.commit
        return JournalStats(
            head=self.head,
            tail=self.tail,
            durable=commit.durable,
            bytes=self._keeper.size,
            max_bytes=self._settings.max_bytes,
            segments=len(self._catalogue),
            cached_bytes=self._tip.memory.size,
            damaged_records=self._damaged_records,
            syncs=commit.count,
            sync_seconds=commit.seconds,
            last_sync_seconds=commit.last_seconds,
            error=self._pressure["refused"],
            unwritten=self._tip.unwritten,
        )

    def _collect(self) -> None:
        """By what the saved cursors say: a process that dies goes on from there."""
        if self._closed:
            return
        self._keeper.collect()
        self._keeper.look_at_room(self._writer.room)
        self._follow_tail()

    def _rolled(self) -> None:
        """A segment was begun, which may have cost the oldest ones; the next one should find its file ready."""
        self._follow_tail()
        if self._preparing is None and not self._closed and self._keeper.may_prepare():
            self._spares.expect()
            loop = asyncio.get_running_loop()
            self._preparing = loop.run_in_executor(self._chores, self._spares.create, self._size)
            self._preparing.add_done_callback(self._prepared)

    def _prepared(self, future: "asyncio.Future[Path]") -> None:
        self._preparing = None
        # A disk that refuses a spare says so again when the segment is needed, and then it matters.
        if not self._closed:
            self._spares.came(None if future.exception() else future.result())

    def _refuses(self, refuses: bool) -> None:
        """What is delivered from memory meanwhile has numbers that a start would not know of and give again.

        Without a meta file a start takes a new node; removing one needs no room.
        """
        if refuses:
            forget_meta(self._settings.path)
        elif self._meta is not None:
            self._chores.submit(self._remember, self._meta)

    def _remember(self, meta: Meta) -> None:
        try:
            write_meta(self._disk, self._settings.path, meta)
        except OSError as exc:  # then the next start takes a new node without need
            log.warning("journal's meta file could not be written", error=reason(exc))

    def _follow_tail(self) -> None:
        if len(self._catalogue):
            self.tail = self._catalogue.tail

    def _unlink(self, path: Path) -> None:
        self._chores.submit(partial(path.unlink, missing_ok=True))

    def _damaged(self, segment: Segment, damage: Damage) -> None:
        """Counts, tells and keeps each damage once, however many come upon it."""
        name = (segment.first_seq, damage.offset)
        lost = damage.end_seq - damage.first_seq
        if name in self._known_damage or self._closed:
            return
        self._known_damage.add(name)
        self._damaged_records += damage.records
        log.warning("journal damage", segment=segment.path.name, offset=damage.offset, lost_events=lost)
        if damage.offset < damage.end:
            self._chores.submit(self._keep, segment, damage)

    def _keep(self, segment: Segment, damage: Damage) -> None:
        try:
            keep_damage(self._disk, quarantine_folder(self._settings.path), segment, damage)
        except OSError as exc:
            log.warning("damaged part could not be kept", error=reason(exc))
