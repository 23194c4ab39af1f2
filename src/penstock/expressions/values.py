"""The values that expressions have beside those of JSON, and the names of the types."""

import base64
import math
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from penstock.expressions.errors import EvalError

MOST_TEXT: Final = 2**20
"""Characters of a string that an expression builds."""
MOST_ITEMS: Final = 10_000
"""Elements of a list that an expression builds."""
MOST_DEPTH: Final = 100
"""Levels of lists and maps that are compared or shown."""
MIN_INT: Final = -(2**63)
MAX_INT: Final = 2**63 - 1
MAX_UINT: Final = 2**64 - 1


class Missing(Enum):
    """The type of `MISSING`: of one value only, so that `is` tells it apart for the type checker too."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""What stands for a field that an event does not have."""


class UInt(int):
    """An unsigned integer, written `1u`. It equals the `int` of its value, but is not added to one."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A moment, in the years 1 to 9999."""

    ns: int
    """Nanoseconds since 1970 in UTC."""


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time, at most 292 years either way."""

    ns: int


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a value, as `type()` gives it."""

    name: str


_NAMES: Final[dict[type, str]] = {
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    type(None): "null_type",
    list: "list",
    dict: "map",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    Kind: "type",
    Missing: "missing",
}
KINDS: Final = {name: Kind(name) for kind, name in _NAMES.items() if kind not in (Missing, Kind)}
"""The types that an expression can name."""
NUMBERS: Final[frozenset[type]] = frozenset({int, float, UInt})
ORDERED: Final[frozenset[type]] = frozenset({int, float, UInt, str, bytes, bool, Timestamp, Duration})
ATOMS: Final[frozenset[type]] = frozenset(set(ORDERED) | {Kind})
"""Types of which Python compares two values as expressions do."""


def kind_name(value: object) -> str:
    """The name of the value's type, for messages: `timestamp` and `duration` for short."""
    name = _NAMES.get(type(value), f"Python's {type(value).__name__}")
    return name.removeprefix("google.protobuf.").lower() if name.startswith("google.") else name


def kind(value: Any) -> Kind:
    """The type of the value. Raises `EvalError` for what no event holds."""
    name = _NAMES.get(type(value))
    if name is None:
        raise EvalError(f"type() does not know {kind_name(value)}")
    return KINDS.get(name, Kind(name))


def is_absent(value: object) -> bool:
    """Whether it is null or missing, which most functions pass over in the same way."""
    return value is None or value is MISSING


def plain(value: Any) -> Any:
    """The value as JSON knows it; `MISSING` stays what it is, so that who asks can leave the field out.

    Times and types become text, bytes base64, and numbers that are none (NaN) null.
    """
    return value if value.__class__ in _PLAIN or value is MISSING else _plain(value, 0)


def _plain(value: Any, depth: int) -> Any:
    from penstock.expressions.times import show_duration, show_timestamp  # noqa: PLC0415 - times are made of values

    if depth > MOST_DEPTH:
        raise EvalError(f"the result is nested more than {MOST_DEPTH} levels deep")
    match value:
        case None | bool() | str() | Missing():
            return None if value is MISSING else value
        case float():
            return value if math.isfinite(value) else None
        case int():
            return int(value)
        case list():
            return [_plain(item, depth + 1) for item in value]
        case dict():
            return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
        case Timestamp():
            return show_timestamp(value)
        case Duration():
            return show_duration(value)
        case bytes():
            return base64.b64encode(value).decode()
        case Kind():
            return value.name
        case _:
            raise EvalError(f"the result holds {kind_name(value)}, which JSON does not know")


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return key if isinstance(key, str) else str(int(key))


_PLAIN: Final[frozenset[type]] = frozenset({str, int, bool, type(None)})
