"""`@timestamp`, which data streams demand and Kibana looks for."""

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from penstock.destinations.event_time import event_time, iso

Stamping = Literal["auto", "keep", "add", "rename"]

FIELD: Final = "@timestamp"
_QUOTED: Final = b'"@timestamp"'
OVERHEAD: Final = len('"@timestamp":"2026-01-02T03:04:05.123456789+00:00",')
"""Bytes that a stamp adds to an event, at most."""
_STRICT: Final = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-7]):[0-5]\d)",
    re.ASCII,
)
"""What the default `date` of a mapping takes as it is (strict_date_optional_time), but for days that a month lacks."""
_ALWAYS_THERE: Final = "28"
"""Every month has this day."""

_objects: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder: Final = msgspec.json.Encoder()


def stamped(
    lines: Sequence[bytes],
    existing: Sequence[Any],
    values: Sequence[Any],
    times: Sequence[float],
    *,
    rename: str,
) -> list[bytes]:
    """Each event with a `@timestamp`; one that has it (`existing`) stays as it is.

    `values` are what the events say of their time, `times` the same in seconds since the epoch. `rename` is the
    field that goes, as the stamp takes its place; "" for none.
    """
    made: list[bytes] = []
    begin = b'{"%b":"' % rename.encode()
    for line, old, value, time in zip(lines, existing, values, times, strict=True):
        # It may be there as null; where that cannot be told, the event is better left alone than given a second one.
        rest = _without(line, FIELD) if old is None and _QUOTED in line else line
        if old is not None or rest is None:
            made.append(line)
            continue
        stamp = (value if _is_strict(value) else iso(time)).encode()
        if rename and event_time(value) is not None:
            if rest.startswith(begin + stamp + b'"'):  # as most loggers write it
                made.append(b'{"@timestamp":"' + rest[len(begin) :])
                continue
            rest = _without(rest, rename) or rest
        comma = b"," if rest[1:2] == b'"' or rest[1:-1].strip() else b""
        made.append(b'{"@timestamp":"%b"%b%b' % (stamp, comma, rest[1:]))
    return made


def _without(line: bytes, name: str) -> bytes | None:
    """The event without this field; none where it cannot be read (what is valid JSON may still be no text)."""
    try:
        fields = _objects.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return None
    fields.pop(name, None)
    return _encoder.encode(fields)


def _is_strict(value: object) -> bool:
    if not isinstance(value, str) or not _STRICT.fullmatch(value):
        return False
    return value[8:10] <= _ALWAYS_THERE or event_time(value) is not None
