"""The types that functions and operators take and give, by names: `int`, `string`, `timestamp`; empty where any."""

from collections.abc import Mapping
from itertools import product
from typing import Final

NUMBERS: Final = ("int", "uint", "double")
_SCALARS: Final = "string|bool|int|uint|double|bytes|timestamp|duration"


def _signature(takes: str, gives: str) -> tuple[tuple[frozenset[str], ...], str]:
    """From `string int`; `any` takes all."""
    return tuple(frozenset(() if word == "any" else word.split("|")) for word in takes.split()), gives


_TEXTS: Final = _signature("string string", "bool")
_TEXT: Final = _signature("string", "string")
_PLACE: Final = _signature("string string int", "int")
_DATE: Final = _signature("timestamp string", "int")
_PART: Final = _signature("timestamp|duration string", "int")
FUNCTIONS: Final[Mapping[str, tuple[tuple[frozenset[str], ...], str]]] = {
    **dict.fromkeys(("contains", "startsWith", "endsWith", "matches"), _TEXTS),
    **dict.fromkeys(("lower", "upper", "lowerAscii", "upperAscii", "trim"), _TEXT),
    **dict.fromkeys(("indexOf", "lastIndexOf"), _PLACE),
    "split": _signature("string string int", "list"),
    "join": _signature("list string", "string"),
    "replace": _signature("string string string int", "string"),
    "substring": _signature("string int int", "string"),
    "charAt": _signature("string int", "string"),
    "size": _signature("string|bytes|list|map", "int"),
    "int": _signature("int|uint|double|string|timestamp", "int"),
    "uint": _signature("int|uint|double|string", "uint"),
    "double": _signature("int|uint|double|string", "double"),
    "string": _signature(_SCALARS, "string"),
    "bytes": _signature("bytes|string", "bytes"),
    "bool": _signature("bool|string", "bool"),
    "timestamp": _signature("string|int|uint|double|timestamp", "timestamp"),
    "duration": _signature("string|duration", "duration"),
    "type": _signature("any", "type"),
    "dyn": _signature("any", ""),
    "now": _signature("", "timestamp"),
    **dict.fromkeys(("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"), _DATE),
    **dict.fromkeys(("getHours", "getMinutes", "getSeconds", "getMilliseconds"), _PART),
}  # fmt: skip
"""What each parameter of a function takes, and what it gives."""

_SUMS: Final = {
    ("int", "int"): "int", ("uint", "uint"): "uint", ("double", "double"): "double",
    ("int", "double"): "double", ("double", "int"): "double",
}  # fmt: skip
_ORDERED: Final = ("string", "bytes", "bool", "timestamp", "duration")
_ORDERS: Final = {
    **dict.fromkeys(product(NUMBERS, NUMBERS), "bool"),
    **{(kind, kind): "bool" for kind in _ORDERED},
}
OPERATORS: Final[Mapping[str, Mapping[tuple[str, str], str]]] = {
    "+": {
        **_SUMS,
        **{(kind, kind): kind for kind in ("string", "bytes", "list", "duration")},
        ("timestamp", "duration"): "timestamp",
        ("duration", "timestamp"): "timestamp",
    },
    "-": {
        **_SUMS,
        ("timestamp", "duration"): "timestamp",
        ("timestamp", "timestamp"): "duration",
        ("duration", "duration"): "duration",
    },
    "*": _SUMS,
    "/": _SUMS,
    "%": {("int", "int"): "int", ("uint", "uint"): "uint"},
    **dict.fromkeys(("<", "<=", ">", ">="), _ORDERS),
}
"""For the types of both sides that of the result; `==`, `!=` and `in` stand apart."""
