"""The chain of one destination, with every event that goes into it still on the books."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Final

from penstock.block import Batch, Block
from penstock.claim import Claim
from penstock.clock import Clock, sleep
from penstock.delivery.decision import Dead
from penstock.delivery.job import Job
from penstock.delivery.settlement import Settlement
from penstock.delivery.share import Share
from penstock.processors.chain import Chain
from penstock.processors.events import Events, Held
from penstock.processors.measuring import Family, measured
from penstock.processors.stats import ProcessorStats

AGAIN: Final = 1.0
"""Seconds until dead letters that the disk refused are tried again."""


class Processing:
    """Blocks in, blocks out; what comes out stands for all that went in."""

    def __init__(self, chain: Chain, share: Share, settlement: Settlement, clock: Clock, node: str) -> None:
        """`node` is the first half of the ids of events that have come of none."""
        self._chain = chain
        self._share = share
        self._settlement = settlement
        self._clock = clock
        self._node = node
        self._claims: dict[Held, Claim] = {}
        """Of what processors hold, the newest last."""
        self._released: list[Claim] = []
        """Of what they held, and what is on its way since."""
        self._seq = 0  # of the event read last
        self._part = 0  # of the event made last that has come of none

    @property
    def stats(self) -> Sequence[ProcessorStats]:
        """Of each processor, in order."""
        return self._chain.stats

    def families(self) -> Sequence[Family]:
        """The metrics that processors have of their own."""
        return measured(self._chain.processors)

    def due(self) -> float | None:
        """When a processor has something to say, in seconds since the epoch."""
        return self._chain.due()

    def runs(self) -> Iterator[tuple[int, int]]:
        """What processors hold and what is on its way of it, as `(first, end)`: few events stand for all of it."""
        for claim in (*self._released, *self._claims.values()):
            if not claim.settled:
                yield from claim.runs()

    async def process(self, block: Block, feed: Callable[[Block], None], stopped: Callable[[], bool]) -> None:
        """Hands over what comes of it, a slice at a time, and lets the loop go whenever its share is used up.

        Returns early where it is to stop: what has not been handed over is not settled either.
        """
        for piece in self._chain.slices(block):
            start = perf_counter()
            *released, own = self._chain.process(piece)
            took = perf_counter() - start
            if own.refused and not await self._bury(piece, own.refused, stopped):
                return
            self._node, self._seq = piece.node, piece.end_seq - 1
            # First what it keeps: some of that may be let go by the same slice.
            if own.held is not None:
                self._keep(piece, own, own.held)
            for events in released:
                self._hand_over_released(events, feed)
            if own.held is None:
                self._hand_over(piece, own, feed)
            await self._share.spent(took)
            if stopped():
                return

    def tick(self, feed: Callable[[Block], None], *, end: bool = False) -> None:
        """Hands over what processors have to say by now; `end`: all that they have counted."""
        now = self._clock.time()
        for events in self._chain.tick(float("inf") if end else now, now):
            self._hand_over_released(events, feed)

    def _keep(self, piece: Block, events: Events, held: Held) -> None:
        claim = self._claims.setdefault(held, Claim(piece.first_seq + events.held_first))
        for first, end in _without(piece, events.refused):
            claim.cover(first, end)

    def _hand_over(self, piece: Block, events: Events, feed: Callable[[Block], None]) -> None:
        runs = _without(piece, events.refused)
        if not events.count:
            # What is left out between events that are held goes with them: the books would be full of holes otherwise.
            claim = next(reversed(self._claims.values()), None)
            for first, end in runs:
                if claim is not None:
                    claim.cover(first, end)
                else:
                    self._settlement.filtered(first, end)
        elif not events.changed:
            feed(piece)
        else:
            feed(self._block(piece, events, runs))

    def _block(self, piece: Block, events: Events, runs: Sequence[tuple[int, int]]) -> Block:
        data = events.data()
        if events.origins is None:
            return replace(piece, data=data)
        origins = array("q", [piece.first_seq + origin for origin in events.origins])
        parts = _parts(origins)
        claim = None
        if parts is not None or len(runs) > 1 or runs[0] != (piece.first_seq, piece.end_seq):
            claim = Claim()
            for first, end in runs:
                claim.cover(first, end)
            claim.close(events.count, len(set(origins)))
        return replace(
            piece,
            data=data,
            count=events.count,
            origins=origins,
            parts=parts,
            end=piece.end_seq,
            claim=claim,
        )

    def _hand_over_released(self, events: Events, feed: Callable[[Block], None]) -> None:
        """What was held belongs together: it is settled when the last of what came of it is."""
        assert events.held is not None, "released events have come of what was held"
        claim = self._claims.pop(events.held, None) or Claim()
        claim.close(events.count)
        if not events.count:
            for first, end in claim.runs():
                self._settlement.filtered(first, end)
            return
        self._released = [*(one for one in self._released if not one.settled), claim]
        seq, part = claim.named, 1
        if seq < 0:  # they have come of none: the moment tells them from others
            seq, part = self._seq, max(self._part + 1, int(events.arrived * 1000))
            self._part = part + events.count - 1
        feed(
            Block(
                data=events.data(),
                count=events.count,
                source=events.source,
                arrived=events.arrived,
                first_seq=seq,
                node=self._node,
                origins=array("q", [seq]) * events.count,
                parts=range(part, part + events.count),
                end=seq + 1,
                claim=claim,
            )
        )

    async def _bury(self, piece: Block, refused: dict[int, str], stopped: Callable[[], bool]) -> bool:
        whole = Batch((piece,), self._clock.time())
        by_reason: dict[str, list[int]] = {}
        for index, reason in refused.items():
            by_reason.setdefault(reason, []).append(index)
        graves = [Dead(whole.select(indices), "unprocessed", reason) for reason, indices in by_reason.items()]
        while not await self._settlement.bury(Job(whole), graves):
            await sleep(self._clock, AGAIN)
            if stopped():
                return False
        return True


def _without(piece: Block, refused: dict[int, str]) -> list[tuple[int, int]]:
    """The numbers that are left of it, as `(first, end)`."""
    runs: list[tuple[int, int]] = []
    at = piece.first_seq
    for index in sorted(refused):
        seq = piece.first_seq + index
        if at < seq:
            runs.append((at, seq))
        at = seq + 1
    if at < piece.end_seq:
        runs.append((at, piece.end_seq))
    return runs


def _parts(origins: Sequence[int]) -> Sequence[int] | None:
    """Numbers the events that have come of the same; none where each has come of its own."""
    if len(set(origins)) == len(origins):
        return None
    parts: list[int] = []
    before = -1
    for origin in origins:
        parts.append(parts[-1] + 1 if origin == before else 0)
        before = origin
    return parts
