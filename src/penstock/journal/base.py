"""What a journal is: blocks in, sequence numbers given, blocks back by sequence number."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from penstock.block import Block
from penstock.fields import Duration, Model, Size


class JournalSettings(Model):
    """Where and how events are written down before they are delivered."""

    type: Literal["disk", "memory"] = "disk"
    """`memory` keeps the same contract in RAM: for read-only containers; nothing survives the process."""
    path: Path = Path("/var/lib/penstock")
    """The folder of the journal, of the cursors and of the dead letters. With a journal in memory dead letters are kept
    only where a folder is named here; else what would become one is dropped, counted as `no_dead_letters` and told."""
    max_bytes: Size = 10 * 2**30
    """Bound of the whole; for a journal in memory 256 MiB unless it is set. When it is reached the oldest events go
    (counted), or sources wait: see `queue.when_full`."""
    keep_age: Duration = 0.0
    """Keep what all destinations have for this long, for exports and replays."""
    keep_bytes: Size = 0
    """Keep at most this much of what all destinations have; 0: no bound of its own beside `max_bytes`."""
    sync: Duration = 0.1
    """What is lost at most where the machine (not the process) dies; HTTP answers wait for the sync."""
    segment: Size = 64 * 2**20
    """Size of a file of the journal."""
    cache: Size = 16 * 2**20
    """The newest events, kept in memory for the destinations that keep up."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Sequence numbers whose events cannot be had any more."""

    first_seq: int
    end_seq: int
    """Exclusive."""
    reason: Literal["damaged", "evicted"]
    """`damaged`: the record was unreadable. `evicted`: the journal was full and let them go."""

    @property
    def count(self) -> int:
        """Events."""
        return self.end_seq - self.first_seq


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one destination is, and what became of everything up to there. Saved as one.

    `accepted = end - start - foreign`, where `foreign` events were meant for others (`Block.only`).
    """

    start: int
    """The sequence number with which the destination's queue began."""
    done: int
    """Everything below it is done."""
    beyond: tuple[tuple[int, int], ...] = ()
    """Ranges done above `done`: sorted, `(first, end)` with `end` exclusive, apart from each other."""
    delivered: int = 0
    filtered: int = 0
    foreign: int = 0
    dead_lettered: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""


@dataclass(frozen=True, slots=True)
class JournalStats:
    """How the journal is."""

    head: int
    """The next sequence number."""
    tail: int
    """The oldest sequence number that can still be read."""
    durable: int
    """Everything below it is on disk."""
    bytes: int
    """Of all segments, as they lie on disk (or in memory)."""
    max_bytes: int
    segments: int
    cached_bytes: int
    damaged_records: int
    """Found since the start."""
    syncs: int
    sync_seconds: float
    """Spent in syncs since the start."""
    last_sync_seconds: float
    error: str = ""
    """Why nothing can be written now: a full disk, an I/O error. Empty: all is well."""
    unwritten: int = 0
    """The newest events, in memory only: the end of the process would lose them. That is while the disk refuses
    them, and all of them in a journal of type `memory`."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found when the journal was opened."""

    events: int = 0
    """That can be read."""
    unclean: bool = False
    """The last stop was not an orderly one."""
    new_node: bool = False
    """A new node was taken, because the end of the journal may have died with the machine."""
    torn_bytes: int = 0
    """Cut from the end: a record that was not written to its end."""
    damaged_records: int = 0
    lost_events: int = 0
    """As far as it is known yet: older segments are looked at when they are read."""
    quarantined: tuple[Path, ...] = ()
    """Segments that could not be read at all, where they are now."""
    cursors_lost: bool = False
    """No readable cursors: every destination starts again at the oldest event."""
    cursors_from_backup: bool = False
    """The newest cursors were unreadable; those of one write earlier are used."""


class Journal(Protocol):
    """A sequence of blocks. All calls come from one event loop."""

    node: str
    """The first half of every event id. A journal whose tail may have died with the machine takes a new one, so
    that an id never names two events."""
    head: int
    """The next sequence number."""
    tail: int
    """The oldest sequence number that can still be read."""
    block_when_full: bool
    """When `max_bytes` is reached sources are told to wait (`on_pressure`) and nothing is let go. Set it when the
    queue of a holder is `block`; false otherwise. What sources still hand over then may exceed the bound."""
    recovered: Recovered
    """What was found when it was opened."""

    @abstractmethod
    def append(self, block: Block) -> int:
        """Writes the block down and returns its first sequence number.

        When it returns, the death of the process loses nothing. Where the disk refuses (full, I/O error)
        the block is held in memory, `stats().error` says why, `on_pressure` is told, and writing is tried
        again until it works: `append` itself never fails.
        """

    @abstractmethod
    async def durable(self, seq: int) -> None:
        """Returns once everything below `seq` would survive the death of the machine.

        Starts a sync; all who come while one is under way share the next. Raises `Unavailable` where the
        disk refuses.
        """

    @abstractmethod
    async def read(self, seq: int, max_bytes: int) -> Sequence[Block | Gap]:
        """Blocks from `seq` on, which must be at most `head`; the first is cut to begin there.

        At least one item unless `seq == head`, and no more after `max_bytes` are reached (a block is never cut
        at its end). Near the head these are the very objects that were appended; otherwise they come from disk, in
        a thread. What cannot be read comes as a `Gap`. Never raises for the disk's sake: a failing read of
        a segment is retried, then a `Gap`.
        """

    @abstractmethod
    def on_append(self, callback: Callable[[], None]) -> None:
        """Calls back after each append, at once and cheaply."""

    @abstractmethod
    def on_pressure(self, callback: Callable[[str], None]) -> None:
        """Calls back with the reason when the journal cannot take more for now, with "" when it can again."""

    @abstractmethod
    def bytes_between(self, first: int, end: int) -> int:
        """Bytes of the events in that range, to within one index step (64 KiB); logarithmic."""

    @abstractmethod
    def seq_back(self, max_bytes: int) -> int:
        """The lowest sequence number so that at most about `max_bytes` lie between it and the head."""

    @abstractmethod
    def cursors(self) -> Mapping[str, Cursor]:
        """The saved cursors, those of destinations that are no longer configured too."""

    @abstractmethod
    def save_cursors(self, changed: Mapping[str, Cursor]) -> None:
        """Takes new cursors; they are on disk at most 500 ms later, in one atomic write.

        A cursor that is not among the `holders` does not keep segments.
        """

    @abstractmethod
    def hold(self, holders: Iterable[str]) -> None:
        """The destinations whose cursors keep segments back."""

    @abstractmethod
    async def close(self) -> None:
        """Syncs everything, writes the cursors, gives the lock back."""

    @abstractmethod
    def stats(self) -> JournalStats:
        """How it is."""
