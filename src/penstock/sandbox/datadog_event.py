"""One event as the played intake of Datadog reads it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import orjson

_DATES: Final = ("timestamp", "date", "@timestamp", "_timestamp", "Timestamp", "eventTime", "published_date")
"""Where the intake looks for the time, in this order."""
_LATEST: Final = 253_402_300_800.0

_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Event:
    """An object."""

    raw: bytes = field(repr=False)
    times: tuple[Any, ...] = ()
    """What it has in the fields where the time is looked for, in that order."""
    empty: bool = False

    @classmethod
    def of(cls, members: dict[str, Any]) -> "Event":
        """One that came as text."""
        return cls(orjson.dumps(members))

    @classmethod
    def read(cls, raw: bytes) -> "Event":
        """Raises msgspec's errors where it is no object."""
        members = _members.decode(raw)
        times = [msgspec.json.decode(members[name]) for name in _DATES if name in members]
        return cls(raw, tuple(times), not members)


def said_time(event: Event) -> float | None:
    """Seconds since the epoch, from the first field that has a time: ISO 8601, or milliseconds."""
    return next((time for value in event.times if (time := _seconds(value)) is not None), None)


def clipped(raw: bytes, length: int) -> bytes:
    """What is left of an event that is too long: its beginning, as text."""
    text = raw[:length].decode(errors="ignore")
    while len(made := orjson.dumps({"message": text})) > length and text:
        text = text[: len(text) * length // (len(made) + 1)]
    return made


def _seconds(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if 0 <= value < _LATEST * 1000 else None
    if not isinstance(value, str):
        return None
    try:
        then = datetime.fromisoformat(value)
        return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
