"""Reserved attributes: what an event has of its own stays, what it lacks comes from the settings.

https://docs.datadoghq.com/logs/log_configuration/attributes_naming_convention/#reserved-attributes
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from penstock.block import Batch
from penstock.columns import as_text
from penstock.destinations.template import Template

TAGS: Final = "ddtags"
STATUS: Final = "status"
_ALSO: Final[Mapping[str, Sequence[str]]] = {
    "ddsource": (),
    "service": (),
    "hostname": ("host",),
    STATUS: ("level", "severity"),
    "message": ("msg", "log"),
}
"""Where else the intake finds an attribute by itself, at the top of an event."""

Values = Mapping[str, Sequence[Any]]
"""Columns, by the names of their fields."""
More = bytes | list[bytes]
"""What events get behind their own members: the same for all, or for each its own. Each member begins with a comma."""

_encode: Final = msgspec.json.Encoder().encode


def member(name: str, text: str) -> bytes:
    """One member of an object, behind a comma."""
    return b',"%b":%b' % (name.encode(), _encode(text))


class Attribute:
    """One attribute that the settings give to events without it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.template = Template(text)
        # A template may take the very field from which the intake would have it too.
        self._own = (name, *_ALSO[name]) if self.template.fixed is not None else (name,)
        self.paths = (*self._own, *self.template.paths)
        self._fixed = member(name, self.template.fixed or "")

    @property
    def longest(self) -> int:
        """Bytes that it adds, if it is the same for all."""
        return len(self._fixed)

    def more(self, batch: Batch, values: Values, times: Sequence[float]) -> More:
        """For those events that have none of their own."""
        own = [values[path] for path in self._own]
        own = [column for column in own if column.count(None) < batch.count]
        if not own and self.template.fixed is not None:
            return self._fixed
        texts = self.template.fill(batch, [values[path] for path in self.template.paths], times)
        made = {text: member(self.name, text) if text else b"" for text in set(texts)}
        more = [made[text] for text in texts]
        for column in own:
            more = [new if value is None else b"" for new, value in zip(more, column, strict=True)]
        return more


class Tags:
    """`ddtags`: those of the settings, and then the event's own."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._templates = [Template(text) for text in texts]
        self.fixed = all(template.fixed is not None for template in self._templates)
        self.dated = any(template.dated for template in self._templates)
        self.paths = (TAGS, *(path for template in self._templates for path in template.paths))
        self._fixed = self._member([template.fixed for template in self._templates])

    @property
    def longest(self) -> int:
        """Bytes that they add, if they are the same for all."""
        return len(self._fixed)

    def more(self, batch: Batch, values: Values, times: Sequence[float]) -> tuple[More, list[int]]:
        """And the events in which it takes the place of what they have, which has to go."""
        own = values[TAGS]
        if self.fixed and own.count(None) == batch.count:
            return self._fixed, []
        filled = [
            template.fill(batch, [values[path] for path in template.paths], times)
            for template in self._templates
        ]
        rows: Sequence[Sequence[str | None]] = list(zip(*filled, strict=True)) or [()] * batch.count
        made: dict[Sequence[str | None], bytes] = {}
        more: list[bytes] = []
        instead: list[int] = []
        for index, (row, theirs) in enumerate(zip(rows, own, strict=True)):
            if theirs is None:
                if row not in made:
                    made[row] = self._member(row)
                more.append(made[row])
            elif isinstance(theirs, str) and not row:
                more.append(b"")  # as it should be
            else:
                more.append(self._member(row, _texts(theirs)))
                instead.append(index)
        return more, instead

    def _member(self, ours: Sequence[str | None], theirs: Sequence[str] = ()) -> bytes:
        # What a field holds is one tag, whatever is in it.
        known = [
            text if template.fixed is not None else text.replace(",", "_")
            for template, text in zip(self._templates, ours, strict=bool(ours))
            if text
        ]
        tags = dict.fromkeys([*known, *theirs])
        return member(TAGS, ",".join(tags)) if tags else b""


def _texts(value: Any) -> list[str]:
    """The tags that an event has: as one text, as a list, or as an object of keys and values."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, dict):
        return [f"{key}:{tag}" for key, part in value.items() if (tag := _text(part))]
    parts = value if isinstance(value, list) else [value]
    return [tag for part in parts if (tag := _text(part))]


def _text(value: Any) -> str | None:
    return None if isinstance(value, float) else as_text(value)  # it would be longer than it came
