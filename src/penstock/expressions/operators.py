"""What the operators do when the program runs: for each pair of types, and for values that are absent.

A null or missing side makes a comparison false and arithmetic an error.
"""

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from penstock.expressions.errors import EvalError
from penstock.expressions.times import moment, span
from penstock.expressions.values import (
    ATOMS,
    MAX_INT,
    MAX_UINT,
    MIN_INT,
    MISSING,
    MOST_DEPTH,
    MOST_ITEMS,
    MOST_TEXT,
    NUMBERS,
    ORDERED,
    Duration,
    Timestamp,
    UInt,
    is_absent,
    kind_name,
)


def equal(a: Any, b: Any) -> bool:
    """`==`: values of different types differ, but numbers are compared by their value; missing equals null."""
    return a == b if a.__class__ is b.__class__ and a.__class__ in ATOMS else _equal(a, b, 0)


def unequal(a: Any, b: Any) -> bool:
    """`!=`."""
    return not equal(a, b)


def _equal(a: Any, b: Any, depth: int) -> bool:
    if is_absent(a) or is_absent(b):
        return is_absent(a) and is_absent(b)
    left, right = a.__class__, b.__class__
    if left is not right:
        return left in NUMBERS and right in NUMBERS and bool(a == b)
    if depth >= MOST_DEPTH:
        raise EvalError(f"== does not go more than {MOST_DEPTH} levels deep")
    if left is list:
        return len(a) == len(b) and all(_equal(x, y, depth + 1) for x, y in zip(a, b, strict=True))
    if left is dict:
        return len(a) == len(b) and all(key in b and _equal(a[key], b[key], depth + 1) for key in a)
    return bool(a == b)


def _ordering(symbol: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(a: Any, b: Any) -> bool:
        left, right = a.__class__, b.__class__
        if left in ORDERED if left is right else left in NUMBERS and right in NUMBERS:
            return compare(a, b)
        if is_absent(a) or is_absent(b):
            return False
        raise _refused(symbol, a, b)

    return ordered


less: Final = _ordering("<", operator.lt)
less_or_equal: Final = _ordering("<=", operator.le)
greater: Final = _ordering(">", operator.gt)
greater_or_equal: Final = _ordering(">=", operator.ge)


def contained(item: Any, container: Any) -> bool:
    """`in`: an element of a list, a key of a map."""
    if container.__class__ is list:
        return any(equal(item, one) for one in container)
    if container.__class__ is dict:
        return not is_absent(item) and at(container, item) is not MISSING
    if is_absent(container):
        return False
    hint = ": write text.contains(part)" if container.__class__ is str else ""
    raise EvalError(f"in does not look into {kind_name(container)}{hint}")


def at(container: Any, index: Any) -> Any:
    """`container[index]`; what is not there is missing."""
    if container.__class__ is dict:
        try:
            found = container.get(index, MISSING)
        except TypeError as exc:
            raise EvalError(f"a key cannot be {kind_name(index)}") from exc
        if index.__class__ is bool or index in (0, 1):  # for Python 1 and True are the same key
            return next((v for k, v in container.items() if equal(k, index)), MISSING)
        return found
    if container.__class__ is list:
        if (
            not isinstance(index, int | float)
            or isinstance(index, bool)
            or (index.__class__ is float and not index.is_integer())
        ):
            if is_absent(index):
                return MISSING
            raise EvalError(f"an index cannot be {kind_name(index)}")
        return container[int(index)] if 0 <= index < len(container) else MISSING
    if is_absent(container):
        return MISSING
    raise EvalError(f"[] does not look into {kind_name(container)}")


def select(container: Any, name: str) -> Any:
    """`container.name`; what has no fields has not this one."""
    return container.get(name, MISSING) if container.__class__ is dict else MISSING


def add(a: Any, b: Any) -> Any:
    """`+`: numbers, text, bytes, lists, times."""
    left, right = a.__class__, b.__class__
    if left is int and right is int:
        return _in_range("+", a + b)
    if left is right:
        if left is str or left is bytes or left is list:
            if len(a) + len(b) > (MOST_ITEMS if left is list else MOST_TEXT):
                raise EvalError(f"+ would build a {kind_name(a)} that is too long")
            return a + b
        if left is Duration:
            return span(a.ns + b.ns)
    elif (left is Timestamp and right is Duration) or (left is Duration and right is Timestamp):
        return moment(a.ns + b.ns)
    return _arithmetic("+", operator.add, a, b)


def subtract(a: Any, b: Any) -> Any:
    """`-`: numbers and times."""
    left, right = a.__class__, b.__class__
    if left is int and right is int:
        return _in_range("-", a - b)
    if left is Timestamp and right is Duration:
        return moment(a.ns - b.ns)
    if left is right and left in (Timestamp, Duration):
        return span(a.ns - b.ns)
    return _arithmetic("-", operator.sub, a, b)


def multiply(a: Any, b: Any) -> Any:
    """`*`."""
    return _arithmetic("*", operator.mul, a, b)


def divide(a: Any, b: Any) -> Any:
    """`/`: of two integers an integer, cut towards zero; of doubles what IEEE 754 says."""
    return _arithmetic("/", _quotient, a, b)


def modulo(a: Any, b: Any) -> Any:
    """`%`: of integers only; it has the sign of the left side."""
    if float in (a.__class__, b.__class__):
        raise _refused("%", a, b)
    return _arithmetic("%", _remainder, a, b)


def negate(a: Any) -> Any:
    """`-a`."""
    if a.__class__ is int:
        return _in_range("-", -a)
    if a.__class__ is float:
        return -a
    if a.__class__ is Duration:
        return span(-a.ns)
    raise EvalError(f"- does not take {kind_name(a)}")


def truth(value: Any) -> bool:
    """What a condition comes to: absent is false, and nothing but a bool is true."""
    if value is True or value is False:
        return bool(value)
    if is_absent(value):
        return False
    raise EvalError(f"a condition must be bool, not {kind_name(value)}")


def _arithmetic(symbol: str, function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    left, right = a.__class__, b.__class__
    if left is right and left in NUMBERS:
        return function(a, b) if left is float else _in_range(symbol, function(a, b), unsigned=left is UInt)
    if {left, right} == {int, float}:  # one field may be 12 in an event and 12.5 in the next
        return function(
            float(_in_range(symbol, a) if left is int else a),
            float(_in_range(symbol, b) if right is int else b),
        )
    raise _refused(symbol, a, b)


def _quotient(a: Any, b: Any) -> Any:
    if a.__class__ is float:
        if b:
            return a / b
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)
    if not b:
        raise EvalError("/ by zero")
    return abs(a) // abs(b) * (1 if (a < 0) is (b < 0) else -1)


def _remainder(a: int, b: int) -> int:
    if not b:
        raise EvalError("% by zero")
    return abs(a) % abs(b) * (-1 if a < 0 else 1)


def _in_range(symbol: str, result: Any, *, unsigned: bool = False) -> Any:
    if result.__class__ is float:
        return result
    if unsigned:
        if 0 <= result <= MAX_UINT:
            return UInt(result)
    elif MIN_INT <= result <= MAX_INT:
        return result
    raise EvalError(f"{symbol} goes beyond 64 bits")


def _refused(symbol: str, a: Any, b: Any) -> EvalError:
    return EvalError(f"{symbol} does not take {kind_name(a)} and {kind_name(b)}")
