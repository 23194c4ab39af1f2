"""Adds to events what is known of their time, their weight, their kind, and of where they come from."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from os import environ
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from penstock.columns import Columns, as_text
from penstock.expressions import Condition
from penstock.fields import Model
from penstock.parsing.timestamps import Timestamps
from penstock.processors import facts
from penstock.processors.asked import Asked, first_of
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.enrich_examples import SHOWN
from penstock.processors.events import Event, Events
from penstock.processors.fields_at import Place
from penstock.processors.fields_changes import apart
from penstock.processors.geoip import GeoipSettings, open_database
from penstock.processors.lookup import LookupSettings, loader
from penstock.processors.watched import Watched

REFRESH_EVERY: Final = 30.0
"""Seconds for which facts from files are taken as they were read."""
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEVERITIES: Final[Mapping[str, int]] = {
    "trace": 1, "debug": 5, "info": 9, "notice": 10, "warn": 13, "warning": 13, "err": 17, "error": 17,
    "crit": 18, "critical": 18, "alert": 19, "fatal": 21, "emerg": 21, "emergency": 21, "panic": 21,
}  # fmt: skip
"""OpenTelemetry's numbers: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber"""

_NORMAL: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,9})?Z")

Step = Callable[[Events, float], None]


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise ValueError("is no time zone: write Europe/Berlin or UTC") from exc
    return name


class TimeSettings(Model):
    """What the clock on the wall said."""

    source: str = Field(default="timestamp", alias="from")
    """The field with the time; where it has none, the time of arrival counts."""
    zone: Annotated[str, AfterValidator(_known)] = "UTC"
    """Whose wall."""
    weekday: str = "weekday"
    """The field that gets `monday` to `sunday`; empty: none."""
    hour: str = "hour"
    """The field that gets 0 to 23; empty: none."""


class CategorySettings(Model):
    """One category."""

    name: str
    """Written into the event."""
    where: Condition
    """For events for which this [expression](expressions.md) is true, and none before it has been."""


class EnrichSettings(ProcessorSettings):
    """Adds fields with what is known of an event; each is added only where it is asked for."""

    type: Literal["enrich"]
    host: str = ""
    """The field that gets this machine's name, where the event has none there."""
    container: str = ""
    """The field that gets the id of the container in which the daemon runs."""
    kubernetes: facts.KubernetesSettings | None = None
    """Labels and annotations of the pod in which the daemon runs, from the files of a `downwardAPI` volume; they are read
    again when they may have changed."""
    environment: Mapping[str, str] = {}
    """Fields with the value of an environment variable: `{cloud.region: AWS_REGION}`."""
    files: Mapping[str, Path] = {}
    """Fields with the text of a file: `{cloud.zone: /run/zone}`."""
    time: TimeSettings | None = None
    """Day of the week and hour."""
    severity: str = ""
    """The field that gets a number for `level`, as OpenTelemetry has it: trace 1, debug 5, info 9, notice 10, warn 13,
    error 17, critical 18, alert 19, fatal and emergency 21."""
    category: str = "category"
    """The field that gets the name of the first of `categories` that holds."""
    categories: Sequence[CategorySettings] = ()
    """In order."""
    lookup: Sequence[LookupSettings] = ()
    """Tables."""
    geoip: GeoipSettings | None = None
    """Where an address is."""

    shown = SHOWN

    def build(self, context: ProcessorContext) -> Processor:
        return Enrich(self, context)


class Enrich:
    """See `EnrichSettings`."""

    def __init__(self, settings: EnrichSettings, context: ProcessorContext) -> None:
        now = context.clock.monotonic()
        self._clock = context.clock
        self._steps: list[Step] = []
        if settings.host:
            self._steps.append(_defaults({settings.host: context.host}))
        self._steps += _facts(settings, context.folder, now)
        if settings.time is not None:
            self._steps.append(_Time(settings.time))
        if settings.severity:
            self._steps.append(_severity(settings.severity))
        if settings.categories:
            self._steps.append(_categories(settings))
        self._steps += [_lookup(one, context.folder, now) for one in settings.lookup]
        if settings.geoip is not None:
            self._steps.append(_geoip(settings.geoip, context.folder, now))

    def process(self, events: Events) -> None:
        now = self._clock.monotonic()
        for step in self._steps:
            step(events, now)


def _defaults(values: Mapping[str, Any]) -> Step:
    places = [(Place(path), value) for path, value in values.items()]

    def add(events: Events, now: float) -> None:  # noqa: ARG001 - what it adds does not change
        for event in events.edit():
            for place, value in places:
                if place.within(event) is None:
                    place.make(event)[place.name] = value

    return add


def _facts(settings: EnrichSettings, folder: Path, now: float) -> list[Step]:
    fixed: dict[str, Any] = {
        path: environ[name] for path, name in settings.environment.items() if name in environ
    }
    if settings.container and (container := facts.container_id()):
        fixed[settings.container] = container

    def read() -> dict[str, Any]:
        texts = {path: facts.read_text(folder / file) for path, file in settings.files.items()}
        found: dict[str, Any] = {path: text.strip() for path, text in texts.items() if text}
        if settings.kubernetes is not None:
            found[settings.kubernetes.field] = facts.kubernetes(settings.kubernetes, folder)
        return {**fixed, **{path: value for path, value in found.items() if value}}

    if not (fixed or settings.files or settings.kubernetes):
        return []
    current = facts.Refreshed(read, REFRESH_EVERY, now)

    def add(events: Events, now: float) -> None:
        values = [(Place(path), value) for path, value in current.at(now).items()]
        for event in events.edit():
            for place, value in values:
                place.make(event)[place.name] = apart(value)

    return [add]


class _Time:
    def __init__(self, settings: TimeSettings) -> None:
        self._columns = Columns([settings.source])
        self._times = Timestamps()
        self._zone = UTC if settings.zone == "UTC" else ZoneInfo(settings.zone)
        self._weekday = Place(settings.weekday) if settings.weekday else None
        self._hour = Place(settings.hour) if settings.hour else None
        self._of_hour: dict[str, tuple[str, int]] = {}

    def __call__(self, events: Events, now: float) -> None:
        (column,) = events.columns(self._columns)
        arrived = datetime.fromtimestamp(events.arrived, UTC).strftime("%Y-%m-%dT%H:%M")
        for event, value in zip(events.edit(), column, strict=True):
            weekday, hour = self._told(self._minute(value, events.arrived) or arrived)
            if self._weekday is not None:
                self._weekday.make(event)[self._weekday.name] = weekday
            if self._hour is not None:
                self._hour.make(event)[self._hour.name] = hour

    def _minute(self, value: Any, arrived: float) -> str:
        """That of the time in UTC; empty where there is none."""
        if value.__class__ is str and value[:16] in self._of_hour and _NORMAL.fullmatch(value):
            return str(value[:16])  # as nearly all are: another event has been of this minute
        text = None if value is None else self._times.normalise(value, arrived)
        return (text or "")[:16]

    def _told(self, minute: str) -> tuple[str, int]:
        told = self._of_hour.get(minute)
        if told is None:
            if len(self._of_hour) > 1000:
                self._of_hour.clear()
            at = datetime.fromisoformat(f"{minute}:00+00:00")
            with suppress(OverflowError):  # on the first and the last day there is
                at = at.astimezone(self._zone)
            told = self._of_hour[minute] = (WEEKDAYS[at.weekday()], at.hour)
        return told


def _severity(path: str) -> Step:
    columns, place = Columns(["level"]), Place(path)

    def add(events: Events, now: float) -> None:  # noqa: ARG001 - as above
        (levels,) = events.columns(columns)
        for event, level in zip(events.edit(), levels, strict=True):
            number = SEVERITIES.get(level.lower()) if isinstance(level, str) else None
            if number is not None:
                place.make(event)[place.name] = number

    return add


def _categories(settings: EnrichSettings) -> Step:
    rules = [(category.name, Asked(category.where)) for category in settings.categories]
    place = Place(settings.category)

    def add(events: Events, now: float) -> None:  # noqa: ARG001 - as above
        for event, name in zip(events.edit(), first_of(events, rules, ""), strict=True):
            if name:
                place.make(event)[place.name] = name

    return add


def _lookup(settings: LookupSettings, folder: Path, now: float) -> Step:
    table = Watched(folder / settings.file, loader(settings), now)
    columns = Columns([settings.key])
    outer = Place(settings.field) if settings.field else None

    def add(events: Events, now: float) -> None:
        rows = table.at(now)
        (keys,) = events.columns(columns)
        for event, key in zip(events.edit(), keys, strict=True):
            row = rows.get(as_text(key) or "") if key is not None else None
            if row:
                target = event if outer is None else _object(event, outer)
                for name, value in row.items():
                    if settings.overwrite or name not in target:
                        target[name] = apart(value)

    return add


def _geoip(settings: GeoipSettings, folder: Path, now: float) -> Step:
    database = Watched(folder / settings.file, open_database, now)
    columns, outer = Columns([settings.source]), Place(settings.field)

    def add(events: Events, now: float) -> None:
        find = database.at(now)
        (addresses,) = events.columns(columns)
        for event, address in zip(events.edit(), addresses, strict=True):
            found = find(address) if isinstance(address, str) else None
            if found:
                outer.make(event)[outer.name] = dict(found)

    return add


def _object(event: Event, place: Place) -> dict[str, Any]:
    outer = place.make(event)
    inner = outer.get(place.name)
    if not isinstance(inner, dict):
        inner = outer[place.name] = {}
    return inner
