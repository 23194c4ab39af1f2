"""Examples of processors: they stand on the reference page, and they are run as tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """What a processor with these settings makes of these events."""

    settings: Mapping[str, Any]
    """Without `type`."""
    given: Sequence[Mapping[str, Any]]
    gives: Sequence[Mapping[str, Any]]
    note: str = ""
    """A sentence for the page, where the example does not speak for itself."""
