"""What became of events, written down in all the places that must agree: books, statistics, dead letters."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from penstock.block import Batch, Block
from penstock.claim import Book
from penstock.clock import Clock, Timer, sleep
from penstock.delivery.deadletters import DeadLetter, DeadLetterStore, letters_of
from penstock.delivery.decision import Dead
from penstock.delivery.job import Job
from penstock.delivery.ledger import Books
from penstock.delivery.stats import DestinationStats
from penstock.exchange import Note
from penstock.journal.base import Cursor

log = structlog.get_logger(__name__)

SAVE_EVERY: Final = 0.25
"""Seconds, at most, until a changed cursor is handed to the journal."""
TIDY_EVERY: Final = 600.0
"""Seconds between two looks at the age of dead letters."""
TELL_EVERY: Final = 10.0
"""Seconds between two log lines about drops that go on."""
_DELIVERED, _DEAD, _DROPPED = range(3)
"""Of the parts of what came of some events, that with the highest speaks for them."""


class Settlement:
    """The only one that writes the ledger. Nothing here sends, waits for a service or decides."""

    def __init__(
        self,
        stats: DestinationStats,
        books: Books,
        dead_letters: DeadLetterStore,
        clock: Clock,
        save: Callable[[Cursor], None],
    ) -> None:
        """`save` takes the cursor, for the journal to keep."""
        self._stats = stats
        self._books = books
        self._dead_letters = dead_letters
        self._dead_letters_lock = asyncio.Lock()
        self._clock = clock
        self._save = save
        self._timer: Timer | None = None
        self._refusing = False  # the disk refuses dead letters
        self._untold = 0
        self._told_at = float("-inf")

    def delivered(self, batch: Batch, notes: Mapping[Note, int]) -> None:
        """The service has these events for good; `notes` is what else is to be counted of them."""
        now = self._clock.time()
        for piece in batch.pieces:
            self._book(piece, _DELIVERED, self._books.delivered)
            self._stats.delivery_latency.observe(max(0.0, now - piece.arrived), piece.count)
        self._stats.delivered += batch.count
        for note, count in notes.items():
            self._stats.notes[note] = self._stats.notes.get(note, 0) + count
        self._stats.batch_events.observe(batch.count)
        self._stats.batch_bytes.observe(batch.size)
        self._stats.last_success = now
        self._changed()

    def foreign(self, first: int, end: int) -> None:
        """They are not for this destination."""
        if first < end:
            self._books.foreign(first, end)
            self._changed()

    def filtered(self, first: int, end: int) -> None:
        """A processor, or `match`, left them out."""
        if first < end:
            self._books.filtered(first, end)
            self._stats.filtered += end - first
            self._changed()

    def dropped(
        self, reason: str, *, runs: Iterable[tuple[int, int]] = (), pieces: Iterable[Block] = ()
    ) -> None:
        """They are lost to this destination; said loudly, but not at every batch."""
        count = 0
        for first, end in runs:
            self._books.dropped(first, end, reason)
            count += end - first
        book = partial(_on, self._books.dropped, reason)
        for piece in pieces:
            self._book(piece, _DROPPED, book)
            count += piece.count
        if not count:
            return
        self._stats.dropped[reason] = self._stats.dropped.get(reason, 0) + count
        self._untold += count
        if self._clock.monotonic() - self._told_at >= TELL_EVERY:
            log.error("events dropped", destination=self._stats.name, reason=reason, events=self._untold)
            self._untold, self._told_at = 0, self._clock.monotonic()
        self._changed()

    async def bury(self, job: Job, graves: Sequence[Dead]) -> bool:
        """Writes dead letters, then settles their events. `False`: the disk refused, nothing is settled.

        Where none are kept their events are dropped: held, a few bad ones would stop all that come after them.
        """
        if not self._dead_letters.kept:
            self.dropped("no_dead_letters", pieces=[piece for dead in graves for piece in dead.batch.pieces])
            return True
        letters = [
            letter for dead in graves for letter in letters_of(self._stats.name, job, dead, self._clock)
        ]
        async with self._dead_letters_lock:
            try:
                await asyncio.to_thread(self._dead_letters.add, letters)
            except OSError as exc:
                self._refused(exc)
                return False
        self._written()
        for dead in graves:
            book = partial(_on, self._books.dead_lettered, dead.kind)
            for piece in dead.batch.pieces:
                self._book(piece, _DEAD, book)
            counts = self._stats.dead_lettered
            counts[dead.kind] = counts.get(dead.kind, 0) + dead.batch.count
        self._changed()
        return True

    def failed(self, reason: str) -> None:
        """Remembers the last error, for people."""
        self._stats.last_error, self._stats.last_error_at = reason, self._clock.time()

    def dead_letter_files(self) -> list[Path]:
        """Oldest first."""
        return self._dead_letters.files()

    async def dead_letters(self, file: Path, ids: Collection[str] | None) -> list[DeadLetter]:
        """Those letters, or all of them, of one file. Raises `OSError`."""
        async with self._dead_letters_lock:
            return await asyncio.to_thread(self._dead_letters.read_file, file, ids)

    async def tidy(self) -> None:
        """Lets dead letters go that are too old, for as long as the lane runs."""
        while True:
            await sleep(self._clock, TIDY_EVERY)
            async with self._dead_letters_lock:
                try:
                    await asyncio.to_thread(self._dead_letters.expire)
                except OSError as exc:
                    log.warning(
                        "old dead letters cannot be removed", destination=self._stats.name, error=str(exc)
                    )

    async def discard(self, ids: Collection[str] | None) -> int:
        """Throws dead letters away and returns how many. Raises `OSError`."""
        async with self._dead_letters_lock:
            return await asyncio.to_thread(self._dead_letters.remove, ids)

    def unsettled(self, first: int, head: int) -> int:
        """How many events in that range are not settled."""
        return sum(max(0, end - max(begin, first)) for begin, end in self._books.open_runs(head))

    def refresh(self, head: int) -> None:
        """Brings the statistics up to date with the books."""
        self._stats.ledger = self._books.ledger(head)
        self._stats.queue_events = self._stats.ledger.pending
        self._stats.dead_letter_bytes = self._dead_letters.size
        self._stats.dead_letters_expired = self._dead_letters.expired

    def save(self) -> None:
        """Hands the cursor over now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._save(self._books.cursor())

    def _book(self, piece: Block, rank: int, book: Book) -> None:
        if piece.claim is None:
            book(piece.first_seq, piece.end_seq, piece.count)
            self._stats.filtered += piece.end_seq - piece.first_seq - piece.count
        elif piece.claim.settle(piece.count, rank, book):
            for how, first, end, events in piece.claim.shares():
                how(first, end, events)
                self._stats.filtered += end - first - events

    def _refused(self, exc: OSError) -> None:
        self.failed(f"the dead letters cannot be written: {exc}")
        if not self._refusing:
            log.error(
                "dead letters cannot be written, holding their events",
                destination=self._stats.name,
                error=str(exc),
            )
        self._refusing = True

    def _written(self) -> None:
        if self._refusing:
            log.info("dead letters are written again", destination=self._stats.name)
        self._refusing = False

    def _changed(self) -> None:
        if self._timer is None:
            self._timer = self._clock.call_at(self._clock.monotonic() + SAVE_EVERY, self.save)


def _on(book: Callable[[int, int, str, int], None], reason: str, first: int, end: int, events: int) -> None:
    book(first, end, reason, events)
