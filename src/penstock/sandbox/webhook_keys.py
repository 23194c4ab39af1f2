"""The idempotency keys of late, each with what came under it."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Literal

KEYS: Final = 100_000
"""Keys remembered; what comes again later than that is not known."""


class Keys:
    """Those used least of late are forgotten first."""

    def __init__(self, most: int = KEYS) -> None:
        self._most = most
        self._digests: OrderedDict[str, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._digests)

    def seen(self, key: str, events: Sequence[bytes]) -> Literal["never", "again", "with others"]:
        """Whether a request with this key was remembered, and with these events."""
        known = self._digests.get(key)
        if known is None:
            return "never"
        self._digests.move_to_end(key)
        return "again" if known == _digest(events) else "with others"

    def remember(self, key: str, events: Sequence[bytes]) -> None:
        """A request with this key was taken."""
        self._digests[key] = _digest(events)
        if len(self._digests) > self._most:
            self._digests.popitem(last=False)


def _digest(events: Sequence[bytes]) -> bytes:
    # Not of the body: what goes around the events may tell the time, and a sender that was restarted posts them anew.
    return blake2b(b"\n".join(events), digest_size=16).digest()
