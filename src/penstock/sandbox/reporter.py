"""The sandbox's lines for people: each request while there are few, a summary each second when there are many."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from penstock.sandbox.faults import Breach, Html, Status, type_name
from penstock.sandbox.service import Answered, Asked

EACH: Final = 5
"""Requests of a second that have a line of their own."""
SHOWN: Final = 120
"""Characters of an event or an answer that are shown."""


@dataclass(slots=True)
class _Sum:
    """Of a service's requests without a line of their own."""

    requests: int = 0
    events: int = 0
    bytes: int = 0
    refused: int = 0
    broken: int = 0


class Reporter:
    """Says what it is told through `say`, a line at a time; `tick` is to be called each second."""

    def __init__(self, say: Callable[[str], None], *, each: int = EACH) -> None:
        self._say = say
        self._each = each
        self._lines = 0
        self._sums: dict[str, _Sum] = {}

    def request(self, service: str, asked: Asked, answered: Answered | None, breach: Breach | None) -> None:
        """A request was answered so, where the service was asked; `breach` kept the answer from its sender."""
        if self._lines < self._each:
            self._lines += 1
            self._say(f"{_time(asked.received)} {service}: {_line(asked, answered, breach)}")
            return
        total = self._sums.setdefault(service, _Sum())
        if breach is not None:
            total.broken += 1
        if answered is not None and answered.status < 400:
            total.requests += 1
            total.events += len(answered.accepted)
            total.bytes += len(asked.raw)
        elif breach is None:
            total.refused += 1

    def tick(self, now: float) -> None:
        """A second is over, at `now` in seconds since the epoch: what had no line of its own is summed up."""
        for service, total in self._sums.items():
            for part in _parts(total):
                self._say(f"{_time(now)} {service}: {part}")
        self._lines = 0
        self._sums.clear()


def _line(asked: Asked, answered: Answered | None, breach: Breach | None) -> str:
    what = f"{asked.method} {printable(asked.path.encode())}"
    if breach is not None:
        taken = f", though {_amount(len(answered.accepted), 'event')} are taken" if answered else ""
        status = f" {breach.status}" if isinstance(breach, Status | Html) else ""
        return f"{what} met by {type_name(breach)}{status}{taken}"
    if answered is None:
        return f"{what} given up by its sender"
    if answered.status >= 400:
        return f"refused {what} with {answered.status}: {printable(answered.body)}"
    if not (answered.accepted or answered.refused or answered.repeated):
        return f"answered {what} with {answered.status}"
    parts = [f"received {_amount(len(answered.accepted), 'event')}, {len(asked.raw):,} bytes"]
    if answered.repeated:
        parts.append(f"{answered.repeated:,} had come before")
    if answered.refused:
        parts.append(f"{answered.refused:,} refused")
    if answered.accepted:
        parts.append(f"the last: {printable(answered.accepted[-1].event)}")
    return ", ".join(parts)


def _parts(total: _Sum) -> list[str]:
    parts = []
    if total.requests:
        many = f"{_amount(total.events, 'event')} in {_amount(total.requests, 'more request')}"
        parts.append(f"received {many}, {total.bytes:,} bytes")
    if total.refused:
        parts.append(f"refused {_amount(total.refused, 'more request')}")
    if total.broken:
        parts.append(f"{_amount(total.broken, 'more request')} met by faults")
    return parts


def printable(data: bytes) -> str:
    """The beginning of what came from outside, fit for a terminal: no control characters."""
    text = data[: 4 * SHOWN].decode(errors="replace")
    shown = "".join([char if char.isprintable() else " " for char in text])
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def _amount(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _time(now: float) -> str:
    return datetime.fromtimestamp(now).astimezone().strftime("%H:%M:%S")
