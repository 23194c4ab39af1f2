"""One metric, and its series."""

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any, ClassVar, Final

from penstock.columns import as_text
from penstock.expressions import MISSING
from penstock.metrics import Histogram
from penstock.processors.accumulators import Accumulator, Count, Sum, short
from penstock.processors.groups import Groups, Value
from penstock.processors.measuring import Declared, Family

_VALUE: Final = " "
"""The column with the numbers; no label is called so."""


class Latest:
    """The number that came last."""

    numeric: ClassVar[bool] = True

    def __init__(self) -> None:
        self._value: float | None = None

    def add(self, values: Sequence[float]) -> None:
        self._value = values[-1]

    def result(self) -> Any:
        return self._value


class Observed:
    """How many numbers fell into each bucket."""

    numeric: ClassVar[bool] = True

    def __init__(self, buckets: Sequence[float]) -> None:
        self._histogram = Histogram(buckets)

    def add(self, values: Sequence[float]) -> None:
        observe = self._histogram.observe
        for value in values:
            observe(value)

    def result(self) -> Any:
        return self._histogram if self._histogram.count else None


class Meter:
    """Counts, adds, keeps or spreads what it gets by columns: those of the labels in their order, then the numbers."""

    def __init__(self, declared: Declared, help_: str, *, valued: bool, most: int) -> None:
        """Without `valued` it counts events, and gets no numbers."""
        self._declared = declared
        self._help = help_
        self._valued = valued
        self._labels = len(declared.labels)
        self._most = most
        self._only_up = declared.kind == "counter"
        make = _maker(declared, valued=valued)
        self._groups = Groups(declared.labels, [Value(_VALUE, _VALUE if valued else "", make)], most)

    def add(
        self, columns: Sequence[Sequence[Any]], count: int, wanted: Sequence[object] | None
    ) -> tuple[int, str]:
        """Only of the events that are wanted; how many were left out for another reason, and which."""
        if wanted is not None:
            columns = [list(compress(column, wanted)) for column in columns]
            count = sum(map(bool, wanted))
        if not count:
            return 0, ""
        labels = [_label_column(column) for column in columns[: self._labels]]
        before = self._groups.overflowed
        if not self._valued:
            self._groups.add(labels, count)
            wrong = 0
        else:
            numbers, down = self._numbers(columns[-1])
            wrong = down + sum(self._groups.add([*labels, numbers], count).values())
        over = self._groups.overflowed - before
        if over:
            return over + wrong, f"{self._declared.name} has {self._most} series, further ones are left out"
        return wrong, f"{self._declared.name}: a value is no number that it takes" if wrong else ""

    def family(self) -> Family:
        series = [
            ({name: row[name] for name in self._declared.labels}, row[_VALUE])
            for row in self._groups.rows()
            if _VALUE in row and row.get("other") is not True
        ]
        return Family(self._declared, self._help, series)

    def _numbers(self, column: Sequence[Any]) -> tuple[Sequence[Any], int]:
        if not self._only_up:
            return column, 0
        down = [isinstance(value, int | float) and value < 0 for value in column]
        if not any(down):
            return column, 0
        return [MISSING if is_down else value for value, is_down in zip(column, down, strict=True)], sum(down)


def _maker(declared: Declared, *, valued: bool) -> Callable[[], Accumulator]:
    if declared.kind == "histogram":
        return lambda: Observed(declared.buckets)
    if declared.kind == "gauge":
        return Latest
    return Sum if valued else Count


def _label_column(column: Sequence[Any]) -> Sequence[str]:
    if set(map(type, column)) == {str}:
        return column
    return [_label(value) for value in column]


def _label(value: Any) -> str:
    if value is MISSING or value is None:
        return ""  # to Prometheus, the same as no label
    text = as_text(value)
    return str(short(value)) if text is None else text
