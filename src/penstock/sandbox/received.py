"""What a played service has accepted: counts, and the events of late."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from penstock.sandbox.service import Accepted, Answered

KEPT: Final = 10_000
"""Events that are kept to be looked at."""


@dataclass(slots=True)
class Counts:
    """Since the start, or since all was forgotten."""

    requests: int = 0
    """That the service has answered, whatever the answer."""
    refused_requests: int = 0
    """Of these, with a status that is no success."""
    bytes: int = 0
    """Of bodies as they came."""
    events: int = 0
    """Accepted, those among them that had been accepted before."""
    refused: int = 0
    """Events that the service will never take."""


class Received:
    """The account of one service."""

    def __init__(self, keep: int = KEPT) -> None:
        """`keep` events are kept, the latest."""
        self.counts = Counts()
        self.events: deque[Accepted] = deque(maxlen=keep)
        """The latest."""

    def note(self, size: int, answered: Answered) -> None:
        """A request with a body of `size` bytes was answered so."""
        counts = self.counts
        counts.requests += 1
        counts.refused_requests += answered.status >= 400
        counts.bytes += size
        counts.events += len(answered.accepted)
        counts.refused += answered.refused
        self.events += answered.accepted

    def forget(self) -> None:
        """Begins anew."""
        self.counts = Counts()
        self.events.clear()
