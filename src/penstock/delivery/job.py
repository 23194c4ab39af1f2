"""A batch on its way, with what has happened to it so far."""

from dataclasses import dataclass

from penstock.block import Batch


@dataclass(slots=True)
class SearchBudget:
    """How many more requests may go into finding the bad events of one refused batch; its parts share it."""

    requests: int


@dataclass(slots=True, eq=False)
class Job:
    """One batch until every event of it is settled; a part of it becomes a job of its own."""

    batch: Batch
    attempts: int = 0
    first_tried: float = 0.0
    """On the monotonic clock; 0 before the first attempt."""
    search: SearchBudget | None = None
    """Set while the culprit of a refusal is looked for."""

    def part(self, batch: Batch) -> "Job":
        """The same history, for some of its events."""
        return Job(batch, self.attempts, self.first_tried, self.search)

    def halves(self) -> tuple["Job", "Job"]:
        """Both to be sent at once."""
        left, right = self.batch.halves()
        return self.unseen(left), self.unseen(right)

    def unseen(self, batch: Batch) -> "Job":
        """Some of its events, to be sent at once: that the whole was sent was no attempt at them."""
        return Job(batch, max(0, self.attempts - 1), self.first_tried, self.search)
