"""Chains share the loop with all else: what the others have of it meanwhile is counted here, in time that is made up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from penstock.delivery.share import OTHERS, Share
from penstock.processors.pace import SLICE
from penstock.tasks import Tasks

STEP = SLICE / 4


class Work:
    """Time, and what else there is to do: a step in each turn of the loop."""

    def __init__(self, step: float, turns: int = 10**6) -> None:
        self.now = 0.0
        self.done = 0.0
        self.turns = 0
        self._step = step
        self._most = turns

    async def go_on(self) -> None:
        while True:
            self.turns += 1
            if self.turns <= self._most:
                self.now += self._step
                self.done += self._step
            await asyncio.sleep(0)

    def pass_by(self, seconds: float) -> float:
        """Work of a chain."""
        self.now += seconds
        return seconds


@asynccontextmanager
async def busy(work: Work) -> AsyncIterator[Work]:
    tasks = Tasks("test")
    tasks.start(work.go_on(), "else")
    try:
        yield work
    finally:
        await tasks.stop()


def share_of(work: Work, contended: Callable[[], bool] = lambda: True) -> Share:
    return Share(contended, lambda: work.now)


async def test_less_than_a_slice_goes_on_at_once() -> None:
    async with busy(Work(STEP)) as work:
        share = share_of(work)
        for _ in range(3):
            await share.spent(work.pass_by(STEP))
        assert work.turns == 0
        await share.spent(work.pass_by(STEP))
        assert work.turns > 0


@pytest.mark.parametrize("slices", [1, 10])
async def test_others_get_a_multiple_of_what_was_spent(slices: int) -> None:
    async with busy(Work(STEP)) as work:
        share = share_of(work)
        await share.spent(work.pass_by(slices * SLICE))
        assert work.done == pytest.approx(slices * SLICE * OTHERS, abs=STEP)


async def test_what_nobody_wants_is_free() -> None:
    async with busy(Work(STEP, turns=2)) as work:
        await share_of(work).spent(work.pass_by(1.0))
        assert work.done == 2 * STEP
        assert work.turns < 10


async def test_one_alone_lets_the_loop_go_for_a_turn() -> None:
    async with busy(Work(STEP)) as work:
        await share_of(work, lambda: False).spent(work.pass_by(SLICE))
        assert work.turns == 1


@pytest.mark.parametrize("chains", [1, 2, 5])
async def test_many_chains_have_no_more_than_one(chains: int) -> None:
    spent = [0.0] * chains

    async def chain(share: Share, number: int) -> None:
        while work.now < 200 * SLICE:
            spent[number] += work.pass_by(SLICE)
            await share.spent(SLICE)

    async with busy(Work(STEP)) as work:
        share = share_of(work)
        await asyncio.gather(*[chain(share, number) for number in range(chains)])
        # At the end each of them has still to pay for its last slice or two.
        assert work.done >= (sum(spent) - 2 * chains * SLICE) * OTHERS
        assert max(spent) - min(spent) <= 2 * SLICE, "each has its turn"
