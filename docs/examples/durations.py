"""Durations as people write them (`1.5s`, `20ms`) become numbers, as a kind of processor of your own.

processors:
  - {type: durations, fields: [took, db.took]}
"""

import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from penstock.columns import Columns
from penstock.errors import PluginError
from penstock.processors.base import OnError, Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.fields_at import Place
from penstock.processors.shown import Shown

_MILLISECONDS: Final = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
# So many digits at most, as infinity is no JSON.
_DURATION: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?(ns|us|µs|ms|s|m|h)")


class DurationsSettings(ProcessorSettings):
    """Makes numbers of milliseconds of durations such as `1.5s` and `20ms`."""

    type: Literal["durations"]
    fields: Annotated[Sequence[str], Field(min_length=1)]
    """Where they are. A value that is no text stays as it is."""
    on_error: OnError = "keep"
    """What becomes of an event with a text that is no duration; with `keep` it goes on, with the text."""

    shown = (
        Shown(
            settings={"fields": ["took", "db.took"]},
            given=[{"took": "1.5s", "db": {"took": "20 ms"}}, {"took": 7}, {"took": "long"}],
            gives=[{"took": 1500.0, "db": {"took": 20.0}}, {"took": 7}, {"took": "long"}],
        ),
        Shown(
            settings={"fields": ["took"], "on_error": "drop"},
            given=[{"took": "2m"}, {"took": "long"}, {}],
            gives=[{"took": 120000.0}, {}],
        ),
    )

    def misplaced(self) -> str:
        if self.on_error == "dead_letter":
            return super().misplaced() or "there are no dead letters before the journal"
        return super().misplaced()

    def build(self, context: ProcessorContext) -> Processor:
        del context  # it has a clock, this machine's name and the configuration's folder
        try:
            return Durations(self)
        except ValueError as exc:
            raise PluginError(f"fields: {exc}") from exc


class Durations:
    """See `DurationsSettings`."""

    def __init__(self, settings: DurationsSettings) -> None:
        self._columns = Columns(settings.fields)
        self._places = [Place(path) for path in settings.fields]
        self._on_error = settings.on_error

    def process(self, events: Events) -> None:
        numbers, failed = self._found(events)
        if numbers:
            rows = events.edit()  # from here on the slice counts as changed, and is encoded anew
            for index, place, number in numbers:
                inner = place.within(rows[index])
                if inner is not None:
                    inner[place.name] = number
        events.fail(len(failed), next(iter(failed.values()), ""))
        if self._on_error == "drop":
            events.keep([index not in failed for index in range(events.count)])
        elif self._on_error == "dead_letter":
            events.refuse(failed)

    def _found(self, events: Events) -> tuple[list[tuple[int, Place, float]], dict[int, str]]:
        numbers: list[tuple[int, Place, float]] = []
        failed: dict[int, str] = {}
        # The fields alone are read, for all events at once: where there is no text, no event is decoded.
        for place, values in zip(self._places, events.columns(self._columns), strict=True):
            for index, value in enumerate(values):
                if not isinstance(value, str):
                    continue
                found = _DURATION.fullmatch(value)
                if found:
                    numbers.append((index, place, float(found[1]) * _MILLISECONDS[found[2]]))
                else:
                    failed[index] = f"{place.path}: {value[:40]!r} is no duration"
        return numbers, failed
