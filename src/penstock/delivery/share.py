"""What processors take of the event loop: so little that no other destination is slowed by them."""

from asyncio import Lock, sleep
from collections.abc import Callable
from time import perf_counter
from typing import Final

from penstock.processors.pace import SLICE

OTHERS: Final = 3
"""While all else has work, it gets so many times what chains have had: they take a quarter of the loop."""
_QUIET: Final = 20e-6
"""Seconds in which a turn of the loop has done nothing to speak of; an empty one takes 2 microseconds."""
_QUIET_TURNS: Final = 2
"""So many of them one after the other, and nothing else has work: what a turn sets off is done in the next."""


class Share:
    """The share of all chains behind the journal together, and what nobody else wants of the loop.

    A loop serves its tasks by turns, not by their time. A chain that worked for a slice in each turn would leave all
    others what they can do in one turn, which is little where a block takes many turns on its way.
    """

    def __init__(
        self, contended: Callable[[], bool] = lambda: False, timer: Callable[[], float] = perf_counter
    ) -> None:
        """`contended` says whether there is another destination: one alone may slow the sources, and its senders notice."""
        self._contended = contended
        self._timer = timer
        self._unpaid = 0.0
        self._total = 0.0
        self._paying = Lock()

    async def spent(self, seconds: float) -> None:
        """Tells of work that is done, and returns when more may be begun: at once, until a slice is full."""
        self._total += seconds
        self._unpaid += seconds
        if self._unpaid >= SLICE:
            async with self._paying:  # or the others would be given the same time by two
                owed, self._unpaid = self._unpaid * OTHERS, 0.0
                await self._give_way(owed)

    async def _give_way(self, owed: float) -> None:
        quiet = 0
        while quiet < _QUIET_TURNS:
            began, before = self._timer(), self._total
            await sleep(0)
            passed = self._timer() - began - (self._total - before)
            quiet = quiet + 1 if passed < _QUIET else 0
            owed -= passed
            if owed <= 0 or not self._contended():
                return
