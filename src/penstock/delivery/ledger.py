"""The books of one destination: where it is, and what became of every event up to there."""

from bisect import bisect_left
from collections import Counter

from penstock.delivery.settings import DeliverySettings
from penstock.delivery.stats import Ledger
from penstock.journal.base import Cursor, Journal


class Books:
    """Every sequence number from `start` on is settled exactly once, on one account.

    The accounts and the position are kept apart on purpose: that they agree is what `ledger` checks.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._start = cursor.start
        self._done = cursor.done
        self._beyond = [tuple(run) for run in cursor.beyond]
        self._delivered = cursor.delivered
        self._filtered = cursor.filtered
        self._foreign = cursor.foreign
        self._dead_lettered = Counter(cursor.dead_lettered)
        self._dropped = Counter(cursor.dropped)

    @property
    def done(self) -> int:
        """Everything below this sequence number is settled."""
        return self._done

    def open_runs(self, end: int) -> list[tuple[int, int]]:
        """What is not settled below `end`, as `(first, end)`."""
        runs: list[tuple[int, int]] = []
        at = self._done
        for first, last in [*self._beyond, (end, end)]:
            if at < min(first, end):
                runs.append((at, min(first, end)))
            at = max(at, last)
        return runs

    def delivered(self, first: int, end: int, events: int | None = None) -> None:
        """The service has them.

        Where `events` are fewer than those between the two numbers, here as in the two below, the rest were left out.
        """
        self._delivered += self._settled(first, end, events)

    def filtered(self, first: int, end: int) -> None:
        """This destination does not want them."""
        self._settle(first, end)
        self._filtered += end - first

    def foreign(self, first: int, end: int) -> None:
        """They were never meant for this destination."""
        self._settle(first, end)
        self._foreign += end - first

    def dead_lettered(self, first: int, end: int, reason: str, events: int | None = None) -> None:
        """They are in the dead letters."""
        self._dead_lettered[reason] += self._settled(first, end, events)

    def dropped(self, first: int, end: int, reason: str, events: int | None = None) -> None:
        """They are lost to this destination."""
        self._dropped[reason] += self._settled(first, end, events)

    def cursor(self) -> Cursor:
        """All of it, to be saved."""
        return Cursor(
            start=self._start,
            done=self._done,
            beyond=tuple((first, end) for first, end in self._beyond),
            delivered=self._delivered,
            filtered=self._filtered,
            foreign=self._foreign,
            dead_lettered=dict(self._dead_lettered),
            dropped=dict(self._dropped),
        )

    def ledger(self, head: int) -> Ledger:
        """The accounts, with all up to `head` accepted."""
        settled_beyond = sum(end - first for first, end in self._beyond)
        return Ledger(
            accepted=head - self._start - self._foreign,
            delivered=self._delivered,
            filtered=self._filtered,
            dead_lettered=dict(self._dead_lettered),
            dropped=dict(self._dropped),
            pending=head - self._done - settled_beyond,
        )

    def _settled(self, first: int, end: int, events: int | None) -> int:
        """How many go on the account that is asked for; the rest are filtered."""
        self._settle(first, end)
        if events is None:
            return end - first
        self._filtered += end - first - events
        return events

    def _settle(self, first: int, end: int) -> None:
        """Moves `done`, or remembers a run beyond it, joined with its neighbours."""
        at = bisect_left(self._beyond, (first, end))
        before_ends = self._beyond[at - 1][1] if at else self._done
        after_begins = self._beyond[at][0] if at < len(self._beyond) else end
        if not (before_ends <= first < end <= after_begins):
            raise AssertionError(f"settled twice: {first}..{end} beside {self._done} and {self._beyond}")
        if at and before_ends == first:
            first = self._beyond[at - 1][0]
            at -= 1
            del self._beyond[at]
        if at < len(self._beyond) and self._beyond[at][0] == end:
            end = self._beyond[at][1]
            del self._beyond[at]
        if first == self._done:
            self._done = end
        else:
            self._beyond.insert(at, (first, end))


def first_cursor(journal: Journal, settings: DeliverySettings) -> Cursor:
    """Where the queue of a destination that has none begins."""
    # Whose place was lost with the cursors gets everything again, rather than nothing of what it had not yet.
    earliest = settings.queue.start == "earliest" or journal.recovered.cursors_lost
    start = journal.tail if earliest and settings.enabled else journal.head
    return Cursor(start=start, done=start)
