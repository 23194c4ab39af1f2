"""`@timestamp`, which data streams demand and Kibana looks for."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from penstock.destinations.event_time import event_time

Stamping = Literal["auto", "keep", "add", "rename"]

FIELD: Final = "@timestamp"
_QUOTED: Final = b'"@timestamp"'
OVERHEAD: Final = len('"@timestamp":"2026-01-02T03:04:05.123456789+00:00",')
"""Bytes that a stamp adds to an event, at most."""
_STRICT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""What the default `date` of a mapping takes as it is (strict_date_optional_time)."""

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
        if old is not None:
            made.append(line)
            continue
        stamp = (value if isinstance(value, str) and _STRICT.fullmatch(value) else _iso(time)).encode()
        rest = _without(line, FIELD) if _QUOTED in line else line  # it is there, as null
        if rename and event_time(value) is not None:
            if rest.startswith(begin + stamp + b'"'):  # as most loggers write it
                made.append(b'{"@timestamp":"' + rest[len(begin) :])
                continue
            rest = _without(rest, rename)
        comma = b"," if rest[1:2] == b'"' or rest[1:-1].strip() else b""
        made.append(b'{"@timestamp":"%b"%b%b' % (stamp, comma, rest[1:]))
    return made


def _without(line: bytes, name: str) -> bytes:
    try:
        fields = _objects.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return line
    fields.pop(name, None)
    return _encoder.encode(fields)


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
