"""Lets segments go: those that all destinations are past, and, when the journal is full, the oldest."""

from collections.abc import Collection, Mapping
from typing import Final

import structlog

from penstock.clock import Clock, Timer
from penstock.fields import show_size
from penstock.journal.base import Cursor, JournalSettings
from penstock.journal.catalogue import Catalogue
from penstock.journal.pressure import Pressure
from penstock.journal.retention import finished, floor_of, lagging, slack
from penstock.journal.segment import Segment
from penstock.journal.spares import Spares

log = structlog.get_logger(__name__)

_AGE_CHECK: Final = 60.0
"""Seconds between looks at the age of the archive."""


class Keeper:
    """Acts on the decisions of `retention`."""

    def __init__(
        self,
        *,
        settings: JournalSettings,
        segment: int,
        clock: Clock,
        catalogue: Catalogue,
        spares: Spares,
        cursors: Mapping[str, Cursor],
        pressure: Pressure,
    ) -> None:
        """`segment` is the ordinary size of one; `cursors` is looked at anew each time."""
        self.holders: Collection[str] | None = None
        """Whose cursors count; none: not known yet, and nothing goes but for room."""
        self.block_when_full = False
        self._settings = settings
        self._segment = segment
        self._clock = clock
        self._catalogue = catalogue
        self._spares = spares
        self._cursors = cursors
        self._pressure = pressure
        self._evicting = False
        self._timer: Timer | None = None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._catalogue.size + self._spares.size

    def collect(self) -> None:
        """Lets go of what all have and the archive need not keep."""
        catalogue, settings = self._catalogue, self._settings
        floor = floor_of(self._cursors, self.holders, catalogue.head, catalogue.tail)
        count = finished(catalogue, floor, self._clock.time(), settings.keep_age, settings.keep_bytes)
        for _ in range(count):
            self.dispose(catalogue.drop_first())
        if settings.keep_age and self._timer is None and len(catalogue) > 1:
            self._timer = self._clock.call_at(self._clock.monotonic() + _AGE_CHECK, self._look_at_age)

    def make_room(self, size: int) -> None:
        """Before a segment of that size is begun: the oldest go until it is within the bound."""
        self.collect()
        evicted = 0
        while (
            not self.block_when_full
            and len(self._catalogue) > 1
            and self.size + self._needed(size) > self._settings.max_bytes
        ):
            self.dispose(self._catalogue.drop_first())
            evicted += 1
        if evicted and not self._evicting:
            log.warning(
                "journal is full, the oldest events go",
                max_bytes=show_size(self._settings.max_bytes),
                lagging=lagging(self._cursors, self.holders, self._catalogue.tail),
            )
        elif self._evicting and not evicted:
            log.info("journal has room again")
        self._evicting = evicted > 0

    def look_at_room(self, room: int) -> None:
        """Tells sources to wait, or to go on; `room` is what is left in the active segment."""
        if not self.block_when_full:
            self._pressure.set("full", "")
            return
        tight = self.size + self._needed(self._segment) > self._settings.max_bytes
        if tight and room < slack(self._segment):
            self._pressure.set("full", "the journal is full")
        elif not tight:
            self._pressure.set("full", "")

    def may_prepare(self) -> bool:
        """Whether a spare file is wanted and within the bound."""
        wanted = not self._spares.fits(self._segment)
        return wanted and self.size + self._segment <= self._settings.max_bytes

    def dispose(self, segment: Segment) -> None:
        """Its file becomes a spare, or goes."""
        self._spares.give(segment.path, segment.size)

    def discard(self, segment: Segment) -> None:
        """Its file goes, and is not used again."""
        self._spares.give(segment.path, -1)

    def close(self) -> None:
        """No more timers."""
        if self._timer is not None:
            self._timer.cancel()

    def _needed(self, size: int) -> int:
        return 0 if self._spares.fits(size) else size

    def _look_at_age(self) -> None:
        self._timer = None
        self.collect()
