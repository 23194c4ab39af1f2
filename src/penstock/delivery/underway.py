"""The batches of one destination that were cut and are not settled, and where each of them is."""

from collections import deque
from collections.abc import Iterator

from penstock.delivery.job import Job
from penstock.delivery.retry import RetryQueue


class UnderWay:
    """A job is in one of `active`, `retries` and `again`, or settled."""

    def __init__(self, max_retries: int, max_held: int, batch_bytes: int) -> None:
        """`max_held` bounds the bytes of events; `batch_bytes` is about the most that one batch has."""
        self.active: set[Job] = set()
        """Being attempted, those that are being confirmed among them."""
        self.confirming: set[Job] = set()
        """The service has them and is asked whether for good: they take no connection."""
        self.retries = RetryQueue(max_retries)
        self.again: deque[Job] = deque()
        """To be sent at once, in this order: parts of batches that were refused."""
        self._max_held = max_held
        self._batch_bytes = batch_bytes

    def __iter__(self) -> Iterator[Job]:
        return iter([*self.active, *self.retries, *self.again])

    @property
    def nothing(self) -> bool:
        """All that was cut is settled."""
        return not (self.active or self.retries or self.again)

    @property
    def in_flight(self) -> int:
        """Attempts that take a connection."""
        return len(self.active) - len(self.confirming)

    @property
    def enough(self) -> bool:
        """As many bytes are held as may be."""
        jobs = len(self.active) + len(self.retries) + len(self.again)
        if jobs * self._batch_bytes < self._max_held:  # as nearly always: no need to look at each
            return False
        return sum(job.batch.size for job in self) >= self._max_held

    def oldest(self) -> float | None:
        """When the oldest event arrived, in seconds since the epoch; none where there is none."""
        return min((job.batch.arrived for job in self), default=None)

    def home(self, job: Job) -> None:
        """The attempt is over."""
        self.active.discard(job)
        self.confirming.discard(job)
