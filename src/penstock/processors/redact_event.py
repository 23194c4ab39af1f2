"""Secrets in one event: in its texts, its numbers, the names of its fields."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from penstock.processors.events import Event
from penstock.processors.fields_at import Place
from penstock.processors.redact_cover import Cover
from penstock.processors.redact_kinds import ORDER, Kind, built_in, own
from penstock.processors.redact_names import Names
from penstock.processors.redact_text import TextRedactor

if TYPE_CHECKING:
    from penstock.processors.redact import RedactSettings

_LEAST_CARD: Final = 10**12
_MOST_CARD: Final = 10**19
_ENCODER: Final = msgspec.json.Encoder()


class EventRedactor:
    """Covers secrets in events, as the settings say."""

    def __init__(self, settings: "RedactSettings") -> None:
        key = settings.key.get_secret_value() if settings.key is not None else ""
        self._cover = Cover(settings.with_, settings.mask, key)
        self._names = Names(settings.names) if settings.names else None
        self._text = TextRedactor(_kinds(settings, self._names), self._cover)
        self._numbers = "card" in settings.patterns
        self._places = [Place(path) for path in settings.fields]
        self._changed = False
        self._concealed: set[tuple[int, str]] = set()
        """Fields of this event that are covered already, by their object and name: to cover a cover would change it."""

    def suspects(self, lines: Sequence[bytes]) -> Sequence[int]:
        """Of these events, as JSON, the indices of all that `change` would change, and of some more."""
        return self._text.suspects(lines)

    def change(self, event: Event) -> bool:
        """Covers what is secret, in place; whether there was anything."""
        self._changed = False
        self._concealed.clear()
        if not self._places:
            self._walk(event, texts=True)
            return self._changed
        if self._names is not None:
            self._walk(event, texts=False)
        for place in self._places:
            inner = place.within(event)
            if inner is not None and (id(inner), place.name) not in self._concealed:
                inner[place.name] = self._value(inner[place.name])
        return self._changed

    def _value(self, value: Any) -> Any:
        """What is to stand there instead."""
        kind = value.__class__
        if kind is str:
            text = self._text.of(value)
            self._changed = self._changed or text is not value
            return text
        if kind is dict or kind is list:
            self._walk(value, texts=True)
        elif kind is int or kind is float:
            return self._number(value)
        return value

    def _walk(self, value: Any, *, texts: bool) -> None:
        waiting = [value]
        while waiting:
            value = waiting.pop()
            if value.__class__ is dict:
                self._object(value, waiting, texts=texts)
                continue
            for index, inner in enumerate(value):
                kind = inner.__class__
                if kind is dict or kind is list:
                    waiting.append(inner)
                elif texts:
                    value[index] = self._value(inner)

    def _object(self, value: dict[str, Any], waiting: list[Any], *, texts: bool) -> None:
        if self._names is not None:
            have = self._names.have
            for name in [name for name, inner in value.items() if have(name) and inner is not None]:
                if (id(value), name) not in self._concealed:
                    self._conceal(value, name)
        for name, inner in value.items():
            kind = inner.__class__
            if kind is dict or kind is list:
                waiting.append(inner)
            elif texts and (id(value), name) not in self._concealed:
                value[name] = self._value(inner)
        if texts:
            of = self._text.of
            covered = {name: new for name in value if (new := of(name)) is not name}
            if covered:
                self._rename(value, covered)

    def _conceal(self, value: dict[str, Any], name: str) -> None:
        """The value of a field whose name says that it is secret."""
        self._changed = True
        if self._cover.action == "remove":
            del value[name]
            return
        inner = value[name]
        text = inner if isinstance(inner, str) else _ENCODER.encode(inner).decode()
        value[name] = self._cover.of(name, text)
        self._concealed.add((id(value), name))

    def _rename(self, value: dict[str, Any], covered: dict[str, str]) -> None:
        """Names of fields that are secrets; two that look alike then are numbered, so that no value goes."""
        self._changed = True
        items = list(value.items())
        value.clear()
        counts: dict[str, int] = {}
        taken = {name for name, _ in items if name not in covered}
        for name, inner in items:
            new = unique = covered.get(name, name)
            while name in covered and unique in taken:
                counts[new] = counts.get(new, 1) + 1
                unique = f"{new}#{counts[new]}"
            taken.add(unique)
            value[unique] = inner

    def _number(self, value: float) -> Any:
        """A number of as many digits as a card has may be one."""
        if not self._numbers or not _LEAST_CARD <= abs(value) < _MOST_CARD:
            return value
        if value.__class__ is float and not value.is_integer():
            return value
        digits = str(abs(int(value)))
        covered = self._text.of(digits)
        if covered is digits:
            return value
        self._changed = True
        return covered or None


def _kinds(settings: "RedactSettings", names: Names | None) -> list[Kind]:
    """Those of the settings in the order in which one goes before another."""
    wanted = set(map(str, [pattern for pattern in settings.patterns if isinstance(pattern, str)]))
    ours = [built_in(name) for name in ORDER if name in wanted]
    theirs = [
        own(pattern.name, pattern.pattern, ignore_case=pattern.ignore_case)
        for pattern in settings.patterns
        if not isinstance(pattern, str)
    ]
    return [*([names.in_text] if names is not None else []), *ours[:5], *theirs, *ours[5:]]
