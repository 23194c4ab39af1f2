"""What each type of field takes, and which type a new field gets.

https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types
"""

import ipaddress
import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

Fault = tuple[str, str] | None
"""Type and reason of the cause, where a value does not fit."""

_RANGES: Final = {"byte": 7, "short": 15, "integer": 31, "long": 63}
_LARGEST: Final = {
    "half_float": 65520.0,
    "float": 3.4028235677973366e38,
    "double": math.inf,
    "scaled_float": math.inf,
}
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_FLOAT: Final = re.compile(
    r"\s*([+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))[fFdD]?\s*", re.ASCII
)
_LONGEST_TERM: Final = 32766
_ISO: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
    r"(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?",
    re.ASCII,
)
_SLASHED: Final = ("yyyy/MM/dd HH:mm:ss", "yyyy/MM/dd")
DATE_FORMATS: Final = ("strict_date_optional_time", "epoch_millis")
SLASHED_FORMATS: Final = (*_SLASHED, "epoch_millis")
_PATTERN: Final = re.compile(r"yyyy|uuuu|MM|dd|HH|mm|ss|S+|'[^']*'|[^A-Za-z]")
_CODES: Final = {"yyyy": "%Y", "uuuu": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}

SCALARS: Final = frozenset({"text", "match_only_text", "keyword", "wildcard"})
LEAVES: Final = frozenset({*_RANGES, *_LARGEST, *SCALARS, "boolean", "date", "date_nanos", "ip"})
UNCHECKED: Final = frozenset(
    {"binary", "completion", "constant_keyword", "flattened", "geo_point", "geo_shape", "search_as_you_type"}
    | {"unsigned_long", "version", "integer_range", "long_range", "float_range", "double_range", "date_range"}
)
"""Types that are known, and take anything here."""


def fault(kind: str, value: Any, formats: tuple[str, ...] = ()) -> Fault:
    """Why a value, neither null nor a list, is no `kind`; none where it is."""
    if kind in UNCHECKED:
        return None
    if isinstance(value, dict):
        return "illegal_argument_exception", "Expected text but found START_OBJECT"
    if kind in SCALARS:
        if kind == "keyword" and len(str(value).encode("utf-8", "replace")) > _LONGEST_TERM:
            return "illegal_argument_exception", "Document contains at least one immense term"
        return None
    return _CHECKS[kind](kind, value, formats)


def type_of(value: Any) -> tuple[str, tuple[str, ...]]:
    """The type that a new field gets from its first value, neither null nor a list; with its date formats."""
    if isinstance(value, dict):
        return "object", ()
    if isinstance(value, bool):
        return "boolean", ()
    if isinstance(value, int):
        return "long", ()
    if isinstance(value, float):
        return "float", ()
    if not value.isdigit() and _is_iso(value):
        return "date", DATE_FORMATS
    return ("date", SLASHED_FORMATS) if any(_fits(value, format_) for format_ in _SLASHED) else ("text", ())


def _whole(kind: str, value: Any, formats: tuple[str, ...]) -> Fault:
    del formats
    if isinstance(value, bool):
        return (
            "json_parse_exception",
            "Current token (VALUE_TRUE) not numeric, can not use numeric value accessors",
        )
    if isinstance(value, str):
        if value == "":
            return None
        if not _NUMBER.fullmatch(value):
            return "number_format_exception", f'For input string: "{value}"'
    # An exponent without end would make an integer without end.
    number = float(value) if isinstance(value, str) and len(value) > 64 else _integral(value)
    bound = 1 << _RANGES[kind]
    return (
        None
        if -bound <= number < bound
        else ("input_coercion_exception", f"Numeric value ({value}) out of range of {kind}")
    )


def _integral(value: Any) -> float:
    try:
        return int(value)
    except (ValueError, OverflowError):  # "1.5", infinity
        return float(value)


def _fractional(kind: str, value: Any, formats: tuple[str, ...]) -> Fault:
    del formats
    if isinstance(value, bool):
        return (
            "json_parse_exception",
            "Current token (VALUE_TRUE) not numeric, can not use numeric value accessors",
        )
    if isinstance(value, str):
        if value == "":
            return None
        match = _FLOAT.fullmatch(value)
        if match is None:
            return "number_format_exception", f'For input string: "{value}"'
        value = float(match[1])
    if not abs(value) < _LARGEST[kind]:
        return "illegal_argument_exception", f"[{kind}] supports only finite values, but got [{value}]"
    return None


def _boolean(kind: str, value: Any, formats: tuple[str, ...]) -> Fault:
    del kind, formats
    if isinstance(value, bool) or value in ("true", "false", ""):
        return None
    return (
        "illegal_argument_exception",
        f"Failed to parse value [{value}] as only [true] or [false] are allowed.",
    )


def _address(kind: str, value: Any, formats: tuple[str, ...]) -> Fault:
    del kind, formats
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return "illegal_argument_exception", f"'{value}' is not an IP string literal."
    return None


def _date(kind: str, value: Any, formats: tuple[str, ...]) -> Fault:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    formats = formats or (
        DATE_FORMATS if kind == "date" else ("strict_date_optional_time_nanos", "epoch_millis")
    )
    if any(_fits(text, format_) for format_ in formats):
        return None
    return (
        "illegal_argument_exception",
        f"failed to parse date field [{text}] with format [{'||'.join(formats)}]",
    )


def _fits(text: str, format_: str) -> bool:
    if format_.startswith("epoch_"):
        return _NUMBER.fullmatch(text) is not None and "e" not in text.lower()
    if "date_optional_time" in format_:
        return _is_iso(text)
    return _is_made_so(text, format_)


def _is_iso(text: str) -> bool:
    match = _ISO.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = [int(part or 0) for part in match.groups()[:6]]
    try:
        datetime(year or 1, month or 1, day or 1, hour, minute, second)  # noqa: DTZ001 - only whether there is such a time
    except ValueError:
        return False
    return match[2] is None or month > 0


def _is_made_so(text: str, pattern: str) -> bool:
    """Of a pattern in Java's letters; one with others than numbers in it takes anything."""
    if "".join(_PATTERN.findall(pattern)) != pattern:
        return True
    tokens: list[str] = _PATTERN.findall(pattern)
    code = "".join(
        [
            _CODES.get(token) or ("%f" if token[0] == "S" else token.strip("'").replace("%", "%%"))
            for token in tokens
        ]
    )
    if len(text) != len(pattern.replace("'", "")):
        return False
    try:
        datetime.strptime(text, code)  # noqa: DTZ007 - only whether there is such a time
    except ValueError:
        return False
    return True


_CHECKS: Final[dict[str, Callable[[str, Any, tuple[str, ...]], Fault]]] = {
    **dict.fromkeys(_RANGES, _whole),
    **dict.fromkeys(_LARGEST, _fractional),
    "boolean": _boolean,
    "ip": _address,
    "date": _date,
    "date_nanos": _date,
}
