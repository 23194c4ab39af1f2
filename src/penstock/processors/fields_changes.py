"""The steps of `fields`: each a loop over the events of a slice, chosen once for what the configuration names."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from penstock.processors.events import Event
from penstock.processors.fields_at import Place

if TYPE_CHECKING:
    from penstock.processors.fields import FieldsSettings, Under

Step = Callable[[Sequence[Event]], None]


def steps(settings: "FieldsSettings") -> list[Step]:
    """All that is not computed, in order."""
    found = [_renaming(old, new) for old, new in settings.rename.items()]
    found += [_copying(old, new) for old, new in settings.copy_to.items()]
    found += [_removing(path) for path in settings.remove]
    if settings.keep:
        found.append(_keeping(settings.keep))
    if settings.under is not None:
        found.append(_moving(settings.under))
    found += [_defaulting(path, value) for path, value in settings.default.items()]
    found += [_setting(path, value) for path, value in settings.set_to.items()]
    return found


def _renaming(old: str, new: str) -> Step:
    if "." not in old + new:

        def rename_plain(rows: Sequence[Event]) -> None:
            for event in rows:
                if old in event:
                    event[new] = event.pop(old)

        return rename_plain
    source, target = Place(old), Place(new)

    def rename(rows: Sequence[Event]) -> None:
        for event in rows:
            inner = source.within(event)
            if inner is not None:
                value = inner.pop(source.name)
                target.make(event)[target.name] = value

    return rename


def _copying(old: str, new: str) -> Step:
    source, target = Place(old), Place(new)

    def copy(rows: Sequence[Event]) -> None:
        for event in rows:
            inner = source.within(event)
            if inner is not None:
                target.make(event)[target.name] = apart(inner[source.name])

    return copy


def _removing(path: str) -> Step:
    outer, _, name = path.rpartition(".")
    place = Place(path)

    def remove_plain(rows: Sequence[Event]) -> None:
        for event in rows:
            event.pop(path, None)

    def remove_below(rows: Sequence[Event]) -> None:
        for event in rows:
            inner = event.get(outer)
            if path in event:
                del event[path]
            elif inner.__class__ is dict:
                inner.pop(name, None)

    def remove(rows: Sequence[Event]) -> None:
        for event in rows:
            inner = place.within(event)
            if inner is not None:
                del inner[place.name]

    return (remove_plain, remove_below, remove)[min(path.count("."), 2)]


def _keeping(paths: Sequence[str]) -> Step:
    places = [Place(path) for path in paths]

    def keep(rows: Sequence[Event]) -> None:
        for event in rows:
            kept: list[tuple[Place, str, Any]] = []
            for place in places:
                inner = place.within(event)
                if inner is not None:
                    kept.append((place, place.name, inner[place.name]))
            event.clear()
            for place, name, value in kept:
                if name == place.path:
                    event[name] = value
                else:
                    place.make(event)[place.name] = value

    return keep


def _moving(under: "Under") -> Step:
    target = Place(under.name)
    places = [Place(path) for path in under.fields]
    stay = {*under.but, under.name.partition(".")[0]}

    def taken_from(event: Event) -> dict[str, Any]:
        if not places:
            return {name: event.pop(name) for name in [name for name in event if name not in stay]}
        moved: dict[str, Any] = {}
        for place in places:
            inner = place.within(event)
            if inner is not None:
                moved[place.name] = inner.pop(place.name)
        return moved

    def move(rows: Sequence[Event]) -> None:
        for event in rows:
            moved = taken_from(event)
            if moved:
                outer = target.make(event)
                there = outer.get(target.name)
                outer[target.name] = {**there, **moved} if isinstance(there, dict) else moved

    return move


def _defaulting(path: str, value: Any) -> Step:
    place = Place(path)

    def default(rows: Sequence[Event]) -> None:
        for event in rows:
            inner = place.within(event)
            if inner is None or inner[place.name] is None:
                place.make(event)[place.name] = apart(value)

    return default


def _setting(path: str, value: Any) -> Step:
    if "." not in path and not isinstance(value, dict | list):

        def set_plain(rows: Sequence[Event]) -> None:
            for event in rows:
                event[path] = value

        return set_plain
    place = Place(path)

    def set_value(rows: Sequence[Event]) -> None:
        for event in rows:
            place.make(event)[place.name] = apart(value)

    return set_value


def apart(value: Any) -> Any:
    """A value of its own: what changes one event must not change another."""
    if isinstance(value, dict):
        return {name: apart(inner) for name, inner in value.items()}
    return [apart(inner) for inner in value] if isinstance(value, list) else value
