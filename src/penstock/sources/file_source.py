"""Follows files: looks, reads and hands over, one after the other. Looking and reading are done in a thread."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import structlog

from penstock import process
from penstock.errors import Unavailable
from penstock.sources.base import Accept, LineSettings, SourceContext, SourceStats
from penstock.sources.file_follow import Follower, Following
from penstock.sources.file_handover import Handover
from penstock.sources.file_position import shown
from penstock.sources.file_positions import Positions
from penstock.sources.file_tail import Slice, Tail, Trouble
from penstock.sources.intake import LARGEST
from penstock.tasks import Tasks

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

ROUND: Final = 2**20
"""Bytes read at a time from all files together."""
LEAST: Final = 2**14
"""Bytes read at a time from one file, where many have something."""
MANY: Final = ROUND // LEAST
SLOWEST: Final = 1.0
"""Seconds between looks at most, while nothing changes and `poll` is less."""
SAFE_EVERY: Final = 1.0
"""Seconds between writes of what would survive the machine."""
PATIENCE: Final = 5.0
"""Seconds at most, at stop, for the journal to say that it has all."""


class FileSource:
    """A source of files. It never ends: there may always be more."""

    def __init__(self, settings: LineSettings, following: Following, context: SourceContext) -> None:
        self.name = context.name
        self.stats = SourceStats()
        self._settings = settings
        self._following = following
        self._context = context
        self._clock = context.clock
        self._max_line = min(settings.max_line, max(LEAST, context.memory // 4))
        self._tasks = Tasks(f"source:{context.name}", self._crashed)
        self._confirming: asyncio.Task[None] | None = None
        self._saved = 0.0
        self._turn = 0
        self._thread: ThreadPoolExecutor | None = None
        self._stopping = False
        self._look_again = False
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._crash: BaseException | None = None

    async def start(self, accept: Accept) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"source-{self.name}")
        folder = self._context.positions
        if folder is None:
            log.warning(
                "positions are not kept",
                source=self.name,
                remedy="name a folder that can be written as journal.path",
            )
        path = None if folder is None else folder / f"{self.name}.log"
        self._positions = await self._in_thread(_remembered, path)
        kept = self._context.kept
        seq = self._positions.seq
        marks = await kept.marks(seq) if kept is not None and seq >= 0 else ()
        await self._in_thread(self._positions.begin, marks, kept.head if kept is not None else 0)
        self._follower = Follower(self.name, self._following, self._positions, self.stats)
        self._handover = Handover(
            self._settings,
            self._context,
            self.stats,
            self._positions,
            self._max_line,
            add_path=self._following.add_path,
            joining=self._following.joining,
        )
        self._handover.start(accept)
        self._tasks.start(self._run(), "read")

    def pause(self) -> None:
        self.stats.paused = True

    def resume(self) -> None:
        self.stats.paused = False
        self._wake.set()

    async def stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        self._wake.set()
        await self._tasks.join()
        if self._thread is not None:
            self._thread.shutdown()
        self._ended.set()

    def endpoint(self) -> str:
        return " ".join(self._following.patterns)

    async def ended(self) -> None:
        await self._ended.wait()
        if self._crash is not None:
            raise self._crash

    async def _run(self) -> None:
        follower = self._follower
        wait = poll = self._following.poll
        try:
            while not self._stopping:
                self._look_again = False
                changed = await self._in_thread(follower.look, self._clock.monotonic())
                more = await self._read_until(self._clock.monotonic() + poll)
                follower.tails.count(self.stats)
                await self._save()
                if not more and not self._look_again:
                    wait = poll if changed else min(2 * wait, max(poll, SLOWEST))
                    await self._rest(wait)
            await self._finish()
        finally:
            follower.tails.close()
            self._positions.close()

    async def _read_until(self, end: float) -> bool:
        """Reads what there is, and looks for rotation again after a while; whether there is more."""
        while self._may_read and (ready := self._follower.tails.ready()):
            await self._round(ready[:MANY])
            if self._clock.monotonic() >= end:
                return True
        return False

    @property
    def _may_read(self) -> bool:
        return not (self._stopping or self.stats.paused or self._look_again)

    async def _round(self, tails: Sequence[Tail]) -> None:
        """Reads from each as much as is fair."""
        most = max(LEAST, min(LARGEST, ROUND // len(tails)))
        outcomes = await self._in_thread(self._follower.read, tails, most, self._max_line)
        self._turn += 1
        for tail, outcome in zip(tails, outcomes, strict=True):
            tail.turn = self._turn
            if isinstance(outcome, Slice):
                if tail.denied:
                    tail.denied = False
                    log.info("file can be read again", source=self.name, file=shown(tail.path))
                if outcome.size:
                    self.stats.bytes += outcome.size - tail.holds
                    await self._handover.put(tail, outcome)
            else:
                self._handover.flush()
                self._mend(tail, outcome)
        self._handover.flush()

    def _mend(self, tail: Tail, trouble: Trouble) -> None:
        """What could not be read is looked at again, what became another file at once."""
        tail.due, tail.stale = False, True
        self._look_again = self._look_again or trouble != "unreadable"
        if trouble == "unreadable" and not tail.denied:
            tail.denied = True
            log.warning(
                "file cannot be read",
                source=self.name,
                file=shown(tail.path),
                remedy="give the daemon's user the right to read it; it is tried again and again",
            )

    async def _save(self) -> None:
        """Once in a while asks the journal what is durable, and writes down what it has said."""
        seq, positions = self._handover.safe()
        if positions:
            await self._in_thread(self._positions.safe, seq, positions)
        now = self._clock.monotonic()
        busy = self._confirming is not None and not self._confirming.done()
        if not busy and not self._handover.all_safe and now - self._saved >= SAFE_EVERY:
            self._saved = now
            self._confirming = self._tasks.start(self._confirm(), "confirm")

    async def _confirm(self) -> None:
        try:
            await self._handover.confirm()
        except Unavailable:  # the journal says so itself, and the next time may be better
            return

    async def _finish(self) -> None:
        """Reads files that are deleted to their end, since no later start could, and waits for the journal."""
        for tail in [tail for tail in self._follower.tails.all() if tail.gone]:
            tail.ends = tail.due = True
            while tail.due:
                await self._round([tail])
            self._follower.finish(tail)
        if self._confirming is not None:
            self._confirming.cancel()
            await asyncio.wait([self._confirming])
        try:
            async with asyncio.timeout(PATIENCE):
                await self._handover.confirm()
        except (Unavailable, TimeoutError):
            log.warning("the journal has not confirmed all that was read", source=self.name)
        await self._in_thread(self._positions.safe, *self._handover.safe())

    async def _rest(self, seconds: float) -> None:
        self._wake.clear()
        if self._stopping:
            return
        timer = self._clock.call_at(self._clock.monotonic() + seconds, self._wake.set)
        await self._wake.wait()
        timer.cancel()

    async def _in_thread(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        assert not kwargs, "the executor takes none"
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def _crashed(self, error: BaseException) -> None:
        """Who waits for the end is told: else it would never come."""
        self._crash = error
        self._ended.set()


def _remembered(path: Path | None) -> Positions:
    return Positions(path, process.boot_id())
