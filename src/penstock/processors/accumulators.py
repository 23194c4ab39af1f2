"""What is worked out of the values that a field has in one group of one window."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol

import msgspec

from penstock.processors.sketches import Distinct, Frequent, Percentiles

LONGEST: Final = 1024
"""Characters of a text that is kept; the rest is cut off."""
_MOST: Final = 2**63
_ENCODE: Final = msgspec.json.Encoder().encode


class Accumulator(Protocol):
    """Gets the values of a group slice by slice, none of them missing or null."""

    numeric: ClassVar[bool]
    """It gets numbers only."""

    def add(self, values: Sequence[Any]) -> None:
        """One at least."""

    def result(self) -> Any:
        """What JSON has; none: nothing was added, and the field is left out."""


class Count:
    """How many there were."""

    numeric: ClassVar[bool] = False

    def __init__(self) -> None:
        self._count = 0

    def add(self, values: Sequence[Any]) -> None:
        self._count += len(values)

    def result(self) -> Any:
        return self._count


class Sum:
    """All together."""

    numeric: ClassVar[bool] = True

    def __init__(self) -> None:
        self._sum: float = 0
        self._count = 0

    def add(self, values: Sequence[float]) -> None:
        self._sum += sum(values)
        self._count += len(values)

    def result(self) -> Any:
        return plain_number(self._sum) if self._count else None


class Average(Sum):
    """The arithmetic mean."""

    def result(self) -> Any:
        return plain_number(self._sum / self._count) if self._count else None


class Extreme:
    """The least or the greatest."""

    numeric: ClassVar[bool] = True

    def __init__(self, pick: Callable[[Sequence[float]], float]) -> None:
        self._pick = pick
        self._value: float | None = None

    def add(self, values: Sequence[float]) -> None:
        value = self._pick(values)
        self._value = value if self._value is None else self._pick((self._value, value))

    def result(self) -> Any:
        return None if self._value is None else plain_number(self._value)


class First:
    """What came first."""

    numeric: ClassVar[bool] = False

    def __init__(self) -> None:
        self._value: Any = None

    def add(self, values: Sequence[Any]) -> None:
        if self._value is None:
            self._value = short(values[0])

    def result(self) -> Any:
        return self._value


class Last(First):
    """What came last."""

    def add(self, values: Sequence[Any]) -> None:
        self._value = short(values[-1])


class Different:
    """How many different ones."""

    numeric: ClassVar[bool] = False

    def __init__(self) -> None:
        self._sketch = Distinct()

    def add(self, values: Sequence[Any]) -> None:
        self._sketch.add(set(texts_of(values)))

    def result(self) -> Any:
        return self._sketch.count()


class Top:
    """The most frequent, with how often each came."""

    numeric: ClassVar[bool] = False

    def __init__(self, n: int) -> None:
        self._n = n
        self._sketch = Frequent()

    def add(self, values: Sequence[Any]) -> None:
        self._sketch.add(texts_of(values))

    def result(self) -> Any:
        return [{"value": value, "count": count} for value, count in self._sketch.most(self._n)]


class Percentile:
    """The number that so many percent are not above."""

    numeric: ClassVar[bool] = True

    def __init__(self, q: float) -> None:
        self._q = q
        self._sketch: Percentiles | None = None

    def add(self, values: Sequence[float]) -> None:
        self._sketch = self._sketch or Percentiles()
        self._sketch.add(values)

    def result(self) -> Any:
        return None if self._sketch is None else plain_number(self._sketch.at(self._q))


MAKERS: Final[Mapping[str, Callable[[float, int], Accumulator]]] = {
    "count": lambda _, __: Count(),
    "sum": lambda _, __: Sum(),
    "min": lambda _, __: Extreme(min),
    "max": lambda _, __: Extreme(max),
    "avg": lambda _, __: Average(),
    "first": lambda _, __: First(),
    "last": lambda _, __: Last(),
    "distinct": lambda _, __: Different(),
    "top": lambda _, n: Top(n),
    "percentile": lambda q, _: Percentile(q),
}
"""By name, made from `q` and `n`."""


def plain_number(number: float) -> float:
    """As every reader of JSON takes it."""
    return float(number) if isinstance(number, int) and not -_MOST <= number < _MOST else number


def short(value: Any) -> Any:
    """The value, or as much of it as is worth keeping; objects and lists as their JSON."""
    if isinstance(value, dict | list):
        value = _json(value)
    return value[:LONGEST] if isinstance(value, str) else value


def texts_of(values: Sequence[Any]) -> list[str]:
    """The values as texts: strings as they are, the rest as JSON."""
    if set(map(type, values)) == {str} and max(map(len, values)) <= LONGEST:
        return list(values)
    return [(value if isinstance(value, str) else _json(value))[:LONGEST] for value in values]


def _json(value: Any) -> str:
    try:
        return _ENCODE(value).decode()
    except RecursionError:  # it was read on a lower floor of the stack
        return "…"
