"""How many events a chain takes at a time: as many as fit into a slice of the event loop's time."""

from typing import Final

SLICE: Final = 0.003
"""Seconds that a slice takes at most, as far as that can be foreseen: for so long the loop is held."""
_LONG: Final = 4 * SLICE
"""Seconds that no slice takes only because the machine did something else meanwhile."""
_FIRST: Final = 250
"""Events in the first slice, before it is known how long one takes."""
_MOST: Final = 1500
"""Events in a slice: decoded, so many stay within the processor's cache."""


class Pace:
    """Learns from each slice how long the next one may be."""

    def __init__(self) -> None:
        self.events = _FIRST
        """In a slice, at most."""
        self._fits = 0  # by the slice before

    def learn(self, events: int, seconds: float) -> None:
        """So many events took so long. Slowly up, soon down: one slice may have been interrupted, two in a row have not."""
        if events < min(self.events, _FIRST):
            return  # what a slice costs beside its events would count too much
        fits = int(SLICE * events / max(seconds, 1e-6))
        before, self._fits = self._fits, fits
        if seconds < _LONG:
            fits = max(fits, before)
        self.events = max(1, min(fits, 2 * self.events, _MOST))
