"""When a batch that failed is tried again, and when it is not."""

import heapq
import itertools
from collections.abc import Iterator

from tenacity import RetryCallState, wait_random_exponential

from penstock.delivery.job import Job
from penstock.delivery.settings import RetrySettings


class Backoff:
    """Exponential waits with full jitter, and an end to trying."""

    def __init__(self, settings: RetrySettings) -> None:
        self._settings = settings
        self._wait = wait_random_exponential(multiplier=settings.initial, max=settings.max)

    def wait(self, attempts: int, after: float | None = None) -> float:
        """Seconds until the next attempt, after so many; what the service asked for wins, up to `retry.max`.

        That it asks for none is no leave to try again without a pause.
        """
        if after is not None and after > 0:
            return min(after, self._settings.max)
        # tenacity reads nothing but the number of the attempt from its state.
        state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
        state.attempt_number = attempts
        return float(self._wait(state))

    def exhausted(self, job: Job, now: float) -> bool:
        """It has been tried often enough, or for long enough."""
        settings = self._settings
        if settings.attempts and job.attempts >= settings.attempts:
            return True
        return bool(settings.give_up_after) and now - job.first_tried >= settings.give_up_after


class RetryQueue:
    """Batches that wait for their next attempt, the one that is due first at the front."""

    def __init__(self, max_batches: int) -> None:
        self._max = max_batches
        self._heap: list[tuple[float, int, Job]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._heap)

    def __iter__(self) -> Iterator[Job]:
        return (job for _, _, job in self._heap)

    @property
    def full(self) -> bool:
        """No new batch may be cut: what is in flight may still come back."""
        return len(self._heap) >= self._max

    def add(self, job: Job, due: float) -> None:
        """Waits until `due` on the monotonic clock."""
        heapq.heappush(self._heap, (due, next(self._order), job))

    def due(self) -> float | None:
        """When the first is due."""
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Job:
        """The one that is due first."""
        return heapq.heappop(self._heap)[2]

    def remove_below(self, seq: int) -> list[Job]:
        """Takes out the jobs whose events all lie below this sequence number."""
        gone = [job for job in self if job.batch.end_seq <= seq]
        self._heap = [entry for entry in self._heap if entry[2].batch.end_seq > seq]
        heapq.heapify(self._heap)
        return gone
