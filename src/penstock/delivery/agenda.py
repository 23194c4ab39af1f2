"""What a lane does next, and when."""

from penstock.delivery.health import Health
from penstock.delivery.job import Job
from penstock.delivery.queue import Queue
from penstock.delivery.settings import DeliverySettings
from penstock.delivery.underway import UnderWay


class Agenda:
    """Chooses among what waits; it begins nothing itself."""

    def __init__(self, queue: Queue, under_way: UnderWay, health: Health, settings: DeliverySettings) -> None:
        self._queue = queue
        self._under_way = under_way
        self._health = health
        self._ordered = settings.ordered
        self._max_batches = settings.retry.max_batches
        self._turn_of_new = True

    def next(self, now: float, *, flush: bool) -> Job | None:
        """What goes next: parts of refused batches, then due retries and new batches in turns.

        `now` is monotonic; with `flush` a new batch need not be full.
        """
        again, retries = self._under_way.again, self._under_way.retries
        # Where order counts, a part that failed goes before the parts that came after it.
        if again and not (self._ordered and retries):
            return again.popleft()
        # A breaker that tries whether the service is back takes what waits first, due or not.
        due = retries.due()
        retry_ready = due is not None and (due <= now or self._health.state == "half_open")
        new_ready = self._may_cut() and self._queue.ready(now, flush=flush)
        if retry_ready and not (new_ready and self._turn_of_new):
            self._turn_of_new = True
            return retries.pop()
        if new_ready:
            self._turn_of_new = False
            return Job(self._queue.cut())
        return None

    def due(self, *, busy: bool) -> float | None:
        """When, on the monotonic clock, there will be something to do; none where something must happen first.

        `busy`: as many requests are under way as may be.
        """
        if busy and self._under_way.active:
            return None
        opens_at = self._health.opens_at
        if opens_at is not None:
            return opens_at
        moments = [self._under_way.retries.due(), self._queue.due() if self._may_cut() else None]
        return min([moment for moment in moments if moment is not None], default=None)

    def rests(self, *, held_back: bool) -> bool:
        """There is nothing to do, or nothing that could be done before something outside changes."""
        if self._under_way.active:
            return False
        nothing_waits = self._queue.empty and self._under_way.nothing
        return nothing_waits or held_back or self._health.opens_at is not None

    def _may_cut(self) -> bool:
        under_way = self._under_way
        if not under_way.active and not under_way.retries:
            return True
        if self._ordered or under_way.enough:
            return False
        return not under_way.retries.full and len(under_way.confirming) < self._max_batches
