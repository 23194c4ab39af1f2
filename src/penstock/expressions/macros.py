"""What is asked of every element of a list or every key of a map."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from penstock.expressions.errors import EvalError
from penstock.expressions.operators import truth
from penstock.expressions.values import MISSING, is_absent, kind_name

MOST_STEPS: Final = 10_000
"""Elements that all loops of one evaluation go through, and what counts as such: some milliseconds at most."""
_LOOKED_AT: Final = 1024
"""Characters that are searched in the time of a step."""
_BUILT: Final = 64
"""Characters that are kept for a step: together not more than one text may have."""

Left = list[int]
"""The steps that are left, in the one element."""
Body = Callable[[Any], Any]


def holds_for_all(items: Any, left: Left, body: Body) -> bool:
    """Errors count only where no element decides it."""
    return not _any_of(items, left, lambda item: not truth(body(item)))


def holds_for_any(items: Any, left: Left, body: Body) -> bool:
    """The same."""
    return _any_of(items, left, lambda item: truth(body(item)))


def holds_for_one(items: Any, left: Left, body: Body) -> bool:
    """For one and no more."""
    return sum([truth(body(item)) for item in _elements(items, left)]) == 1


def those_of(items: Any, left: Left, body: Body) -> Any:
    """A list of the elements for which it holds."""
    return MISSING if is_absent(items) else [item for item in _elements(items, left) if truth(body(item))]


def mapped(items: Any, left: Left, body: Body) -> Any:
    """A list of what becomes of the elements."""
    return MISSING if is_absent(items) else [body(item) for item in _elements(items, left)]


def mapped_where(items: Any, left: Left, condition: Body, body: Body) -> Any:
    """The same of those for which the condition holds."""
    if is_absent(items):
        return MISSING
    return [body(item) for item in _elements(items, left) if truth(condition(item))]


def _any_of(items: Any, left: Left, asks: Callable[[Any], bool]) -> bool:
    error: EvalError | None = None
    for item in _elements(items, left):
        try:
            if asks(item):
                return True
        except EvalError as exc:
            error = error or exc
    if error is not None:
        raise error
    return False


def _elements(items: Any, left: Left) -> Iterator[Any]:
    if is_absent(items):
        return iter(())
    if items.__class__ not in (list, dict):
        raise EvalError(f"only lists and maps have elements, not {kind_name(items)}")
    _take(left, len(items))
    return iter(items)


def looked_at(value: Any, left: Left) -> Any:
    """The value, once its length is counted: each element of a loop may search all of it."""
    if value.__class__ is str or value.__class__ is bytes:
        _take(left, len(value) // _LOOKED_AT)
    elif value.__class__ is list or value.__class__ is dict:
        _take(left, len(value))
    return value


def built(value: Any, left: Left) -> Any:
    """The value, once its length is counted: a loop may keep it for each of its elements."""
    if value.__class__ is str or value.__class__ is bytes:
        _take(left, len(value) // _BUILT)
    elif value.__class__ is list:
        _take(left, len(value))
    return value


def _take(left: Left, steps: int) -> None:
    left[0] -= steps
    if left[0] < 0:
        raise EvalError(f"the loops take more than {MOST_STEPS:,} steps")
