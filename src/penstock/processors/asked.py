"""Expressions, asked of many events at once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from penstock.columns import Columns
from penstock.expressions import MISSING, EvalError, Expression
from penstock.processors.events import Events


class Asked:
    """One expression. Where nothing has been decoded yet, only the fields that it names are."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self._columns = Columns(expression.fields, MISSING)

    def of(self, events: Events) -> tuple[list[Any], dict[int, str]]:
        """Its value for each, `MISSING` where it cannot be worked out; and by index what went wrong with those."""
        expression = self._expression
        if expression.whole:
            return _each(expression.function, [(event,) for event in events.read()])
        if not expression.fields:
            return _each(expression.function, [()] * events.count)
        columns = events.columns(self._columns)
        try:
            return list(map(expression.function, *columns)), {}
        except EvalError:
            return _each(expression.function, zip(*columns, strict=True))


def first_of(events: Events, rules: Sequence[tuple[str, Asked]], otherwise: str) -> list[str]:
    """For each event the name of the first rule that holds. One that cannot be worked out does not; that is counted."""
    names = [otherwise] * events.count
    failed: dict[int, str] = {}
    for name, where in reversed(rules):  # the first has the last word
        holds, errors = where.of(events)
        failed |= errors
        names = [name if one is True else before for one, before in zip(holds, names, strict=True)]
    events.fail_each(failed)
    return names


def _each(function: Callable[..., Any], rows: Iterable[tuple[Any, ...]]) -> tuple[list[Any], dict[int, str]]:
    values: list[Any] = []
    failed: dict[int, str] = {}
    for index, row in enumerate(rows):
        try:
            values.append(function(*row))
        except EvalError as exc:
            failed[index] = str(exc)
            values.append(MISSING)
    return values, failed
