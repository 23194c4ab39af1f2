"""Puts events in order: one shape of time, one name for each level, nothing that is nobody's business."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import field_validator

from penstock import levels
from penstock.fields import FieldName
from penstock.levels import level_of
from penstock.parsing.timestamps import Timestamps
from penstock.parsing.zones import zone_named
from penstock.processors.base import OnError, Processor, ProcessorContext, ProcessorSettings
from penstock.processors.clean_names import Names, Shape, folded
from penstock.processors.events import Event, Events
from penstock.processors.on_error import no_dead_letters, settle_failed
from penstock.processors.shown import Shown

Numbers = Literal["auto", "syslog", "bunyan", "python", "opentelemetry"]
_NUMBERS: Final[Mapping[Numbers, Mapping[int, str]]] = {
    "auto": levels.USUAL,
    "syslog": levels.SYSLOG,
    "bunyan": levels.BUNYAN,
    "python": levels.PYTHON,
    "opentelemetry": levels.OPENTELEMETRY,
}
_BY_NAME: Final = {"levelno": levels.PYTHON, "severitynumber": levels.OPENTELEMETRY}
_DONE: Final = re.compile(
    r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:\.[0-9]{1,9})?Z"
)
"""Times that are written as they are to be; the last days of a month are looked at more closely."""
_CONTAINERS: Final[frozenset[type]] = frozenset({dict, list})
_MOST_KNOWN: Final = 1024


class CleanSettings(ProcessorSettings):
    """Removes sensitive fields, writes the time as RFC 3339 in UTC and the level as one of ten words.

    Names of fields are told without regard to case, `_` and `-`: `sessionId` is `session_id` and `SESSION-ID`, too.
    """

    type: Literal["clean"]
    remove: Sequence[str] = (
        "sessionId", "ipAddress", "password", "passwd", "accessToken", "refreshToken", "apiKey", "clientSecret",
        "authorization", "cookie", "setCookie",
    )  # fmt: skip
    """Fields that go, wherever in the event they are. What is written in texts is for `redact`."""
    timestamp: FieldName = "timestamp"
    """The field that takes the time; empty: times stay as they are."""
    timestamp_fields: Sequence[str] = (
        "timestamp", "@timestamp", "time", "ts", "datetime", "date", "eventTime", "logTime", "@t", "asctime", "created",
    )  # fmt: skip
    """Where the time may be, at the top of an event. The first of these that is one moves to `timestamp`."""
    time_formats: Sequence[str] = ()
    """How times are written, in the codes of strftime, tried in order; without any, all usual shapes are known, and
    numbers since 1970."""
    zone: str = "UTC"
    """Where times that do not say so are from: `Europe/Berlin`, `+02:00`."""
    level: FieldName = "level"
    """The field that takes the level: `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`, `fatal`, `alert` or
    `emergency`. Empty: levels stay as they are."""
    level_fields: Sequence[str] = (
        "level", "severity", "lvl", "logLevel", "log.level", "levelName", "severityText", "severityNumber", "levelno",
        "priority", "@l",
    )  # fmt: skip
    """Where the level may be; the same as for the time."""
    numbers: Numbers = "auto"
    """What numbers mean as a level. `auto`: 0 to 7 are syslog's, 10 to 60 those of bunyan and pino; but under `levelno` they
    are Python's, under `severityNumber` OpenTelemetry's."""
    on_error: OnError = "keep"
    """Where none of the time's fields is a time, or none of the level's a level; `keep`: they stay as they are."""

    shown = (
        Shown(
            settings={},
            given=[
                {
                    "time": "2026-11-25 10:00:00,123 +0100",
                    "severity": "WARN",
                    "message": "slow",
                    "sessionId": "s-1",
                },
                {"ts": 1764064800, "level": 30, "user": {"ip_address": "192.0.2.7", "id": 7}},
            ],
            gives=[
                {"message": "slow", "timestamp": "2026-11-25T09:00:00.123Z", "level": "warning"},
                {"level": "info", "user": {"id": 7}, "timestamp": "2025-11-25T10:00:00Z"},
            ],
        ),
        Shown(
            settings={"remove": ["email"], "timestamp": "", "numbers": "python"},
            given=[{"timestamp": 1764064800, "level": 30, "email": "eve@example.com", "password": "hunter2"}],
            gives=[{"timestamp": 1764064800, "level": "warning", "password": "hunter2"}],
        ),
        Shown(
            settings={"on_error": "drop"},
            given=[{"timestamp": "soon", "level": "info"}, {"level": "loud"}, {"message": "neither"}],
            gives=[{"message": "neither"}],
            note="An event without such fields is left as it is.",
        ),
    )

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        zone_named(zone)
        return zone

    @field_validator("time_formats")
    @classmethod
    def _formats_are_known(cls, formats: Sequence[str]) -> Sequence[str]:
        Timestamps(formats=formats)
        return formats

    def misplaced(self) -> str:
        return super().misplaced() or no_dead_letters(self.on_error)

    def build(self, context: ProcessorContext) -> Processor:
        return Clean(self)


class Clean:
    """See `CleanSettings`."""

    def __init__(self, settings: CleanSettings) -> None:
        self._names = Names(
            settings.remove,
            settings.timestamp_fields if settings.timestamp else (),
            settings.level_fields if settings.level else (),
        )
        self._timestamp, self._level = settings.timestamp, settings.level
        self._done = None if settings.time_formats else _DONE.fullmatch
        self._times = Timestamps(zone_named(settings.zone), settings.time_formats)
        self._by_name = _BY_NAME if settings.numbers == "auto" else {}
        self._numbers = _NUMBERS[settings.numbers]
        self._known: dict[Any, str] = {}
        self._on_error = settings.on_error

    def process(self, events: Events) -> None:
        rows = events.read()
        failed: dict[int, str] = {}
        changed = False
        shape_of, received = self._names.shape, events.arrived
        for index, event in enumerate(rows):
            shape = shape_of(tuple(event))
            if shape.doomed or not _CONTAINERS.isdisjoint(map(type, event.values())):
                changed = self._remove(event, shape) or changed
            if shape.times:
                done = self._set_time(event, shape.times, received)
                changed = changed or bool(done)
                if done is None:
                    failed[index] = f"{shape.times[0]} is no time"
            if shape.levels:
                done = self._set_level(event, shape.levels)
                changed = changed or bool(done)
                if done is None:
                    failed[index] = f"{shape.levels[0]} is no level"
        if changed:
            events.edit()
        settle_failed(events, failed, self._on_error)

    def _remove(self, event: Event, shape: Shape) -> bool:
        """Whether there was something to be removed."""
        changed = bool(shape.doomed)
        for name in shape.doomed:
            del event[name]
        waiting: list[Any] = [value for value in event.values() if value.__class__ in _CONTAINERS]
        while waiting:
            value = waiting.pop()
            if value.__class__ is dict:
                for name in self._names.doomed(value):
                    del value[name]
                    changed = True
                value = value.values()
            waiting += [inner for inner in value if inner.__class__ in _CONTAINERS]
        return changed

    def _set_time(self, event: Event, names: Sequence[str], received: float) -> bool | None:
        """Whether it was another; none: it is no time."""
        for name in names:
            # A name may have been one of those that go.
            value = event.get(name)
            if self._done is not None and value.__class__ is str and self._done(value):
                return _put(event, name, self._timestamp, value, value)
            time = self._times.normalise(value, received)
            if time is not None:
                return _put(event, name, self._timestamp, value, time)
        return None if any(event.get(name) is not None for name in names) else False

    def _set_level(self, event: Event, names: Sequence[str]) -> bool | None:
        for name in names:
            value = event.get(name)
            level = self._level_of(name, value)
            if level is not None:
                return _put(event, name, self._level, value, level)
        return None if any(event.get(name) is not None for name in names) else False

    def _level_of(self, name: str, value: Any) -> str | None:
        if value.__class__ is str and (level := self._known.get(value)) is not None:
            return level
        numbers = self._by_name.get(folded(name))
        level = level_of(value, numbers or self._numbers)
        if (
            level is not None
            and numbers is None
            and value.__class__ is str
            and len(self._known) < _MOST_KNOWN
        ):
            self._known[value] = level
        return level


def _put(event: Event, name: str, target: str, before: Any, after: str) -> bool:
    """Puts it into the target, out of the field where it was; whether that changes anything."""
    if name == target and before == after:
        return False
    if name != target:
        del event[name]
    event[target] = after
    return True
