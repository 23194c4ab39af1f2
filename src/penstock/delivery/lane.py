"""One destination's way through the daemon: from the journal to the last event settled.

A lane cuts batches, keeps as many under way as the service takes well, and carries out what the worker decides.
Each lane has its own everything: what one service does is felt by no other.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence

import structlog

from penstock.clock import Alarm, Clock
from penstock.delivery.agenda import Agenda
from penstock.delivery.batcher import Batcher
from penstock.delivery.deadletters import DeadLetterStore, blocks_of
from penstock.delivery.decision import Dead, Decision
from penstock.delivery.health import Health
from penstock.delivery.job import Job
from penstock.delivery.ledger import Books, first_cursor
from penstock.delivery.processing import Processing
from penstock.delivery.queue import Queue
from penstock.delivery.retry import Backoff
from penstock.delivery.settings import DeliverySettings
from penstock.delivery.settlement import Settlement
from penstock.delivery.share import Share
from penstock.delivery.stats import DestinationStats
from penstock.delivery.underway import UnderWay
from penstock.delivery.worker import Worker
from penstock.destinations.base import BatchSize, Destination
from penstock.journal.base import Journal
from penstock.processors.chain import Chain
from penstock.processors.measuring import Family
from penstock.tasks import Tasks
from penstock.wire.base import Wire

log = structlog.get_logger(__name__)


class Lane:
    """`run` until `stop`. Its state changes on the event loop only, between two awaits."""

    def __init__(
        self,
        *,
        name: str,
        kind: str,
        destination: Destination,
        wire: Wire,
        journal: Journal,
        settings: DeliverySettings,
        batch: BatchSize,
        dead_letters: DeadLetterStore,
        clock: Clock,
        max_held: int,
        on_full: Callable[[str], None],
        chain: Chain | None = None,
        share: Share | None = None,
    ) -> None:
        """`max_held` bounds the bytes of events taken from the journal and not settled; one batch is always allowed.

        `on_full` is told why sources must wait for this destination, and "" when they need not any more. `share` is what
        the chains of all lanes have of the loop.
        """
        self.name = name
        self.settings = settings
        self._wire = wire
        self._journal = journal
        self._clock = clock
        books = Books(journal.cursors().get(name) or first_cursor(journal, settings))
        self._stats = DestinationStats(name, kind, books.ledger(journal.head), enabled=settings.enabled)
        self._settlement = Settlement(
            self._stats, books, dead_letters, clock, lambda cursor: journal.save_cursors({name: cursor})
        )
        self._processing: Processing | None = None
        if chain is not None:
            self._processing = Processing(chain, share or Share(), self._settlement, clock, journal.node)
        self._queue = Queue(
            name=name,
            journal=journal,
            books=books,
            settlement=self._settlement,
            settings=settings.queue,
            batcher=Batcher(batch, destination.limits),
            clock=clock,
            on_full=on_full,
            processing=self._processing,
        )
        self._worker = Worker(destination, wire, clock, self._stats, self._confirms)
        self._backoff = Backoff(settings.retry)
        self._under_way = UnderWay(settings.retry.max_batches, max_held, self._queue.batch_bytes)
        in_flight = 1 if settings.ordered else settings.max_in_flight
        self._health = Health(name, self._backoff, settings.retry.max, in_flight, clock)
        self._agenda = Agenda(self._queue, self._under_way, self._health, settings)
        self._tasks = Tasks(name, self._crashed)
        self._crash: BaseException | None = None
        self._replaying = asyncio.Lock()
        self._wake = asyncio.Event()
        self._alarm = Alarm(clock, self.wake)
        self._deaf = False  # all requests that may be under way are
        self._draining = False
        self._resting = False
        self._stopped = False
        self._idle = asyncio.Event()
        self._at_end = asyncio.Event()
        self._at_end.set()  # it does not run yet
        self._settlement.save()  # so that a queue begins where it was named first, come what may

    def wake(self) -> None:
        """Something has changed (the journal has more, say): look again at what is to be done."""
        self._wake.set()

    def grown(self) -> None:
        """The journal has more, which is often no news.

        While no request could be made, what comes home wakes us; while no batch is full, the timer of its age.
        """
        if not (self._deaf or (self._alarm.is_set and self._queue.short)):
            self._wake.set()

    async def run(self) -> None:
        """Until `stop`. Raises what a part of it has crashed with: events would wait for ever otherwise."""
        self._at_end.clear()
        self._tasks.start(self._settlement.tidy(), "tidy")
        try:
            while not self._stopped:
                if self._crash is not None:
                    raise self._crash
                self._wake.clear()
                await self._turn()
                await self._wake.wait()
        finally:
            self._at_end.set()

    def pause(self, *, paused: bool) -> None:
        """Holds the queue, or lets it go on; what is under way comes home."""
        if self._stats.paused != paused:
            self._stats.paused = paused
            log.warning("destination paused" if paused else "destination resumed", destination=self.name)
            self.wake()

    async def drain(self) -> None:
        """Sends partial batches at once; returns when nothing waits, or when the service takes nothing now."""
        self._draining = True
        self._queue.finish()
        self._idle.clear()
        self.wake()
        await self._idle.wait()

    async def rest(self) -> None:
        """Begins nothing more, for good; returns when all that was sent has its answer."""
        self._resting = True
        self._idle.clear()
        self.wake()
        await self._idle.wait()

    async def stop(self) -> None:
        """Ends what is under way, unsettled: it is sent again after the next start. Saves the cursor."""
        self._stopped = True
        self._queue.stop()
        self.wake()
        await self._at_end.wait()
        await self._tasks.stop()
        self._alarm.set(None)
        self._settlement.save()
        await self._wire.close()

    async def replay(self, ids: Collection[str] | None) -> int:
        """Puts dead letters back into the journal, for this destination alone, and returns how many.

        A file at a time: they are taken out only once the journal has them for good, and what dies again
        meanwhile is in a later file at most once more. Raises `OSError` and `Unavailable`.
        """
        count = 0
        async with self._replaying:  # or two at a time would put the same letters back twice
            for file in self._settlement.dead_letter_files():
                letters = await self._settlement.dead_letters(file, ids)
                if letters:
                    for block in blocks_of(letters, self.name, self._clock.time()):
                        await self._journal.durable(self._journal.append(block) + block.count)
                    count += await self._settlement.discard({letter.id for letter in letters})
        return count

    async def discard(self, ids: Collection[str] | None) -> int:
        """Throws dead letters away and returns how many. Raises `OSError`."""
        return await self._settlement.discard(ids)

    def unsettled(self, first: int) -> int:
        """How many events from this sequence number on are not settled."""
        return self._settlement.unsettled(first, self._journal.head)

    def stats(self) -> DestinationStats:
        """How it is, now."""
        stats = self._stats
        stats.processors = self._processing.stats if self._processing is not None else ()
        self._settlement.refresh(self._journal.head)
        stats.queue_bytes = self._queue.size
        now = self._clock.time()
        waiting = [at for at in (self._under_way.oldest(), self._queue.oldest) if at is not None]
        stats.queue_oldest_age = max(0.0, now - min(waiting, default=now))
        stats.retry_batches = len(self._under_way.retries)
        stats.in_flight = self._under_way.in_flight
        stats.concurrency_limit = self._health.limit
        stats.breaker = self._health.state
        return stats

    def families(self) -> Sequence[Family]:
        """The metrics that its processors have of their own."""
        return self._processing.families() if self._processing is not None else ()

    async def _turn(self) -> None:
        """Does what is to be done now."""
        if self.settings.enabled:
            if await self._queue.fill():
                self.wake()
            if self._stopped:  # meanwhile: another may have the queue soon
                return
            self._give_way()
            self._launch()
        else:
            self._queue.pass_by()
        busy = self._under_way.in_flight >= self._health.slots()
        self._deaf = busy and self.settings.enabled and not self._queue.bounded
        # What comes home wakes it anyhow.
        self._alarm.set(None if self._holds_back else self._agenda.due(busy=busy))
        if self._agenda.rests(held_back=self._holds_back):
            self._idle.set()

    def _give_way(self) -> None:
        """Keeps the queue within its bound: the oldest go, those that wait for a retry among them."""
        floor = self._queue.overflow()
        if floor is None:
            return
        gone = self._under_way.retries.remove_below(floor)
        pieces, runs = self._queue.drop_below(floor)
        self._settlement.dropped(
            "queue_full", runs=runs, pieces=[piece for job in gone for piece in job.batch.pieces] + pieces
        )

    def _launch(self) -> None:
        """Starts as many attempts as the service takes well."""
        now = self._clock.monotonic()
        while not self._holds_back and self._under_way.in_flight < self._health.slots():
            job = self._agenda.next(now, flush=self._draining)
            if job is None:
                return
            self._under_way.active.add(job)
            self._tasks.start(self._deliver(job), job.batch.id)

    def _crashed(self, error: BaseException) -> None:
        self._crash = error
        self.wake()

    async def _deliver(self, job: Job) -> None:
        try:
            trying = self._health.state == "half_open"
            decision = (await self._worker.knock(job) if trying else None) or await self._worker.attempt(job)
        except Exception as exc:  # a destination's bug must cost neither its events nor the lane
            log.exception("attempt failed unexpectedly", destination=self.name, batch=job.batch.id)
            decision = Decision(later=job, failed=True, reason=f"internal error: {exc!r}")
        try:
            await self._carry_out(job, decision)
        finally:
            self._under_way.home(job)
            self.wake()

    async def _carry_out(self, job: Job, decision: Decision) -> None:
        """Everything that needs no disk at once, so that a cancellation finds nothing half done."""
        if decision.delivered is not None:
            self._settlement.delivered(decision.delivered, decision.notes)
        self._under_way.again.extendleft(reversed(decision.again))
        if decision.reason:
            self._settlement.failed(decision.reason)
        if decision.sent:
            self._health.learn(decision)
        dead = decision.dead
        if decision.later is not None:
            # A shut door is no fault of the events: they are held for as long as it takes.
            if not decision.blocked and self._backoff.exhausted(decision.later, self._clock.monotonic()):
                dead = (*dead, Dead(decision.later.batch, "gave_up", decision.reason))
            else:
                self._try_later(decision.later, decision)
        if dead and not await self._settlement.bury(job, dead):
            for grave in dead:
                self._try_later(job.part(grave.batch), decision)

    def _try_later(self, job: Job, decision: Decision) -> None:
        wait = self._backoff.wait(max(job.attempts, 1), decision.after)
        self._under_way.retries.add(job, self._clock.monotonic() + wait)

    def _confirms(self, job: Job) -> None:
        self._under_way.confirming.add(job)
        self.wake()

    @property
    def _holds_back(self) -> bool:
        return self._stats.paused or self._resting
