"""What is asked of every element of a list or every key of a map."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from penstock.expressions.errors import EvalError
from penstock.expressions.operators import truth
from penstock.expressions.values import MISSING, is_absent, kind_name

MOST: Final = (1000, 100)
"""Elements that are looked at, and where one loop stands in another those of the inner one."""

Body = Callable[[Any], Any]


def holds_for_all(items: Any, depth: int, body: Body) -> bool:
    """Errors count only where no element decides it."""
    return not _any_of(items, depth, lambda item: not truth(body(item)))


def holds_for_any(items: Any, depth: int, body: Body) -> bool:
    """The same."""
    return _any_of(items, depth, lambda item: truth(body(item)))


def holds_for_one(items: Any, depth: int, body: Body) -> bool:
    """For one and no more."""
    return sum([truth(body(item)) for item in _elements(items, depth)]) == 1


def those_of(items: Any, depth: int, body: Body) -> Any:
    """A list of the elements for which it holds."""
    return MISSING if is_absent(items) else [item for item in _elements(items, depth) if truth(body(item))]


def mapped(items: Any, depth: int, body: Body) -> Any:
    """A list of what becomes of the elements."""
    return MISSING if is_absent(items) else [body(item) for item in _elements(items, depth)]


def mapped_where(items: Any, depth: int, condition: Body, body: Body) -> Any:
    """The same of those for which the condition holds."""
    if is_absent(items):
        return MISSING
    return [body(item) for item in _elements(items, depth) if truth(condition(item))]


def _any_of(items: Any, depth: int, asks: Callable[[Any], bool]) -> bool:
    error: EvalError | None = None
    for item in _elements(items, depth):
        try:
            if asks(item):
                return True
        except EvalError as exc:
            error = error or exc
    if error is not None:
        raise error
    return False


def _elements(items: Any, depth: int) -> Iterator[Any]:
    if is_absent(items):
        return iter(())
    if items.__class__ not in (list, dict):
        raise EvalError(f"only lists and maps have elements, not {kind_name(items)}")
    most = MOST[min(depth, len(MOST) - 1)]
    if len(items) > most:
        raise EvalError(
            f"a list of {len(items)} elements is too long to be gone through: {most} are the most"
        )
    return iter(items)
