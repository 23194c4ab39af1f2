r"""Events as lines that Splunk takes apart by itself, into fields with names.

    2026-11-24T10:00:00.250Z level="error" payment failed order="17" reason="card \"A\" declined" trace.id="4f"

First the time, the level and the message; then what stands in the event's `context`; then all that it has besides.
Values of objects have the names of both with a dot between. Quotes and backslashes in a value have a backslash before
them, which Splunk reads back with `KV_MODE = auto_escaped`:
https://docs.splunk.com/Documentation/Splunk/latest/Admin/Propsconf. An event is always one line.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

import msgspec

from penstock.block import Batch
from penstock.columns import as_text
from penstock.destinations.event_time import arrivals, event_time, iso
from penstock.destinations.readable import escape

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_ODD: Final = re.compile(r"[^\w.:-]", re.ASCII)
"""What ends a name there, or would make another of it."""
_LEADING: Final = ("level", "message")
_CONTEXT: Final = "context"

_event: Final = msgspec.json.Decoder(dict[str, Any])


def splunk_text(batch: Batch, time_field: str = "timestamp", events: Sequence[bytes] | None = None) -> bytes:
    """Each event of the batch as such a line; `events` where something was put into them."""
    lines = [
        splunk_line(event, at, time_field)
        for event, at in zip(events or batch.lines(), arrivals(batch), strict=True)
    ]
    return "".join([line + "\n" for line in lines]).encode()


def splunk_line(line: bytes, arrived: float, time_field: str = "timestamp") -> str:
    """One event, without its newline, as one line of text without one; `arrived` is for those that say no time."""
    try:
        event = _event.decode(line)
        when = event.pop(time_field, None)
        level, message = [event.pop(name, None) for name in _LEADING]
        context = event.pop(_CONTEXT, None)
        inner = context if isinstance(context, dict) else {_CONTEXT: context}
        parts = [_moment(when, arrived), *_pairs("level", level), _message(message)]
        parts += [pair for name, value in chain(inner.items(), event.items()) for pair in _pairs(name, value)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # valid as JSON, and yet no text
        return f"{iso(arrived)} {escape(line.decode('utf-8', 'replace'))}"
    return " ".join([part for part in parts if part])


def _moment(value: object, arrived: float) -> str:
    """What the event says of its time, as it says it where that is a date."""
    time = event_time(value)
    if time is None:
        return iso(arrived)
    return value.replace(" ", "T", 1) if isinstance(value, str) and _DATE.fullmatch(value) else iso(time)


def _message(value: Any) -> str:
    return "" if value is None else escape(value if isinstance(value, str) else _json(value))


def _pairs(name: str, value: Any) -> Iterator[str]:
    """`name="value"`; of an object one for each value in it. Nothing of what is null or empty."""
    if isinstance(value, dict):
        for inner, of in value.items():
            yield from _pairs(f"{name}.{inner}", of)
    elif value is not None:
        text = as_text(value)
        quoted = (_json(value) if text is None else text).replace("\\", "\\\\").replace('"', '\\"')
        yield f'{_ODD.sub("_", name) or "_"}="{escape(quoted)}"'


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
