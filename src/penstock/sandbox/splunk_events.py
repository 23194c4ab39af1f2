"""What bodies for Splunk's HTTP Event Collector hold, read as strictly as Splunk does."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import orjson

from penstock.sandbox.service import Accepted, Spoil

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_TEXTS: Final = ("host", "source", "sourcetype")
_METRIC: Final = "metric_name"


class _Float(str):
    """A number with a point or an exponent, as it was written."""

    __slots__ = ()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decoder: Final = json.JSONDecoder(parse_float=_Float, parse_constant=_no_constant)


@dataclass(slots=True)
class Taken:
    """How far a body is good."""

    accepted: list[Accepted] = field(default_factory=list)
    code: int = 0
    """What is wrong with the event behind the last that was accepted; 0: nothing."""

    @property
    def number(self) -> int:
        """The event that is wrong, from 0."""
        return len(self.accepted)


def read_events(body: bytes, indexes: Collection[str], id_field: str, spoil: Spoil) -> Taken:
    """The events of `/event`: objects one behind the other, with space between them or none.

    As at Splunk, it ends with the first that is wrong, and those before it are taken. `indexes` are those that the
    token may write to; empty: all.
    """
    taken = Taken()
    try:
        text = body.decode()
    except UnicodeDecodeError:
        taken.code = 6
        return taken
    at = _after_space(text, 0)
    while at < len(text):
        try:
            event, end = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            taken.code = 6
            return taken
        taken.code = _fault(event, indexes) or (6 if spoil(taken.number) else 0)
        if taken.code:
            return taken
        fields = event.get("fields")
        known = fields.get(id_field) if isinstance(fields, dict) else None
        taken.accepted.append(Accepted(known if type(known) is str else "", text[at:end].encode()))
        at = _after_space(text, end)
    return taken


def read_lines(body: bytes, spoil: Spoil) -> Taken:
    """The events of `/raw`: lines, of which the empty ones are none. Splunk tells of no line, and takes all or nothing."""
    lines = [line for line in body.replace(b"\r\n", b"\n").split(b"\n") if line.strip()]
    if any(spoil(index) for index in range(len(lines))):
        return Taken(code=6)
    return Taken([Accepted("", _as_json(line)) for line in lines])


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _as_json(line: bytes) -> bytes:
    if line[:1] == b"{":
        try:
            orjson.loads(line)
        except ValueError:
            pass
        else:
            return line
    return orjson.dumps(line.decode("utf-8", "replace"))


def _fault(event: Any, indexes: Collection[str]) -> int:
    """The code of what is wrong with this event; 0 where it is good."""
    if not isinstance(event, dict):
        return 6
    if "event" not in event:
        return 12
    if _is_blank(event["event"]):
        return 13
    if any(not isinstance(event.get(key, ""), str) for key in _TEXTS):
        return 6
    if not _is_time(event.get("time", 0)) or not _are_fields(event.get("fields", {})):
        return 15
    index = event.get("index", "")
    return 0 if isinstance(index, str) and (not index or not indexes or index in indexes) else 7


def _is_blank(value: Any) -> bool:
    return value is None or value in ({}, []) or (type(value) is str and not value.strip())


def _is_time(value: Any) -> bool:
    """Seconds in plain decimal, as a number or as text. Scientific notation is none."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and _DECIMAL.fullmatch(value) is not None)


def _are_fields(fields: Any) -> bool:
    """Flat, and texts or lists of texts; of metrics also numbers."""
    if not isinstance(fields, Mapping):
        return False
    metric = any(name.startswith(_METRIC) for name in fields)
    for value in fields.values():
        texts = value if isinstance(value, list) else [value]
        numbers = metric and (isinstance(value, _Float) or type(value) is int)
        if not numbers and any(type(text) is not str for text in texts):
            return False
    return True
