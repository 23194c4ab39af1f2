"""What a played service has accepted: counts, the account of ids, and the events of late."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Final

from penstock.sandbox.event_id import EventId
from penstock.sandbox.ids import Ids
from penstock.sandbox.service import Accepted, Answered

ID_FIELD: Final = "id"
KEPT: Final = 1_000
"""Events that are kept to be looked at."""
KEPT_BYTES: Final = 16 * 2**20
"""Of these, together; the newest is kept however large it is."""


@dataclass(slots=True)
class Counts:
    """Since the start, or since all was forgotten."""

    requests: int = 0
    """That came, whatever became of them."""
    failed_requests: int = 0
    """Of these, answered with 400 or more, or not to the end."""
    faults: int = 0
    """Requests that a scripted fault has met, latency alone not among them."""
    bytes: int = 0
    """Of bodies as they came."""
    events: int = 0
    """Accepted, those among them that had been accepted before."""
    refused: int = 0
    """Events that the service will never take."""
    repeated: int = 0
    """Events that came again, and that the service knew and did not take twice."""
    unheard: int = 0
    """Events accepted, or confirmed for good, in an answer that a fault kept from their sender: it will send them again."""
    without_id: int = 0
    """Events accepted that carry no id; whether they are doubles is not known."""


class Received:
    """The account of one service."""

    def __init__(self, id_field: str = ID_FIELD, keep: int = KEPT) -> None:
        """`id_field` of an event is its id where the service itself knows none; `keep` events are kept, the latest."""
        self.counts = Counts()
        self.ids = Ids()
        self.events: deque[Accepted] = deque()
        """The latest."""
        self._find = EventId(id_field)
        self._keep = keep
        self._kept_bytes = 0

    def note(self, size: int, answered: Answered | None, *, fault: bool = False, heard: bool = True) -> None:
        """A request came, with a body of `size` bytes.

        `answered` is what the service said, none where it was not asked; `heard`, whether that went out as it is.
        """
        counts = self.counts
        counts.requests += 1
        counts.failed_requests += answered is None or not heard or answered.status >= 400
        counts.faults += fault
        counts.bytes += size
        if answered is None:
            return
        counts.events += len(answered.accepted)
        counts.refused += answered.refused
        counts.repeated += answered.repeated
        counts.unheard += 0 if heard else len(answered.accepted) + answered.confirmed
        for accepted in answered.accepted:
            if text := accepted.id or self._find(accepted.event):
                self.ids.note(text)
            else:
                counts.without_id += 1
        self._keep_some(answered)

    def forget(self) -> None:
        """Begins anew."""
        self.counts = Counts()
        self.ids = Ids()
        self.events.clear()
        self._kept_bytes = 0

    def report(self) -> dict[str, Any]:
        """Counts and ids, as plain data."""
        return {**asdict(self.counts), "ids": self.ids.report()}

    def _keep_some(self, answered: Answered) -> None:
        for accepted in answered.accepted[-self._keep :] if self._keep else ():
            self.events.append(accepted)
            self._kept_bytes += len(accepted.event)
        while len(self.events) > self._keep or (self._kept_bytes > KEPT_BYTES and len(self.events) > 1):
            self._kept_bytes -= len(self.events.popleft().event)
