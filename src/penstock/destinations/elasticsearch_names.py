"""Names of indices: what Elasticsearch takes, and what an event may choose.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create: lower case, not longer than
255 bytes, and none of the characters that mean something in a path or a pattern.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from penstock.block import Batch
from penstock.destinations.template import Template, TemplateText

_ODD: Final = re.compile(r'[\\/*?"<>|,#:\s\x00-\x1f\x7f]')
_MOST_BYTES: Final = 255
_MOST_NAMES: Final = 4096
"""Names remembered as good or bad; what is too long to be one is not."""


def fault(name: str) -> str:
    """Why this cannot be the name of an index; empty where it can."""
    if not name or name in (".", ".."):
        return "is no name"
    if name[0] in "-_+":
        return f"begins with {name[0]!r}"
    if odd := _ODD.search(name):
        return f"holds {odd[0]!r}"
    if name != name.lower():
        return "is not in lower case"
    if len(name.encode("utf-8", "replace")) > _MOST_BYTES or not name.isprintable():
        return f"is longer than {_MOST_BYTES} bytes" if name.isprintable() else "is not printable"
    return ""


def _name(name: str) -> str:
    if why := fault(name):
        raise ValueError(f"cannot be an index: it {why}")
    return name


def _names(text: str) -> str:
    fixed = Template(text).fixed
    return text if fixed is None else _name(text) and text


IndexName = Annotated[str, AfterValidator(_name)]
"""One index, alias or data stream."""
IndexTemplate = Annotated[TemplateText, AfterValidator(_names)]
"""The same with fields and dates in it."""


class Names:
    """Which index each event goes to."""

    def __init__(self, template: str, fallback: str | None) -> None:
        self._template = Template(template)
        self._fallback = fallback
        # What an event holds must not reach an index of the cluster's own.
        self._hidden = template.startswith(".")
        self._known: dict[str, str | None] = {}
        self.paths = self._template.paths
        self.dated = self._template.dated
        self.fixed = self._template.fixed
        """The one index of all events; none where it depends on them."""

    def of(
        self, batch: Batch, values: Mapping[str, Sequence[Any]], times: Sequence[float]
    ) -> tuple[list[str], dict[int, str]]:
        """The name for each event ("" where it stands in the URL), and the reasons of those that have none."""
        if self.fixed is not None:
            return [""] * batch.count, {}
        columns = [values[path] for path in self.paths]
        names: list[str] = []
        refused: dict[int, str] = {}
        for index, text in enumerate(self._template.fill(batch, columns, times)):
            name = self._safe(text) if text is not None else self._fallback
            if name is None:
                refused[index] = (
                    f"no index: the event lacks a field of {self._template.text!r}"
                    if text is None
                    else f"no index: {text[:_MOST_BYTES]!r} {self._why(text)}"
                )
            names.append(name or "")
        return names, refused

    def _safe(self, text: str) -> str | None:
        name = self._known.get(text, "")
        if name == "":
            name = self._fallback if self._why(text) else text.lower()
            if len(text) <= _MOST_BYTES:
                if len(self._known) >= _MOST_NAMES:
                    self._known.clear()
                self._known[text] = name
        return name

    def _why(self, text: str) -> str:
        hidden = text.startswith(".") and not self._hidden
        return "is an index of the cluster's own" if hidden else fault(text.lower())
