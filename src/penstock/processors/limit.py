"""Cuts long text, so that one field cannot make an event too large for a service."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.fields_at import Place
from penstock.processors.shown import Shown


class LimitSettings(ProcessorSettings):
    """Cuts long text in fields, with a mark where it was cut."""

    type: Literal["limit"]
    max_length: Annotated[int, Field(ge=1)] = 16384
    """Characters of a text at most, the mark not counted."""
    fields: Sequence[str] = ()
    """Only these fields, with all that is inside them; empty: every text of the event, however deep."""
    mark: str = "…[cut]"
    """Stands where the text was cut."""

    shown = (
        Shown(
            settings={"max_length": 10},
            given=[{"message": "a short one"}, {"message": "short", "context": {"body": "0123456789abc"}}],
            gives=[
                {"message": "a short on…[cut]"},
                {"message": "short", "context": {"body": "0123456789…[cut]"}},
            ],
        ),
        Shown(
            settings={"max_length": 4, "fields": ["context.body"], "mark": ""},
            given=[{"message": "stays as it is", "context": {"body": "cut here"}}],
            gives=[{"message": "stays as it is", "context": {"body": "cut "}}],
        ),
    )

    def build(self, context: ProcessorContext) -> Processor:
        return Limit(self)


class Limit:
    """See `LimitSettings`."""

    def __init__(self, settings: LimitSettings) -> None:
        self._most = settings.max_length
        self._mark = settings.mark
        self._places = [Place(path) for path in settings.fields]

    def process(self, events: Events) -> None:
        # No event has a longer text than its line: most slices need not be decoded at all.
        if max(map(len, events.lines())) <= self._most:
            return
        for event in events.edit():
            if not self._places:
                self._within(event)
            for place in self._places:
                inner = place.within(event)
                if inner is not None:
                    inner[place.name] = self._cut(inner[place.name])

    def _cut(self, value: Any) -> Any:
        if isinstance(value, str):
            return value[: self._most] + self._mark if len(value) > self._most else value
        self._within(value)
        return value

    def _within(self, value: Any) -> None:
        waiting = [value]
        while waiting:
            value = waiting.pop()
            items = (
                value.items()
                if isinstance(value, dict)
                else enumerate(value)
                if isinstance(value, list)
                else ()
            )
            for key, inner in items:
                if isinstance(inner, str):
                    if len(inner) > self._most:
                        value[key] = inner[: self._most] + self._mark
                elif isinstance(inner, dict | list):
                    waiting.append(inner)
