"""The acknowledgements that a played indexer holds: by channel, from 0 upwards, each told once."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import orjson

from penstock.sandbox.service import Answered
from penstock.sandbox.splunk_codes import coded

_NEARLY: Final = 0.8
"""Of what a channel may hold, from where on it is said to be near its end."""
_MOST_CHANNELS: Final = 10_000


@dataclass(slots=True)
class _Channel:
    next: int = 0
    due: dict[int, tuple[float, int]] = field(default_factory=dict)
    """When each is indexed, in seconds since the epoch, and how many events it is about."""


class Acks:
    """All channels of one indexer, since it was started."""

    def __init__(self, delay: float, most: int) -> None:
        """`delay` is in seconds; a channel holds `most` acknowledgements that nobody has asked for."""
        self._delay = delay
        self._most = most
        self._channels: dict[str, _Channel] = {}

    def full(self, channel: str) -> bool:
        """No more fit, until some are asked for."""
        known = self._channels.get(channel)
        return len(self._channels) >= _MOST_CHANNELS if known is None else len(known.due) >= self._most

    def near(self, channel: str) -> bool:
        """It will be full soon."""
        return len(self._channels[channel].due) >= self._most * _NEARLY

    def give(self, channel: str, now: float, events: int = 0) -> int:
        """The id for `events` that have just been taken."""
        known = self._channels.setdefault(channel, _Channel())
        number = known.next
        known.next += 1
        known.due[number] = now + self._delay, events
        return number

    def ask(self, channel: str, numbers: Iterable[int], now: float) -> Answered:
        """For each whether it is indexed; what is answered with yes is forgotten."""
        known = self._channels.get(channel)
        if known is None:
            return coded(11)
        said: dict[str, bool] = {}
        confirmed = 0
        for number in dict.fromkeys(numbers):
            due, events = known.due.get(number, (math.inf, 0))
            said[str(number)] = due <= now
            if due <= now:
                del known.due[number]
                confirmed += events
        return Answered(200, orjson.dumps({"acks": said}), coded(0).headers, confirmed=confirmed)
