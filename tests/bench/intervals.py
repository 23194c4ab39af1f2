"""Which of the numbered events have arrived, how often, and how long they took; cheaply, by the batch."""

from tests.bench import corpus


class Arrivals:
    """Looks at the bodies of one stream whose chunks have so many events.

    A batch is a run of events without holes: its ends tell what is in it, if there are as many events as lie between.
    """

    def __init__(self, chunks: corpus.Chunks, *, times: bool) -> None:
        """`times`: also how long each event took, which costs a look at each."""
        self.events = 0
        self.latencies: list[float] = []
        """Seconds from being sent to being received, of each event; where asked for."""
        self._chunks = chunks
        self._times = times
        self._runs: list[tuple[int, int]] = []

    def take(self, body: bytes, count: int, now: float) -> None:
        """A body of `count` events has arrived at `now`, in seconds since the epoch."""
        self.events += count
        head, tail = corpus.first(body), corpus.last(body)
        if head is None or tail is None:
            raise ValueError("a body without numbered events")
        start, end = self._chunks.number(head), self._chunks.number(tail) + 1
        if end - start == count:
            self._runs.append((start, end))
        else:
            numbers = [self._chunks.number(match) for match in corpus.every(body)]
            self._runs += [(number, number + 1) for number in numbers]
        if self._times:
            self.latencies += [now - int(match[3]) / 1e6 for match in corpus.every(body)]

    def distinct(self) -> int:
        """Events that have arrived at least once."""
        reached = total = 0
        for start, end in sorted(self._runs):
            total += max(0, end - max(start, reached))
            reached = max(reached, end)
        return total

    def doubled(self) -> int:
        """Arrivals beyond the first, of all events."""
        return sum(end - start for start, end in self._runs) - self.distinct()

    def quantile(self, share: float) -> float:
        """The time within which that share of the events arrived; 0 where none was looked at."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0
