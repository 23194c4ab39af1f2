"""Tests of a configuration: these events in, those out."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

import msgspec
from pydantic import AfterValidator, Field, model_validator

from penstock.fields import Model
from penstock.processors.base import ProcessorSettings


def _json(events: Sequence[Any]) -> Sequence[Any]:
    """As they would come over the wire: YAML has more than JSON, such as dates and numbers of any size."""
    try:
        plain: Sequence[Any] = msgspec.json.decode(msgspec.json.encode(events))
    except (ValueError, TypeError, OverflowError, RecursionError) as exc:
        raise ValueError(f"holds what JSON cannot say: {exc}") from exc
    return plain


class Case(Model):
    """One test: what becomes of some events on their way to a destination, or into the journal."""

    name: Annotated[str, Field(min_length=1)]
    """Shown when it fails."""
    at: str = ""
    """The destination whose `match` and processors the events go through, behind those before the journal; empty: only
    the latter."""
    processors: Sequence[ProcessorSettings] = ()
    """In place of all those: what these alone do."""
    given: Annotated[Sequence[Mapping[str, Any] | str], Field(min_length=1), AfterValidator(_json)]
    """The events; text is a line as a source gets it. All arrive at 2026-01-01T00:00:00Z, and then time goes by."""
    gives: Annotated[Sequence[Mapping[str, Any]], AfterValidator(_json)]
    """What must come out, in this order; `[]`: nothing."""
    partly: bool = False
    """The events may have more fields than are told here."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.at and self.processors:
            raise ValueError(
                "has both at and processors: a test is of a destination or of processors of its own"
            )
        return self
