"""Processors that have metrics of their own to tell, beside those that every processor has."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from penstock.metrics import Histogram
from penstock.processors.base import Processor

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Declared:
    """What must be the same wherever a name is used."""

    name: str
    kind: Kind
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """One name under `/metrics`, with a series for each combination of labels."""

    declared: Declared
    help: str
    series: Sequence[tuple[Mapping[str, str], float | Histogram]]


@runtime_checkable
class Measuring(Protocol):
    """A processor with metrics."""

    @abstractmethod
    def families(self) -> Sequence[Family]:
        """As they are now; bounded. No name begins with `penstock_`, no label is `destination`."""


@runtime_checkable
class MeasuringSettings(Protocol):
    """The settings of one."""

    @abstractmethod
    def declared(self) -> Sequence[Declared]:
        """What it will tell."""


def measured(processors: Iterable[Processor]) -> Sequence[Family]:
    """All that these have to tell."""
    return [family for one in processors if isinstance(one, Measuring) for family in one.families()]
