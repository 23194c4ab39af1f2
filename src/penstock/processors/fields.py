"""Changes fields: renames, copies, moves, removes, sets and computes them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from penstock.expressions import MISSING, ExpressionField, plain
from penstock.fields import Model
from penstock.processors import fields_changes as changes
from penstock.processors.asked import Asked
from penstock.processors.base import OnError, Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.fields_at import Place
from penstock.processors.fields_examples import SHOWN
from penstock.processors.flat import flatten, nest
from penstock.processors.on_error import no_dead_letters, settle_failed

Path = Annotated[str, Field(min_length=1)]


class Under(Model):
    """Fields that are moved into one object."""

    name: Path
    """The object's path; it is made where there is none."""
    fields: Sequence[Path] = ()
    """Those to be moved; empty: all but the `except` ones."""
    but: Sequence[str] = Field(default=("timestamp", "level", "message"), alias="except")
    """With no `fields`: those that stay where they are."""


class FieldsSettings(ProcessorSettings):
    """Changes fields, in the order in which the keys stand here, whatever their order in the configuration."""

    type: Literal["fields"]
    rename: Mapping[Path, Path] = {}
    """Old name to new; what was under the new name goes."""
    copy_to: Mapping[Path, Path] = Field(default={}, alias="copy")
    """From field to field; the second has the same value."""
    remove: Sequence[Path] = ()
    """These go."""
    keep: Sequence[Path] = ()
    """All but these go; empty: nothing goes. What the steps below add stays."""
    under: Under | None = None
    """Moves fields into one object."""
    default: Mapping[Path, Any] = {}
    """Set where the field is missing or null."""
    set_to: Mapping[Path, Any] = Field(default={}, alias="set")
    """Set, whatever was there."""
    compute: Mapping[Path, ExpressionField] = {}
    """Set to what an [expression](expressions.md) comes to; a field whose value is missing is not set. Each sees what
    the ones before it have set."""
    flatten: str = ""
    """With this between the names, objects become fields of the event: `.` makes `context.id` of `context: {id: 1}`."""
    nest: str = ""
    """The opposite: names with this in them become objects."""
    on_error: OnError = "keep"
    """Where an expression cannot be worked out; with `keep` the event goes on without that field."""

    shown = SHOWN

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.model_fields_set - {"type", "on_error"}:
            raise ValueError(
                "has nothing to do: say what to rename, copy, move, remove, keep, set or compute"
            )
        return self

    def misplaced(self) -> str:
        return super().misplaced() or no_dead_letters(self.on_error)

    def build(self, context: ProcessorContext) -> Processor:
        return Fields(self)


class Fields:
    """See `FieldsSettings`."""

    def __init__(self, settings: FieldsSettings) -> None:
        self._steps = changes.steps(settings)
        self._computed = [(Place(path), Asked(expression)) for path, expression in settings.compute.items()]
        self._on_error = settings.on_error
        self._flat, self._nest = settings.flatten, settings.nest

    def process(self, events: Events) -> None:
        rows = events.edit()
        for step in self._steps:
            step(rows)
        if self._computed:
            self._compute(events)
            rows = events.read()
        for event in rows if self._flat else ():
            flatten(event, self._flat)
        for event in rows if self._nest else ():
            nest(event, self._nest)

    def _compute(self, events: Events) -> None:
        failed: dict[int, str] = {}
        rows = events.read()
        for place, expression in self._computed:
            values, errors = expression.of(events)
            failed |= {
                index: f"{place.path}: {error}" for index, error in errors.items() if index not in failed
            }
            for event, value in zip(rows, values, strict=True):
                if value is not MISSING:
                    place.make(event)[place.name] = plain(value)
        settle_failed(events, failed, self._on_error)
