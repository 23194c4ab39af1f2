"""Leaves out events that were there a moment ago."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated, Literal

import msgspec
from pydantic import Field

from penstock.fields import Duration
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.events import Events
from penstock.processors.keys import Keys, as_bytes
from penstock.processors.shown import Shown


class DedupeSettings(ProcessorSettings):
    """Leaves out events that are like one which went on a moment ago.

    Time is that of arrival. What is remembered is a hash of 16 bytes for each event that went on.
    """

    type: Literal["dedupe"]
    by: Sequence[str] = ()
    """Events are alike where these fields are; one that has none of them goes on. Empty: where all but the `ignore` ones
    are."""
    ignore: Sequence[str] = ("timestamp",)
    """With no `by`: fields at the top of an event that are not looked at."""
    window: Duration = Field(default=60.0, gt=0)
    """From the one that went on; then the next goes on again."""
    max_entries: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    """Events that are remembered, some 200 bytes each; of more the oldest are forgotten."""
    mark: str = ""
    """The name of a field that tells, in the next one that goes on, how many were left out before it."""

    shown = (
        Shown(
            settings={"by": ["service", "message"]},
            given=[
                {"service": "a", "message": "down", "n": 1},
                {"service": "a", "message": "down", "n": 2},
                {"service": "b", "message": "down", "n": 3},
            ],
            gives=[{"service": "a", "message": "down", "n": 1}, {"service": "b", "message": "down", "n": 3}],
        ),
        Shown(
            settings={},
            given=[
                {"timestamp": "2026-11-25T10:00:00Z", "message": "down"},
                {"timestamp": "2026-11-25T10:00:01Z", "message": "down"},
            ],
            gives=[{"timestamp": "2026-11-25T10:00:00Z", "message": "down"}],
        ),
    )

    def build(self, context: ProcessorContext) -> Processor:
        return Dedupe(self)


class Dedupe:
    """See `DedupeSettings`."""

    def __init__(self, settings: DedupeSettings) -> None:
        self._keys = Keys(settings.by)
        self._ignore = frozenset(settings.ignore)
        self._window = settings.window
        self._most = settings.max_entries
        self._mark = settings.mark
        self._seen: dict[
            bytes, list[float]
        ] = {}  # when it went on, and how many since then; the oldest first
        self._encoder = msgspec.json.Encoder(order="sorted")

    def process(self, events: Events) -> None:
        arrived = events.arrived
        wanted: list[bool] = []
        marks: dict[int, int] = {}
        for index, digest in enumerate(self._digests(events)):
            if not digest:
                wanted.append(True)
                continue
            entry = self._seen.get(digest)
            if entry is not None and abs(arrived - entry[0]) < self._window:
                entry[1] += 1
                wanted.append(False)
                continue
            if entry is not None:
                del self._seen[digest]  # it is to be the newest
                if entry[1]:
                    marks[index] = int(entry[1])
            self._seen[digest] = [arrived, 0]
            wanted.append(True)
        self._forget(arrived, 2 * events.count)
        if self._mark and marks:
            rows = events.edit()
            for index, count in marks.items():
                rows[index][self._mark] = count
        events.keep(wanted)

    def _digests(self, events: Events) -> list[bytes]:
        # One for each event, empty where there is nothing by which it could be like another.
        if self._keys.fields:
            nothing = b"\0" * (len(self._keys.fields) - 1)
            keys = map(as_bytes, self._keys.of(events))
            return [b"" if key == nothing else blake2b(key, digest_size=16).digest() for key in keys]
        if not self._ignore:
            return [blake2b(line, digest_size=16).digest() for line in events.lines()]
        ignore, encode = self._ignore, self._encoder.encode
        return [
            blake2b(
                encode({name: value for name, value in event.items() if name not in ignore}), digest_size=16
            ).digest()
            for event in events.read()
        ]

    def _forget(self, now: float, most: int) -> None:
        # Twice as many as may have come: it is never behind, and never takes long after a quiet time.
        # With a mark the counts of what is past are wanted still, for as long as there is room.
        for _ in range(min(most, len(self._seen))):
            digest, (at, _) = next(iter(self._seen.items()))
            past = abs(now - at) >= self._window and not self._mark
            if not past and len(self._seen) <= self._most:
                return
            del self._seen[digest]
