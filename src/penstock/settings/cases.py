"""Tests of a configuration: these events in, those out."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from penstock.fields import Model


class Case(Model):
    """One test: what becomes of some events on their way to a destination, or into the journal."""

    name: Annotated[str, Field(min_length=1)]
    """Shown when it fails."""
    at: str = ""
    """The destination whose `match` and processors the events go through, behind those before the journal; empty: only
    the latter."""
    given: Annotated[Sequence[Mapping[str, Any] | str], Field(min_length=1)]
    """The events; text is a line as a source gets it. All arrive at 2026-01-01T00:00:00Z, and then time goes by."""
    gives: Sequence[Mapping[str, Any]]
    """What must come out, in this order; `[]`: nothing."""
    partly: bool = False
    """The events may have more fields than are told here."""
