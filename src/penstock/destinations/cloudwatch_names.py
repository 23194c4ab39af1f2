"""Names of log groups and log streams: what the service allows in them, and which event goes where.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html and
API_CreateLogStream.html.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator

from penstock.block import Batch
from penstock.destinations.template import Template, TemplateText

LONGEST: Final = 512
"""Characters."""
_NOT_IN_GROUP: Final = re.compile(r"[^._\-/#A-Za-z0-9]")
_NOT_IN_STREAM: Final = re.compile(r"[:*\x00-\x1f\x7f]")


class Place(NamedTuple):
    """Where a batch goes."""

    group: str
    stream: str


def _group(name: str) -> str:
    return _checked(name, _NOT_IN_GROUP, "letters, digits, and . _ - / #")


def _stream(name: str) -> str:
    return _checked(name, _NOT_IN_STREAM, "anything but a colon, a star and control characters")


def _checked(name: str, bad: re.Pattern[str], allowed: str) -> str:
    """What fields bring along is mended, event by event; what is written in the configuration should be right."""
    fixed = Template(name).fixed
    if fixed is not None and not fixed.strip():
        raise ValueError("is empty")
    if fixed is not None and len(fixed) > LONGEST:
        raise ValueError(f"has {len(fixed)} characters, the service takes {LONGEST}")
    if fixed is not None and (wrong := bad.search(fixed)):
        raise ValueError(f"has {wrong[0]!r} in it; the service takes {allowed}")
    if name.startswith("aws/") and bad is _NOT_IN_GROUP:
        raise ValueError("begins with aws/, which the service keeps for itself: write /aws/…")
    return name


GroupText = Annotated[TemplateText, AfterValidator(_group)]
StreamText = Annotated[TemplateText, AfterValidator(_stream)]


class Places:
    """Tells the place of each event."""

    def __init__(self, group: str, stream: str) -> None:
        self._group = Template(group)
        self._stream = Template(stream)
        self.paths = tuple(dict.fromkeys([*self._group.paths, *self._stream.paths]))
        """Fields that it needs."""
        self.fixed: Place | None = None
        """The same for all."""
        if self._group.fixed is not None and self._stream.fixed is not None:
            self.fixed = Place(self._group.fixed, self._stream.fixed)

    def of(
        self, batch: Batch, columns: Mapping[str, Sequence[Any]], times: Sequence[int]
    ) -> tuple[Mapping[Place, Sequence[int]], Mapping[int, str]]:
        """The events of each place, in the order in which the places come first; and by index why some have none.

        `columns` are the values of `paths`, `times` milliseconds since the epoch.
        """
        if self.fixed is not None:
            return {self.fixed: range(batch.count)}, {}
        seconds = [time / 1000 for time in times] if self._group.dated or self._stream.dated else ()
        groups, streams = [
            template.fill(batch, [columns[path] for path in template.paths], seconds)
            for template in (self._group, self._stream)
        ]
        pairs: dict[tuple[str | None, str | None], list[int]] = {}
        for index, pair in enumerate(zip(groups, streams, strict=True)):
            pairs.setdefault(pair, []).append(index)
        places: dict[Place, list[int]] = {}
        refused: dict[int, str] = {}
        for (group, stream), indices in pairs.items():
            if group and stream:
                place = Place(_mended_group(group), _mended(stream, _NOT_IN_STREAM))
                places.setdefault(place, []).extend(indices)  # two names may be mended to the same
            else:
                refused |= dict.fromkeys(indices, self._why(group))
        return places, refused

    def _why(self, group: str | None) -> str:
        what, text = ("stream", self._stream.text) if group else ("group", self._group.text)
        return f"it has no field for the name of its {what}: {text}"


def _mended_group(text: str) -> str:
    name = _mended(text, _NOT_IN_GROUP)
    return f"_{name}"[:LONGEST] if name.startswith("aws/") else name


def _mended(text: str, bad: re.Pattern[str]) -> str:
    """As the service takes it."""
    return bad.sub("_", text)[:LONGEST]
