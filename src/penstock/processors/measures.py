"""What `aggregate` works out of the events of a group."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, Literal, Protocol

from pydantic import Field, model_validator

from penstock.fields import Model
from penstock.processors.keys import hashable
from penstock.processors.sketch import Sketch

MOST_DISTINCT: Final = 10_000
"""Values that are told apart in one group."""

Function = Literal["count", "sum", "avg", "min", "max", "first", "last", "distinct", "percentile"]


class MeasureSettings(Model):
    """One value: `count`, or one of the others over a field."""

    function: Function
    """`sum`, `avg`, `min`, `max` and `percentile` of numbers (others are passed over); `first` and `last` of any values;
    `distinct` counts different values, up to 10,000."""
    field: str = ""
    """The field; `count` with one counts the events that have it."""
    q: float = Field(default=50, ge=0, le=100)
    """Of `percentile`: 99 for the value below which 99 % lie, within 1 % of it."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """`count`, `{max: duration_ms}`, `{percentile: duration_ms, q: 99}`."""
        if isinstance(value, str):
            return {"function": value}
        if isinstance(value, dict) and "function" not in value:
            names = [name for name in value if name != "q"]
            if len(names) == 1:
                return {
                    "function": names[0],
                    "field": value[names[0]],
                    **{k: v for k, v in value.items() if k == "q"},
                }
        return value

    @model_validator(mode="after")
    def _has_field(self) -> "MeasureSettings":
        if self.function != "count" and not self.field:
            raise ValueError(f"{self.function} needs a field: write {{{self.function}: duration_ms}}")
        return self


class Measure(Protocol):
    """One value in the making."""

    @abstractmethod
    def add(self, value: Any) -> None:
        """What one event has in the field; it has such a field."""

    @abstractmethod
    def value(self) -> Any:
        """What it has come to; `None` where there was nothing."""


class Count:
    """How many."""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Any) -> None:
        self._count += 1

    def value(self) -> Any:
        return self._count


class Total:
    """Their sum, or their mean."""

    __slots__ = ("_count", "_mean", "_sum")

    def __init__(self, *, mean: bool) -> None:
        self._sum: float = 0
        self._count = 0
        self._mean = mean

    def add(self, value: Any) -> None:
        if is_number(value):
            self._sum += value
            self._count += 1

    def value(self) -> Any:
        if not self._count or not isfinite(self._sum):
            return None
        return self._sum / self._count if self._mean else self._sum


class Extreme:
    """The least, or the greatest."""

    __slots__ = ("_better", "_value")

    def __init__(self, better: Callable[[Any, Any], Any]) -> None:
        self._better = better
        self._value: Any = None

    def add(self, value: Any) -> None:
        if is_number(value):
            self._value = value if self._value is None else self._better(self._value, value)

    def value(self) -> Any:
        return self._value


class Edge:
    """The first, or the last."""

    __slots__ = ("_any", "_last", "_value")

    def __init__(self, *, last: bool) -> None:
        self._last = last
        self._any = False
        self._value: Any = None

    def add(self, value: Any) -> None:
        if self._last or not self._any:
            self._any, self._value = True, value

    def value(self) -> Any:
        return self._value


class Distinct:
    """How many different ones."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def add(self, value: Any) -> None:
        if len(self._seen) < MOST_DISTINCT:
            self._seen.add(hash(hashable(value)))

    def value(self) -> Any:
        return len(self._seen)


class Percentile:
    """The value below which a share of them lies."""

    __slots__ = ("_percent", "_sketch")

    def __init__(self, percent: float) -> None:
        self._percent = percent
        self._sketch = Sketch()

    def add(self, value: Any) -> None:
        if is_number(value):
            self._sketch.add(value)

    def value(self) -> Any:
        return self._sketch.percentile(self._percent)


def is_number(value: Any) -> bool:
    """A finite number, and no bool."""
    return (value.__class__ is int and -(2**63) <= value < 2**63) or (
        value.__class__ is float and isfinite(value)
    )


def maker(settings: MeasureSettings) -> Callable[[], Measure]:
    """Makes such measures, one for each group."""
    made: Mapping[Function, Callable[[], Measure]] = {
        "count": Count,
        "sum": lambda: Total(mean=False),
        "avg": lambda: Total(mean=True),
        "min": lambda: Extreme(min),
        "max": lambda: Extreme(max),
        "first": lambda: Edge(last=False),
        "last": lambda: Edge(last=True),
        "distinct": Distinct,
        "percentile": lambda: Percentile(settings.q),
    }
    return made[settings.function]
