"""Lets through so many events in a time, and tells how many it has left out."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from math import isinf
from typing import Annotated, Final, Literal

from pydantic import Field

from penstock.fields import Duration
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Event, Events
from penstock.processors.fields_at import Place
from penstock.processors.keys import Keys
from penstock.processors.shown import Shown
from penstock.processors.stamp import rfc3339


class ThrottleSettings(ProcessorSettings):
    """Lets through so many events in a time, and tells with one event how many it has left out.

    Time is that of arrival, so that events which wait in the journal are counted as they came.
    """

    type: Literal["throttle"]
    events: Annotated[int, Field(ge=1)]
    """Go on in a window."""
    per: Duration = Field(default=60.0, gt=0)
    """A window: it begins with the first event of a key."""
    by: Sequence[str] = ()
    """Each set of values of these fields has windows of its own."""
    max_keys: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    """Of so many sets the windows are kept; of more the oldest goes, and begins anew."""
    summary: bool = True
    """At the end of a window out of which events were left, an event that tells how many, with the fields of `by`."""

    shown = (
        Shown(
            settings={"events": 2, "per": "10s", "by": ["service"]},
            given=[{"service": "a", "n": n} for n in range(5)] + [{"service": "b", "n": 0}],
            gives=[
                {"service": "a", "n": 0},
                {"service": "a", "n": 1},
                {"service": "b", "n": 0},
                {
                    "timestamp": "2026-10-26T07:33:30.000Z",
                    "level": "warning",
                    "message": "3 events left out in 10 s: more than 2",
                    "throttled": 3,
                    "service": "a",
                },
            ],
            note="The last event comes when the window is at its end.",
        ),
    )

    def build(self, context: ProcessorContext) -> Processor:
        return Throttle(self)


_MOST_ENDED: Final = 500
"""Windows that are ended at a time: with a hundred thousand keys all of them would hold the loop for a tenth of a second."""


class _Window:
    __slots__ = ("begun", "left_out", "passed")

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.passed = 0
        self.left_out = 0


class Throttle:
    """See `ThrottleSettings`."""

    def __init__(self, settings: ThrottleSettings) -> None:
        self._most = settings.events
        self._per = settings.per
        self._keys = Keys(settings.by)
        self._places = {path: Place(path) for path in settings.by}
        self._max_keys = settings.max_keys
        self._summary = settings.summary
        self._windows: OrderedDict[Hashable, _Window] = OrderedDict()  # the oldest first
        self._owing = 0  # windows of which something is to be told
        self._late = False  # there may be windows that have ended and were not taken out

    def process(self, events: Events) -> None:
        arrived = events.arrived
        wanted: list[bool] = []
        told: list[Event] = self._ended(arrived)
        for key in self._keys.of(events):
            window = self._windows.get(key)
            if window is not None and self._late and self._is_over(window, arrived):
                told += self._told(key, self._windows.pop(key))
                window = None
            if window is None:
                if len(self._windows) >= self._max_keys:
                    told += self._told(*self._windows.popitem(last=False))
                window = self._windows[key] = _Window(arrived)
            if window.passed < self._most:
                window.passed += 1
                wanted.append(True)
            else:
                self._owing += not window.left_out
                window.left_out += 1
                wanted.append(False)
        events.keep(wanted)
        events.emit(told)

    def due(self) -> float | None:
        if not (self._summary and self._owing):
            return None
        # The oldest may owe nothing, and then the next is asked: a look at each would take too long with many keys.
        return next(iter(self._windows.values())).begun + self._per

    def tick(self, events: Events, now: float) -> None:
        events.emit(self._ended(now))

    def _ended(self, now: float) -> list[Event]:
        """Takes out windows that have ended by then, not too many at a time, and tells what was left out of them."""
        told: list[Event] = []
        most = len(self._windows) if isinf(now) else min(_MOST_ENDED, len(self._windows))
        for _ in range(most):
            key, window = next(iter(self._windows.items()))
            if not self._is_over(window, now):
                break
            del self._windows[key]
            told += self._told(key, window)
        oldest = next(iter(self._windows.values()), None)
        self._late = oldest is not None and self._is_over(oldest, now)
        return told

    def _is_over(self, window: _Window, now: float) -> bool:
        # One that begins in the future is of a clock that was set back.
        return not window.begun + self._per > now >= window.begun - self._per

    def _told(self, key: Hashable, window: _Window) -> list[Event]:
        self._owing -= bool(window.left_out)
        if not window.left_out or not self._summary:
            return []
        event: Event = {
            "timestamp": rfc3339(window.begun + self._per),
            "level": "warning",
            "message": f"{window.left_out} events left out in {self._per:g} s: more than {self._most}",
            "throttled": window.left_out,
        }
        for path, value in self._keys.values(key).items():
            place = self._places[path]
            place.make(event)[place.name] = value
        return [event]
