"""What a metric is: its name, what it means, and where its value is read.

`/metrics`, the reference page and the tests are made from the tables in `table_*.py`. Labels come from closed sets:
names in the configuration, and the reasons and outcomes that delivery knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from penstock.metrics import Histogram

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Summary:
    """How often, and how much altogether."""

    count: int
    sum: float


Value = float | Histogram | Summary | Mapping[str, float]
"""A mapping has one sample for each value of the metric's `by`."""


@dataclass(frozen=True, slots=True)
class Metric(Generic[T]):
    """One name under `/metrics`, read from a `T`."""

    name: str
    kind: Literal["counter", "gauge", "histogram", "summary"]
    help: str
    read: Callable[[T], Value]
    by: str = ""
    """The label by which a mapping is told apart, beside the one that names the `T`."""
