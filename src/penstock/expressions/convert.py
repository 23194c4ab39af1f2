"""Functions that make one kind of value of another, and tell about values."""

import math
import re
import time
from typing import Any

from penstock.expressions.errors import EvalError
from penstock.expressions.times import moment, read_duration, read_timestamp, show_duration, show_timestamp
from penstock.expressions.values import (
    MAX_INT,
    MAX_UINT,
    MIN_INT,
    MISSING,
    Duration,
    Kind,
    Timestamp,
    UInt,
    is_absent,
    kind,
    kind_name,
)

_SECOND = 10**9
_TRUE = frozenset({"1", "t", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "false", "FALSE", "False"})
# Python's float() takes more: blanks around, underscores between, digits of every script.
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:[+-]?inf(?:inity)?|nan)")


def to_int(value: Any) -> Any:
    """An integer: of a number without its fraction, of a text that is one, of a moment its seconds since 1970."""
    match value:
        case bool():
            pass
        case int():
            return _bounded("int", int(value), MIN_INT, MAX_INT)
        case float() if math.isfinite(value):
            return _bounded("int", int(value), MIN_INT + 1, MAX_INT)  # -2**63 may have been rounded to it
        case str():
            return _bounded("int", _read_int("int", value), MIN_INT, MAX_INT)
        case Timestamp():
            return value.ns // _SECOND
        case _:
            pass
    return _refused("int", value)


def to_uint(value: Any) -> Any:
    """An unsigned integer."""
    match value:
        case bool():
            pass
        case int():
            return UInt(_bounded("uint", int(value), 0, MAX_UINT))
        case float() if math.isfinite(value):
            return UInt(_bounded("uint", int(value), 0, MAX_UINT))
        case str():
            return UInt(_bounded("uint", _read_int("uint", value), 0, MAX_UINT))
        case _:
            pass
    return _refused("uint", value)


def to_double(value: Any) -> Any:
    """A number with a fraction."""
    match value:
        case bool():
            pass
        case int() | float():
            try:
                return float(value)
            except OverflowError as exc:
                raise EvalError("double() is out of range") from exc
        case str():
            if not _DOUBLE.fullmatch(value):
                raise EvalError(f"double() cannot read {value[:40]!r}")
            return float(value)
        case _:
            pass
    return _refused("double", value)


def to_string(value: Any) -> Any:
    """Text."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value)) if MIN_INT <= value <= MAX_UINT else f"{float(value):g}"
        case float():
            return _number(value)
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError as exc:
                raise EvalError("string() takes bytes that are UTF-8") from exc
        case Timestamp():
            return show_timestamp(value)
        case Duration():
            return show_duration(value)
        case _:
            pass
    return _refused("string", value)


def to_bytes(value: Any) -> Any:
    """Its UTF-8."""
    match value:
        case bytes():
            return value
        case str():
            return value.encode("utf-8", "replace")
        case _:
            pass
    return _refused("bytes", value)


def to_bool(value: Any) -> Any:
    """Of the texts `true`, `t`, `1` and their opposites."""
    if value.__class__ is bool:
        return value
    if value.__class__ is str and value in _TRUE | _FALSE:
        return value in _TRUE
    return _refused("bool", value)


def to_timestamp(value: Any) -> Any:
    """Of RFC 3339 text, or of seconds since 1970."""
    match value:
        case Timestamp():
            return value
        case str():
            return read_timestamp(value)
        case bool():
            pass
        case int():
            return moment(int(value) * _SECOND)
        case float() if math.isfinite(value):
            return moment(round(value * 1e6) * 1000)
        case _:
            pass
    return _refused("timestamp", value)


def to_duration(value: Any) -> Any:
    """Of text such as `1h30m`."""
    match value:
        case Duration():
            return value
        case str():
            return read_duration(value)
        case _:
            pass
    return _refused("duration", value)


def size(value: Any) -> Any:
    """Characters of a text, bytes, elements of a list, keys of a map."""
    if value.__class__ in (str, bytes, list, dict):
        return len(value)
    return _refused("size", value)


def type_of(value: Any) -> Kind:
    """Its type; of what is missing that of null."""
    return kind(None if value is MISSING else value)


def same(value: Any) -> Any:
    """The value: `dyn()` is for checkers of types, which we have none of."""
    return value


def now() -> Timestamp:
    """This moment."""
    return Timestamp(time.time_ns())


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return str(value).removesuffix(".0") if math.isfinite(value) else ("+Inf" if value > 0 else "-Inf")


def _read_int(name: str, text: str) -> int:
    digits = text[1:] if text[:1] in "+-" else text
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 30):
        raise EvalError(f"{name}() cannot read {text[:40]!r}")
    return int(text)


def _bounded(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise EvalError(f"{name}() is out of range: 64 bits")
    return value


def _refused(name: str, value: Any) -> Any:
    if is_absent(value):
        return MISSING
    raise EvalError(f"{name}() does not take {kind_name(value)}")
