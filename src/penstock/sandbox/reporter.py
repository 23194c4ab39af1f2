"""A receiver's lines for people: each request while there are few, a summary each second when there are many."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

EACH: Final = 5
"""Requests of a second that have a line of their own."""
SHOWN: Final = 120
"""Characters of an event that are shown."""


class Reporter:
    """Says what it is told through `say`, a line at a time; `tick` is to be called each second."""

    def __init__(self, say: Callable[[str], None], *, each: int = EACH) -> None:
        self._say = say
        self._each = each
        self._lines = 0
        self._requests = 0
        self._refused = 0
        self._events = 0
        self._bytes = 0

    def taken(self, now: float, events: int, size: int, last: bytes, *, again: bool) -> None:
        """A request was taken, at `now` in seconds since the epoch; `last` is its last event, where known."""
        if self._lines < self._each:
            self._lines += 1
            twice = ", again (its key came before)" if again else ""
            which = ", the last: " if events > 1 else ": "
            event = which + _shown(last) if last else ""
            self._say(f"{_time(now)} received {_amount(events, 'event')}, {size:,} bytes{twice}{event}")
        else:
            self._requests += 1
            self._events += events
            self._bytes += size

    def refused(self, now: float, status: int, reason: str) -> None:
        """A request was refused."""
        if self._lines < self._each:
            self._lines += 1
            self._say(f"{_time(now)} refused with {status}: {reason}")
        else:
            self._refused += 1

    def tick(self, now: float) -> None:
        """A second is over: what had no line of its own is summed up."""
        if self._requests:
            more = f"{_amount(self._events, 'event')} in {_amount(self._requests, 'more request')}"
            self._say(f"{_time(now)} received {more}, {self._bytes:,} bytes")
        if self._refused:
            self._say(f"{_time(now)} refused {_amount(self._refused, 'more request')}")
        self._lines = self._requests = self._refused = self._events = self._bytes = 0


def _amount(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _time(now: float) -> str:
    return datetime.fromtimestamp(now).astimezone().strftime("%H:%M:%S")


def _shown(event: bytes) -> str:
    """The beginning of an event, fit for a terminal: no control characters."""
    text = event[: 4 * SHOWN].decode(errors="replace")
    printable = "".join([char if char.isprintable() else " " for char in text])
    return printable if len(printable) <= SHOWN else printable[: SHOWN - 1] + "…"
