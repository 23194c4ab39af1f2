"""Lets through a share of the events."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from zlib import crc32

from pydantic import Field

from penstock.expressions import Condition
from penstock.processors.asked import Asked
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.keys import Keys, as_bytes
from penstock.processors.shown import Shown

_MIX: Final = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio: spreads what a checksum of similar texts leaves close together."""


class SampleSettings(ProcessorSettings):
    """Lets through a share of the events, the same ones whoever asks and whenever: by a hash of what is in them."""

    type: Literal["sample"]
    share: Annotated[float, Field(ge=0, le=1)]
    """From 0 (none) to 1 (all)."""
    by: Sequence[str] = ()
    """Events with the same values in these fields (`trace_id`) go on together or not at all. An event that has none of
    them counts by itself."""
    always: Condition | None = None
    """Events for which this [expression](expressions.md) is true go on in any case."""
    mark: str = ""
    """The name of a field that tells the share in events that were chosen by it, so that counts can be made whole
    again."""

    shown = (
        Shown(
            settings={"share": 0.25, "by": ["trace_id"], "always": 'level == "error"', "mark": "sampled"},
            given=[
                {"trace_id": "a1", "message": "begin"},
                {"trace_id": "c3", "message": "begin"},
                {"trace_id": "a1", "message": "end"},
                {"trace_id": "b2", "message": "failed", "level": "error"},
            ],
            gives=[
                {"trace_id": "c3", "message": "begin", "sampled": 0.25},
                {"trace_id": "b2", "message": "failed", "level": "error"},
            ],
            note="A trace stays whole, and errors are always there.",
        ),
    )

    def build(self, context: ProcessorContext) -> Processor:
        return Sample(self)


class Sample:
    """See `SampleSettings`."""

    def __init__(self, settings: SampleSettings) -> None:
        self._share = settings.share
        self._below = int(settings.share * 2**64)
        self._keys = Keys(settings.by)
        self._always = Asked(settings.always) if settings.always is not None else None
        self._mark = settings.mark

    def process(self, events: Events) -> None:
        chosen = [(crc32(key) * _MIX) % 2**64 < self._below for key in self._hashed(events)]
        wanted = chosen
        if self._always is not None:
            always, failed = self._always.of(events)
            events.fail_each(failed)
            # What cannot be said goes on: it might have been one of those that must.
            wanted = [
                one or forced is True or index in failed
                for index, (one, forced) in enumerate(zip(chosen, always, strict=True))
            ]
            chosen = [
                one and not (forced is True or index in failed)
                for index, (one, forced) in enumerate(zip(chosen, always, strict=True))
            ]
        if self._mark:
            rows = events.edit()
            for event, one in zip(rows, chosen, strict=True):
                if one:
                    event[self._mark] = self._share
        events.keep(wanted)

    def _hashed(self, events: Events) -> Sequence[bytes]:
        lines = events.lines()
        if not self._keys.fields:
            return lines
        nothing = b"\0" * (len(self._keys.fields) - 1)
        keys = map(as_bytes, self._keys.of(events))
        return [line if key == nothing else key for key, line in zip(keys, lines, strict=True)]
