"""What a receiver remembers of what it took: counts, and the idempotency keys of late."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

KEYS: Final = 100_000
"""Idempotency keys remembered; a batch that comes again later than that is not known as one."""


@dataclass(slots=True)
class Counts:
    """Since the receiver started. Of the requests taken, those with a known key are counted apart."""

    requests: int = 0
    events: int = 0
    bytes: int = 0
    """Of bodies as they came."""
    duplicate_requests: int = 0
    """With an idempotency key that was there before; their events are in none of the above."""
    duplicate_events: int = 0
    malformed: int = 0
    """Requests refused; nothing of them is counted above."""


class Tally:
    """Counts requests."""

    def __init__(self, keys: int = KEYS) -> None:
        self.counts = Counts()
        self._most = keys
        self._keys: OrderedDict[str, None] = OrderedDict()

    @property
    def keys(self) -> int:
        """Idempotency keys remembered now."""
        return len(self._keys)

    def take(self, events: int, size: int, key: str) -> bool:
        """Counts a request; `False` where its key says that it was taken before. "" is no key."""
        counts = self.counts
        if key in self._keys:
            self._keys.move_to_end(key)
            counts.duplicate_requests += 1
            counts.duplicate_events += events
            return False
        if key:
            self._keys[key] = None
            if len(self._keys) > self._most:
                self._keys.popitem(last=False)
        counts.requests += 1
        counts.events += events
        counts.bytes += size
        return True
