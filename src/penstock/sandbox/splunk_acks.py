"""The acknowledgements that a played indexer holds: by channel, from 0 upwards, each told once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from penstock.sandbox.service import Answered
from penstock.sandbox.splunk_codes import coded

_NEARLY: Final = 0.8
"""Of what a channel may hold, from where on it is said to be near its end."""
_MOST_CHANNELS: Final = 10_000


@dataclass(slots=True)
class _Channel:
    next: int = 0
    due: dict[int, float] = field(default_factory=dict)
    """When each is indexed, in seconds since the epoch."""


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

    def give(self, channel: str, now: float) -> int:
        """The id for what has just been taken."""
        known = self._channels.setdefault(channel, _Channel())
        number = known.next
        known.next += 1
        known.due[number] = now + self._delay
        return number

    def ask(self, channel: str, numbers: Iterable[int], now: float) -> dict[str, bool] | Answered:
        """For each whether it is indexed; what is answered with yes is forgotten."""
        known = self._channels.get(channel)
        if known is None:
            return coded(11)
        said: dict[str, bool] = {}
        for number in dict.fromkeys(numbers):
            due = known.due.get(number)
            said[str(number)] = due is not None and due <= now
            if said[str(number)]:
                del known.due[number]
        return said
