"""Events counted by the values of some fields: so many groups and no more."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from penstock.expressions import MISSING
from penstock.processors.accumulators import LONGEST, Accumulator, short

_LARGEST: Final = 1e300
"""Numbers beyond it are not added up: the sum would be none."""


@dataclass(frozen=True, slots=True)
class Value:
    """A field of the summary."""

    name: str
    field: str
    """Of the events; empty: the events themselves are counted."""
    make: Callable[[], Accumulator]


class _Truth:
    """Stands for true or false among the keys, where they would be equal to 1 and 0."""

    def __init__(self, *, value: bool) -> None:
        self.value = value


_TRUTHS: Final = {True: _Truth(value=True), False: _Truth(value=False)}


class _Group:
    __slots__ = ("accumulators", "count")

    def __init__(self, values: Sequence[Value]) -> None:
        self.count = 0
        self.accumulators = [value.make() for value in values]


class Groups:
    """Adds events by columns, a slice at a time; `rows` is what has come of them."""

    def __init__(self, by: Sequence[str], values: Sequence[Value], most: int) -> None:
        self.fields: Sequence[str] = list(
            dict.fromkeys([*by, *(value.field for value in values if value.field)])
        )
        """Whose columns `add` gets, in this order."""
        self._by = by
        self._values = values
        self._most = most
        self._by_field = {
            field: [number for number, value in enumerate(values) if value.field == field]
            for field in dict.fromkeys(value.field for value in values if value.field)
        }
        self._groups: dict[Any, _Group] = {}
        self._other: _Group | None = None

    @property
    def overflowed(self) -> int:
        """Events of further groups."""
        return 0 if self._other is None else self._other.count

    def add(self, columns: Sequence[Sequence[Any]], count: int) -> Mapping[str, int]:
        """So many events; returns by field how many values were no numbers where numbers are needed."""
        named = dict(zip(self.fields, columns, strict=True))
        keys = self._keys(named, count)
        counts = Counter(keys)
        groups = {key: self._group(key) for key in counts}
        for key, events in counts.items():
            groups[key].count += events
        odd: dict[str, int] = {}
        for field, numbers in self._by_field.items():
            column = named[field]
            parts = {keys[0]: column} if len(groups) == 1 else _parts(keys, column, groups)
            wrong = sum([self._feed(groups[key], numbers, part) for key, part in parts.items()])
            if wrong:
                odd[field] = wrong
        return odd

    def rows(self) -> list[dict[str, Any]]:
        """One for each group, in the order of their first events."""
        rows = []
        for key, group in self._groups.items():
            parts = key if len(self._by) > 1 else (key,)
            fields = {
                name: part.value if isinstance(part, _Truth) else part
                for name, part in zip(self._by, parts, strict=False)
                if part is not MISSING
            }
            rows.append(fields | self._results(group))
        if self._other is not None:
            rows.append({"other": True} | self._results(self._other))
        return rows

    def _keys(self, named: Mapping[str, Sequence[Any]], count: int) -> Sequence[Any]:
        columns = [_key_column(named[name]) for name in self._by]
        if not columns:
            return [None] * count
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))

    def _group(self, key: Any) -> _Group:
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) < self._most:
                group = self._groups[key] = _Group(self._values)
            else:
                group = self._other = self._other or _Group(self._values)
        return group

    def _feed(self, group: _Group, numbers: Sequence[int], column: Sequence[Any]) -> int:
        """Returns how many values are no numbers and should be."""
        kinds = set(map(type, column))
        values = column
        if kinds - {int, float, str}:
            values = [value for value in column if value is not MISSING and value is not None]
        good, wrong = values, 0
        if any(group.accumulators[number].numeric for number in numbers):
            good = _numbers(values)
            wrong = len(values) - len(good)
        for number in numbers:
            accumulator = group.accumulators[number]
            if some := good if accumulator.numeric else values:
                accumulator.add(some)
        return wrong

    def _results(self, group: _Group) -> dict[str, Any]:
        results = {}
        for value, accumulator in zip(self._values, group.accumulators, strict=True):
            result = accumulator.result() if value.field else group.count
            if result is not None:
                results[value.name] = result
        return results


def _parts(
    keys: Sequence[Any], column: Sequence[Any], groups: Mapping[Any, _Group]
) -> Mapping[Any, Sequence[Any]]:
    parts: dict[Any, list[Any]] = {key: [] for key in groups}
    for key, value in zip(keys, column, strict=True):
        parts[key].append(value)
    return parts


def _numbers(values: Sequence[Any]) -> Sequence[float]:
    if not set(map(type, values)) <= {int, float}:
        values = [value for value in values if type(value) in (int, float)]
    if values and (min(values) <= -_LARGEST or max(values) >= _LARGEST):
        values = [value for value in values if -_LARGEST < value < _LARGEST]
    return values


def _key_column(column: Sequence[Any]) -> Sequence[Any]:
    if set(map(type, column)) == {str} and max(map(len, column)) <= LONGEST:
        return column
    return [_TRUTHS[value] if isinstance(value, bool) else short(value) for value in column]
