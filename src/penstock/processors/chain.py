"""Processors one behind the other, counted and timed."""

import gc
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Final

import structlog

from penstock.block import Block
from penstock.processors.base import Processor, Timed
from penstock.processors.events import Events
from penstock.processors.pace import Pace
from penstock.processors.stats import ProcessorStats

log = structlog.get_logger(__name__)

TELL_EVERY: Final = 10.0
"""Seconds between two log lines about errors that go on."""


class Step:
    """One processor of a chain."""

    def __init__(self, stats: ProcessorStats, processor: Processor) -> None:
        self.stats = stats
        self.processor = processor
        self._untold = 0
        self._told_at = float("-inf")

    def process(self, events: Events) -> None:
        """Does its work and counts it. A bug in it sends the events to the dead letters."""
        start, before = perf_counter(), events.count
        try:
            self.processor.process(events)
        except Exception as exc:  # whoever wrote it: it must cost neither the events nor the daemon
            log.exception("processor failed unexpectedly", processor=self.stats.name)
            events.fail(events.count, f"internal error: {exc!r}")
            events.refuse(dict.fromkeys(range(events.count), f"{self.stats.name}: internal error: {exc!r}"))
        self._count(events, before, start)

    def tick(self, events: Events, now: float) -> None:
        """Lets it say what it has to, where the time has come."""
        if isinstance(self.processor, Timed) and (due := self.processor.due()) is not None and due <= now:
            start = perf_counter()
            self.processor.tick(events, now)
            self._count(events, 0, start)

    def unfit(self, events: Events, before: int) -> None:
        """Behind the last of the chain it was found that some of so many events are no JSON."""
        self.stats.events_out -= before - events.count
        self.stats.dropped += before - events.count
        self._tell_errors(events)

    def _count(self, events: Events, before: int, start: float) -> None:
        stats, end = self.stats, perf_counter()
        stats.seconds += end - start
        released = sum(flow.count for flow in events.released)
        stats.events_in += before
        stats.events_out += events.count + released
        stats.added += events.added
        stats.dropped += before + events.added - events.count - released
        events.added = 0
        self._tell_errors(events)

    def _tell_errors(self, events: Events) -> None:
        stats, end = self.stats, perf_counter()
        if events.errors:
            stats.errors += events.errors
            stats.last_error = events.error
            self._untold += events.errors
            if end - self._told_at >= TELL_EVERY:
                log.warning("processor", processor=stats.name, error=events.error, events=self._untold)
                self._untold, self._told_at = 0, end
            events.errors, events.error = 0, ""


class Chain:
    """What a block goes through, a slice at a time, in order."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._pace = Pace()

    @property
    def stats(self) -> Sequence[ProcessorStats]:
        """Of each processor, in order."""
        return [step.stats for step in self._steps]

    @property
    def processors(self) -> Sequence[Processor]:
        """In order."""
        return [step.processor for step in self._steps]

    def slices(self, block: Block) -> Iterator[Block]:
        """The block in pieces that take a few milliseconds each; how many events that are is learnt on the way."""
        while block.count > self._pace.events:
            piece, block = block.cut(self._pace.events)
            yield piece
        yield block

    def process(self, block: Block) -> Sequence[Events]:
        """What came of it: first what was held before and has been released, last what came of the block itself."""
        start = perf_counter()
        # A slice makes thousands of objects that all go again at its end; there is nothing for a collector to find.
        gc.disable()
        try:
            flows = self._run([Events(block)], 0)
        finally:
            gc.enable()
        self._pace.learn(block.count, perf_counter() - start)
        return flows

    def due(self) -> float | None:
        """When one of them has something to say, in seconds since the epoch."""
        moments = [step.processor.due() for step in self._steps if isinstance(step.processor, Timed)]
        return min([moment for moment in moments if moment is not None], default=None)

    def tick(self, now: float, arrived: float) -> Sequence[Events]:
        """What they have to say by now; infinite: the chain ends. `arrived` is when that counts as having arrived."""
        out: list[Events] = []
        for number, step in enumerate(self._steps):
            empty = Events.of([], arrived)
            step.tick(empty, now)
            out += self._run(empty.released, number + 1)
        return out

    def _run(self, flows: list[Events], first: int) -> list[Events]:
        for step in self._steps[first:]:
            after: list[Events] = []
            for events in flows:
                if events.count:
                    step.process(events)
                    after += events.released
                    events.released = []
                after.append(events)
            flows = after
        for events in flows:
            self._seal(events)
        return flows

    def _seal(self, events: Events) -> None:
        # Here, so that it counts as a part of the slice's time.
        before = events.count
        events.seal()
        if events.errors and self._steps:
            self._steps[-1].unfit(events, before)
