"""What the played CloudWatch Logs keeps: groups, streams, and the log events of late."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

KEPT_BYTES: Final = 64 * 2**20
"""Of messages, together; the oldest to come go first."""
ACCOUNT: Final = "123456789012"
MOST: Final = 10_000
"""Groups, and streams of a group."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One log event that was taken."""

    timestamp: int
    """Milliseconds since the epoch."""
    message: str
    ingested: int
    """Milliseconds since the epoch."""


@dataclass(slots=True)
class Stream:
    """One log stream."""

    name: str
    created: int
    """Milliseconds since the epoch."""
    count: int = 0
    """Of log events, those that are not kept any more among them."""
    size: int = 0
    """Of all of them, as the service counts bytes."""
    first: int | None = None
    last: int | None = None
    """Timestamps."""
    events: deque[LogEvent] = field(default_factory=deque)
    """In the order in which they came."""

    def ordered(self) -> list[LogEvent]:
        """By time; those of the same time as they came."""
        return sorted(self.events, key=attrgetter("timestamp"))


@dataclass(slots=True)
class Group:
    """One log group."""

    name: str
    created: int
    """Milliseconds since the epoch."""
    retention: int | None = None
    """Days."""
    tags: dict[str, str] = field(default_factory=dict)
    kms_key: str = ""
    streams: dict[str, Stream] = field(default_factory=dict)


class Groups:
    """All of an account's, in one region."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._groups: dict[str, Group] = {}
        self._kept: deque[tuple[Stream, int]] = deque()
        self._size = 0
        self._kept_bytes = kept_bytes

    def __iter__(self) -> Iterator[Group]:
        return iter(sorted(self._groups.values(), key=attrgetter("name")))

    def __len__(self) -> int:
        return len(self._groups)

    def get(self, name: str) -> Group | None:
        """The group of this name."""
        return self._groups.get(name)

    def add(self, group: Group) -> None:
        """A new one."""
        self._groups[group.name] = group

    def remove(self, name: str) -> None:
        """It, and all that is in it."""
        del self._groups[name]

    def take(self, stream: Stream, events: list[LogEvent], sizes: list[int]) -> None:
        """New log events, whose `sizes` are as the service counts them."""
        for event, size in zip(events, sizes, strict=True):
            stream.events.append(event)
            self._kept.append((stream, size))
            self._size += size
        times = [event.timestamp for event in events]
        stream.first = min([*times, *([] if stream.first is None else [stream.first])], default=None)
        stream.last = max([*times, *([] if stream.last is None else [stream.last])], default=None)
        stream.count += len(events)
        stream.size += sum(sizes)
        while self._size > self._kept_bytes and len(self._kept) > 1:
            oldest, size = self._kept.popleft()
            oldest.events.popleft()
            self._size -= size
