"""Bodies for Splunk's `event` endpoint: an object around each event that says when, where from and where to.

https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Final

import msgspec

from penstock.block import Batch
from penstock.columns import Columns, as_text
from penstock.destinations.event_ids import LONGEST_ID, event_ids
from penstock.destinations.event_time import event_times
from penstock.destinations.splunk_time import LONGEST, Times
from penstock.destinations.template import Template

_NEXT: Final = b'}\n{"time":'
"""Between an event and the time of the next."""
_START: Final = _NEXT[2:]
_END: Final = _NEXT[:2]
_EVENT: Final = b',"event":'
_USUAL: Final = 16
"""Bytes that a text from the event takes, as a guess."""

_encode: Final = msgspec.json.encode


class Envelopes:
    """Puts each event of a batch into its envelope."""

    def __init__(
        self,
        *,
        time_field: str,
        metadata: Mapping[str, str],
        fields: Mapping[str, str],
        event_field: str = "",
        id_field: str = "",
    ) -> None:
        """`metadata` (`host`, `source`, `sourcetype`, `index`) and `fields` are templates by name.

        `event_field` is the one that goes instead of the whole event, `id_field` the indexed field for its id.
        """
        self._time_field = time_field
        self._event_field = event_field
        self._id_start = b'"%b":"' % id_field.encode() if id_field else b""
        fixed, self._metadata = _sorted(metadata)
        self._fixed_fields, self._fields = _sorted(fields)
        self._same_fields = not self._fields and not id_field
        if self._same_fields and self._fixed_fields:
            fixed = [*fixed, b'"fields":{%b}' % b",".join(self._fixed_fields)]
        head = b"".join([b"," + pair for pair in fixed])
        varying = [*self._metadata.values(), *self._fields.values()]
        self._plain = self._same_fields and not varying
        self._dated = any(template.dated for template in varying)
        paths = [event_field, *chain.from_iterable([template.paths for template in varying])]
        self._columns = Columns([path for path in dict.fromkeys(paths) if path])
        self._time = Columns([time_field] if time_field else [])
        self._times = Times(time_field, _NEXT)
        self._between = head + _EVENT if self._plain else head
        self.exact = not varying and not event_field
        """No event has more around it than `overhead`; else that is a guess."""
        self.overhead = len(_START) + LONGEST + len(head) + len(_EVENT) + len(_END)
        if not self._same_fields:
            self.overhead += sum([len(pair) + 1 for pair in self._fixed_fields]) + len(',"fields":{}')
        if id_field:
            self.overhead += len(self._id_start) + LONGEST_ID + len('"')
        self.overhead += sum(
            [len(name) + len(',"":""') + _USUAL for name in [*self._metadata, *self._fields]]
        )

    def body(self, batch: Batch) -> bytes:
        """All events, each in its envelope on a line of its own."""
        if self._plain and not self._time_field and not self._event_field:
            return self._by_arrival(batch)
        lines = batch.lines()
        parts = self._moments(batch, lines)
        if self._between:
            parts.append(repeat(self._between, batch.count))
        values = dict(zip(self._columns.paths, self._columns.read(batch), strict=True))
        if not self._plain:
            parts += self._varying(batch, values)
        if self._event_field:
            lines = list(map(_alone, values[self._event_field], lines))
        return _joined([*parts, lines], batch.count)

    def _by_arrival(self, batch: Batch) -> bytes:
        """Where nothing of an event has to be known, the same stands between any two that came together."""
        bodies: list[bytes | memoryview] = []
        for piece in batch.pieces:
            head = self._times.at(piece.arrived) + self._between
            # What is replaced is one byte, with which `replace` is quick. Behind the last event there is no other.
            data = piece.data.replace(b"\n", head)
            bodies += [head if bodies else head[len(_END) :], memoryview(data)[: -len(head)]]
        return b"".join([*bodies, _END])

    def _moments(self, batch: Batch, lines: Sequence[bytes]) -> list[Iterable[bytes]]:
        """The time of each event, in pieces."""
        if not self._time_field:
            return [self._times.of(batch, [None] * batch.count)]
        return list(self._times.ahead(lines) or [self._times.of(batch, self._time.read(batch)[0])])

    def _varying(self, batch: Batch, values: Mapping[str, Sequence[Any]]) -> list[Iterable[bytes]]:
        """What an event's own fields decide on, and `"event":`, in pieces."""
        times: Sequence[float] = ()
        if self._dated:
            times = event_times(batch, next(iter(self._time.read(batch)), None))
        parts: list[Iterable[bytes]] = []
        for name, template in self._metadata.items():
            texts = template.fill(batch, [values[path] for path in template.paths], times)
            known = {text: b"," + _pair(name, text) if text else b"" for text in set(texts)}
            parts.append([known[text] for text in texts])
        if not self._same_fields:
            parts.append(self._indexed(batch, values, times))
        return [*parts, repeat(_EVENT, batch.count)]

    def _indexed(
        self, batch: Batch, values: Mapping[str, Sequence[Any]], times: Sequence[float]
    ) -> Iterable[bytes]:
        """`fields` of each event, or nothing where it has none."""
        columns: list[Iterable[bytes]] = [repeat(pair, batch.count) for pair in self._fixed_fields]
        if self._id_start:
            columns.append([b'%b%b"' % (self._id_start, event_id) for event_id in event_ids(batch)])
        for name, template in self._fields.items():
            texts = template.fill(batch, [values[path] for path in template.paths], times)
            lists = values[template.paths[0]] if _is_one_field(template) else repeat(None)
            columns.append([_field(name, text, several) for text, several in zip(texts, lists, strict=False)])
        pairs = [b",".join(filter(None, row)) for row in zip(*columns, strict=True)]
        return [b',"fields":{%b}' % pair if pair else b"" for pair in pairs]


def _sorted(templates: Mapping[str, str]) -> tuple[list[bytes], dict[str, Template]]:
    """Those that are the same for all events, as they stand in JSON; and the others."""
    read = {name: Template(text) for name, text in templates.items()}
    fixed = [_pair(name, template.fixed) for name, template in read.items() if template.fixed]
    return fixed, {name: template for name, template in read.items() if template.fixed is None}


def _pair(name: str, value: str | list[str]) -> bytes:
    return _encode(name) + b":" + _encode(value)


def _is_one_field(template: Template) -> bool:
    return len(template.paths) == 1 and template.text == f"{{{template.paths[0]}}}"


def _field(name: str, text: str | None, several: Any) -> bytes:
    """An indexed field: text, or a list of texts. Splunk refuses anything else (code 15)."""
    if text:
        return _pair(name, text)
    if isinstance(several, list) and (texts := [text for one in several if (text := as_text(one))]):
        return _pair(name, texts)
    return b""


def _alone(value: Any, line: bytes) -> bytes:
    """The one field that goes; where there is nothing in it, which Splunk would refuse, the whole event."""
    if value is None or value in ({}, []) or (isinstance(value, str) and not value.strip()):
        return line
    return _encode(value)


def _joined(parts: Sequence[Iterable[bytes]], count: int) -> bytes:
    """One piece of each part for each event, put together by one join; the first part ends the event before, too."""
    width = len(parts)
    pieces = [b""] * (width * count + 1)
    for number, part in enumerate(parts):
        pieces[number:-1:width] = part
    pieces[0] = pieces[0][len(_END) :]
    pieces[-1] = _END
    return b"".join(pieces)
