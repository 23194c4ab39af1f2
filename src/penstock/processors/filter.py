"""Lets through the events for which a condition holds; `match` of a destination is the same."""

from itertools import accumulate
from typing import Literal

from penstock.expressions import Condition, Expression
from penstock.processors.asked import Asked
from penstock.processors.base import OnError, Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.on_error import no_dead_letters
from penstock.processors.shown import Shown


class FilterSettings(ProcessorSettings):
    """Lets through the events for which a condition holds."""

    type: Literal["filter"]
    where: Condition
    """Events for which this [expression](expressions.md) is true go on; a field that is missing makes a comparison
    false."""
    on_error: OnError = "keep"
    """Where it cannot be worked out for an event (text is compared with a number, say)."""

    shown = (
        Shown(
            settings={"where": 'status >= 500 || level in ["error", "fatal"]'},
            given=[
                {"status": 503},
                {"status": 200, "level": "info"},
                {"level": "fatal"},
                {"message": "neither"},
            ],
            gives=[{"status": 503}, {"level": "fatal"}],
        ),
        Shown(
            settings={"where": '!context.path.startsWith("/health")'},
            given=[
                {"context": {"path": "/health/live"}},
                {"context": {"path": "/pay"}},
                {"message": "no path"},
            ],
            gives=[{"context": {"path": "/pay"}}, {"message": "no path"}],
            note="The rest of an event is not decoded: only the fields that are named.",
        ),
        Shown(
            settings={"where": "status > 400", "on_error": "drop"},
            given=[{"status": "teapot"}, {"status": 418}],
            gives=[{"status": 418}],
        ),
    )

    def misplaced(self) -> str:
        return super().misplaced() or no_dead_letters(self.on_error)

    def build(self, context: ProcessorContext) -> Processor:
        return Filter(self.where, self.on_error)


class Filter:
    """See `FilterSettings`."""

    def __init__(self, where: Expression, on_error: OnError = "keep") -> None:
        self._where = Asked(where)
        self._on_error = on_error

    def process(self, events: Events) -> None:
        wanted, failed = self._where.of(events)
        if failed:
            events.fail_each(failed)
            if self._on_error == "dead_letter":
                for index in failed:
                    wanted[index] = True
                places = list(accumulate(map(bool, wanted)))
                events.keep(wanted)
                events.refuse({places[index] - 1: error for index, error in failed.items()})
                return
            for index in failed:
                wanted[index] = self._on_error == "keep"
        events.keep(wanted)
