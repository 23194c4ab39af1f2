"""Gives events a label by conditions, for `match` of destinations to read."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from penstock.expressions import Condition
from penstock.fields import Model
from penstock.processors.asked import Asked, first_of
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.fields_at import Place
from penstock.processors.shown import Shown


class Route(Model):
    """One label."""

    name: str
    """Written into the event."""
    where: Condition
    """For events for which this [expression](expressions.md) is true, and no route before it has been."""


class RouteSettings(ProcessorSettings):
    """Gives each event the label of the first condition that holds.

    Before the journal it decides once for all destinations: theirs is `match: 'route == "audit"'`.
    """

    type: Literal["route"]
    routes: Annotated[Sequence[Route], Field(min_length=1)]
    """In order."""
    otherwise: str = ""
    """For all other events; empty: they get no label."""
    field: Annotated[str, Field(min_length=1)] = "route"
    """Where the label is written; what was there goes."""

    shown = (
        Shown(
            settings={
                "routes": [
                    {"name": "audit", "where": 'logger.startsWith("audit.")'},
                    {"name": "alarm", "where": 'level in ["error", "fatal"]'},
                ],
                "otherwise": "rest",
            },
            given=[{"logger": "audit.login", "level": "error"}, {"level": "fatal"}, {"level": "info"}],
            gives=[
                {"logger": "audit.login", "level": "error", "route": "audit"},
                {"level": "fatal", "route": "alarm"},
                {"level": "info", "route": "rest"},
            ],
        ),
    )

    def build(self, context: ProcessorContext) -> Processor:
        return Router(self)


class Router:
    """See `RouteSettings`."""

    def __init__(self, settings: RouteSettings) -> None:
        self._routes = [(route.name, Asked(route.where)) for route in settings.routes]
        self._otherwise = settings.otherwise
        self._place = Place(settings.field)

    def process(self, events: Events) -> None:
        labels = first_of(events, self._routes, self._otherwise)
        place = self._place
        for event, label in zip(events.edit(), labels, strict=True):
            if label:
                place.make(event)[place.name] = label
