"""The functions by their names: how many arguments they take, and whether the answer is true or false."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from penstock.expressions import convert, text
from penstock.expressions.errors import EvalError
from penstock.expressions.times import SECOND, milliseconds, part_of
from penstock.expressions.values import MISSING, Duration, Timestamp, is_absent, kind_name


@dataclass(frozen=True, slots=True)
class Function:
    """One function; `a.f(b)` is `f(a, b)`."""

    call: Callable[..., Any]
    least: int
    most: int
    asks: bool = False
    """It answers true or false, always."""


def _of_time(name: str, part: Callable[[Timestamp | Duration, str], int]) -> Function:
    def call(value: Any, zone: Any = "UTC") -> Any:
        if isinstance(value, Timestamp | Duration) and isinstance(zone, str):
            return part(value, zone)
        if is_absent(value):
            return MISSING
        raise EvalError(f"{name}() does not take {kind_name(value)}: write timestamp(field).{name}()")

    return Function(call, 1, 2)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "contains": Function(text.contains, 2, 2, asks=True),
    "startsWith": Function(text.starts_with, 2, 2, asks=True),
    "endsWith": Function(text.ends_with, 2, 2, asks=True),
    "matches": Function(text.matches, 2, 2, asks=True),
    "lower": Function(text.lower, 1, 1),
    "upper": Function(text.upper, 1, 1),
    "lowerAscii": Function(text.lower_ascii, 1, 1),
    "upperAscii": Function(text.upper_ascii, 1, 1),
    "trim": Function(text.trim, 1, 1),
    "split": Function(text.split, 2, 3),
    "join": Function(text.join, 1, 2),
    "replace": Function(text.replace, 3, 4),
    "substring": Function(text.substring, 2, 3),
    "indexOf": Function(text.index_of, 2, 3),
    "lastIndexOf": Function(text.last_index_of, 2, 3),
    "charAt": Function(text.char_at, 2, 2),
    "size": Function(convert.size, 1, 1),
    "int": Function(convert.to_int, 1, 1),
    "uint": Function(convert.to_uint, 1, 1),
    "double": Function(convert.to_double, 1, 1),
    "string": Function(convert.to_string, 1, 1),
    "bytes": Function(convert.to_bytes, 1, 1),
    "bool": Function(convert.to_bool, 1, 1),
    "timestamp": Function(convert.to_timestamp, 1, 1),
    "duration": Function(convert.to_duration, 1, 1),
    "type": Function(convert.type_of, 1, 1),
    "dyn": Function(convert.same, 1, 1),
    "now": Function(convert.now, 0, 0),
    "getFullYear": _of_time("getFullYear", part_of(lambda at: at.year)),
    "getMonth": _of_time("getMonth", part_of(lambda at: at.month - 1)),
    "getDate": _of_time("getDate", part_of(lambda at: at.day)),
    "getDayOfMonth": _of_time("getDayOfMonth", part_of(lambda at: at.day - 1)),
    "getDayOfWeek": _of_time("getDayOfWeek", part_of(lambda at: at.isoweekday() % 7)),
    "getDayOfYear": _of_time("getDayOfYear", part_of(lambda at: at.timetuple().tm_yday - 1)),
    "getHours": _of_time("getHours", part_of(lambda at: at.hour, 3600 * SECOND)),
    "getMinutes": _of_time("getMinutes", part_of(lambda at: at.minute, 60 * SECOND)),
    "getSeconds": _of_time("getSeconds", part_of(lambda at: at.second, SECOND)),
    "getMilliseconds": _of_time("getMilliseconds", milliseconds),
}
