r"""From a posted body to events.

    form      by Content-Type                            what is read
    lines     application/x-ndjson and its like          one object a line
    json      application/json, .../*+json               an array; one object, over any number of lines; or lines
    text      text/plain                                 an array of objects; one object; or any lines
    any       none, form (curl -d), octet-stream         as json where it is an object or an array, as text else

In an array a string is a message. In `text` nothing is malformed: what is no object is a message.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from penstock.block import Block, count_lines
from penstock.fields import show_size
from penstock.sources.base import LineSettings, SourceContext, SourceStats
from penstock.sources.decode import Decoder
from penstock.sources.framing import Limit, NewlineFramer
from penstock.sources.http_answers import Malformed, Refusal
from penstock.sources.joining import Joiner, Joining
from penstock.sources.json_lines import is_object, is_utf8

Form = Literal["lines", "json", "text", "any"]
OnMalformed = Literal["keep_good", "reject_all", "wrap"]

_FORMS: Final[dict[str, Form]] = {
    "application/x-ndjson": "lines",
    "application/ndjson": "lines",
    "application/jsonl": "lines",
    "application/x-jsonlines": "lines",
    "application/jsonlines": "lines",
    "application/json": "json",
    "text/json": "json",
    "text/plain": "text",
    "application/x-www-form-urlencoded": "any",
    "application/octet-stream": "any",
    "": "any",
}
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_SLICE_BYTES: Final = 2**17
_SLICE_LINES: Final = 2048
"""What is decoded before the loop gets its turn: a few milliseconds, even where all of it is malformed."""
_COMMAS: Final = 2
"""Commas an element, on the whole, of an array; what has more of them than that is not looked into."""
_TOLD: Final = 100
"""Malformed parts that are told one by one; the others are counted."""
_BOM: Final = b"\xef\xbb\xbf"
_WHITE: Final = b" \t\r\n"
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_STRING: Final = msgspec.json.Decoder(str)
_COUNTERS: Final = ("events", "wrapped", "blank", "invalid_utf8", "truncated", "discarded")


@dataclass(slots=True)
class Events:
    """What a body held."""

    blocks: list[Block] = field(default_factory=list)
    tally: SourceStats = field(default_factory=SourceStats)
    """Of the blocks."""
    malformed: list[Malformed] = field(default_factory=list)
    """The first of them."""
    malformed_total: int = 0


@dataclass(frozen=True, slots=True)
class _Lines:
    """A body as lines, each ending in a newline."""

    data: bytes
    strict: bool
    """A line that is no object is malformed."""
    strings: bool = False
    """A line that is a JSON string is the message in it."""


def form_of(content_type: str) -> Form | Refusal:
    """How a body of this type is read."""
    media, _, parameters = content_type.partition(";")
    media = media.strip().lower()
    form = _FORMS.get(media) or ("json" if media.endswith("+json") else None)
    if form is None:
        return Refusal(
            415,
            f"Content-Type {media!r} is not known: send application/x-ndjson, application/json or text/plain",
            {"Accept-Post": "application/x-ndjson, application/json, text/plain"},
        )
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in _CHARSETS:
            return Refusal(415, f"charset {value.strip()!r} is not known: send UTF-8")
    return form


class EventReader:
    """Reads bodies for one source."""

    def __init__(
        self,
        settings: LineSettings,
        context: SourceContext,
        on_malformed: OnMalformed,
        max_events: int = 2**20,
        joining: Joining | None = None,
    ) -> None:
        """`max_events` bounds one body: of lines of two bytes each, 16 MiB would become half a gigabyte."""
        self._max_events = max_events
        self._max_line = settings.max_line
        self._wrap = on_malformed == "wrap"
        # Shared by all requests, so between filling the tally and taking it there must be no await.
        self._tally = SourceStats()
        self._limit = Limit(settings.max_line, settings.long_lines, self._tally)
        self._decoder = Decoder(settings, context, self._tally)
        self._joining = joining

    async def read(self, body: bytes, form: Form, arrived: float) -> Events | Refusal:
        """The events of `body`; those that are malformed apart. Gives the loop its turns."""
        lines = self._lines(body.removeprefix(_BOM), form)
        if isinstance(lines, Refusal):
            return lines
        if len(lines.data) > self._max_events and count_lines(lines.data) > self._max_events:
            return self._too_many()
        events = Events()
        index = 0
        joiner = self._joiner(lines, arrived)
        for piece in _slices(lines.data):
            if index:
                await asyncio.sleep(0)
            if joiner is None:
                self._decode(piece, lines, index, arrived, events)
            else:
                self._add(self._decoder.block(joiner.feed(self._short(piece)), arrived), events)
            index += count_lines(piece)
        if joiner is not None:
            self._add(self._decoder.block(joiner.flush(), arrived), events)
        return events

    def _joiner(self, lines: _Lines, arrived: float) -> Joiner | None:
        """For a body of text."""
        if self._joining is None or lines.strict:
            return None
        return self._joining.joiner(lambda message: self._decoder.line(message, arrived))

    def _lines(self, body: bytes, form: Form) -> _Lines | Refusal:
        first = body.lstrip(_WHITE)[:1]
        if form == "lines":
            return _Lines(_ended(body), strict=True)
        if first == b"[":
            return self._array(body, form)
        if first == b"{" and b"\n" in body.strip(_WHITE) and is_utf8(body) and is_object(body):
            # In JSON a newline can only be white space.
            return _Lines(body.replace(b"\n", b" ") + b"\n", strict=True)
        strict = form == "json" or (form == "any" and first == b"{")
        return _Lines(_ended(body), strict, strings=form == "json")

    def _array(self, body: bytes, form: Form) -> _Lines | Refusal:
        # Each element takes memory, and all are found in one go, for which everything else waits.
        if body.rstrip(_WHITE).endswith(b"]") and body.count(b",") > _COMMAS * self._max_events:
            return self._too_many()
        elements = _elements(body)
        if isinstance(elements, bytes):
            if form == "json" or _holds_objects(elements, every=form == "text"):
                return _Lines(elements, strict=True, strings=True)
        elif form == "json" and not self._wrap:
            return Refusal(400, f"the body is not JSON: {elements}")
        return _Lines(_ended(body), strict=False)

    def _too_many(self) -> Refusal:
        return Refusal(413, f"the body may hold more than {self._max_events} events: send it in parts")

    def _decode(self, piece: bytes, lines: _Lines, index: int, arrived: float, events: Events) -> None:
        tally = self._tally
        block = self._decoder.block(self._short(piece), arrived)
        flawed = tally.wrapped or tally.invalid_utf8 or tally.truncated or tally.discarded
        if flawed and lines.strict and (lines.strings or not self._wrap):
            _reset(tally)
            good = self._good(piece, lines, index, arrived, events)
            block = self._decoder.block(self._short(good), arrived)
        self._add(block, events)

    def _add(self, block: Block | None, events: Events) -> None:
        if block is not None:
            events.blocks.append(block)
        add_counts(events.tally, self._tally)
        _reset(self._tally)

    def _short(self, piece: bytes) -> bytes:
        """None of its lines longer than the limit."""
        return NewlineFramer(self._limit).feed(piece, len(piece))

    def _good(self, piece: bytes, lines: _Lines, index: int, arrived: float, events: Events) -> bytes:
        """The lines of `piece` that are no malformed events; the others are noted."""
        good: list[bytes] = []
        for at, line in enumerate(piece[:-1].split(b"\n"), index):
            fault = _fault(line, self._max_line, explain=len(events.malformed) < _TOLD)
            if fault and lines.strings and (text := _string(line)) is not None:
                good.append(self._decoder.line(text, arrived))
            elif not fault or self._wrap:
                good.append(line + b"\n")
            else:
                events.malformed_total += 1
                if len(events.malformed) < _TOLD:
                    events.malformed.append(Malformed(at, fault))
        return b"".join(good)


def add_counts(total: SourceStats, tally: SourceStats) -> None:
    """Adds what is counted by line."""
    for name in _COUNTERS:
        setattr(total, name, getattr(total, name) + getattr(tally, name))


def _reset(tally: SourceStats) -> None:
    for name in _COUNTERS:
        setattr(tally, name, 0)


def _ended(body: bytes) -> bytes:
    return body if body.endswith(b"\n") or not body else body + b"\n"


def _slices(lines: bytes) -> Iterator[bytes]:
    if len(lines) <= _SLICE_BYTES // 4:
        if lines:
            yield lines
        return
    size = min(_SLICE_BYTES, max(1, len(lines) * _SLICE_LINES // count_lines(lines)))
    at = 0
    while at < len(lines):
        end = lines.find(b"\n", min(at + size, len(lines)) - 1) + 1
        yield lines[at:end]
        at = end


def _elements(body: bytes) -> bytes | str:
    """The elements of an array as lines, or why it is none."""
    try:
        elements = _ELEMENTS.decode(body)
        joined = b"\n".join([*elements, b""])
        if elements and count_lines(joined) != len(elements):
            elements = _ELEMENTS.decode(msgspec.json.format(body, indent=-1))
            joined = b"\n".join([*elements, b""])
    except msgspec.DecodeError as exc:
        return str(exc)
    except RecursionError:
        return "it is nested too deeply"
    return joined if elements else b""


def _holds_objects(lines: bytes, *, every: bool) -> bool:
    heads = [line[:1] == b"{" for line in lines.split(b"\n")[:-1]]
    return bool(heads) and (all(heads) if every else any(heads))


def _string(line: bytes) -> bytes | None:
    if line.lstrip(_WHITE)[:1] != b'"':
        return None
    try:
        return _STRING.decode(line).encode()
    except (msgspec.DecodeError, UnicodeError):
        return None


def _fault(line: bytes, max_line: int, *, explain: bool) -> str:
    """Why a line is no event; empty where it is one, or blank."""
    if len(line) > max_line:
        return f"longer than `max_line` ({show_size(max_line)})"
    if not is_utf8(line):
        return "not UTF-8"
    start = line.removeprefix(_BOM).lstrip(_WHITE)
    if (start[:1] == b"{" and is_object(start)) or not line.strip(_WHITE):
        return ""
    # To decode it only for the reason costs more than all the rest.
    return _reason(line) if explain else "malformed"


def _reason(line: bytes) -> str:
    try:
        value = msgspec.json.decode(line)
    except msgspec.DecodeError as exc:
        return str(exc)
    except RecursionError:
        return "nested too deeply"
    return f"a JSON {_NAMES.get(type(value), 'value')}, not an object"


_NAMES: Final = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    list: "array",
    type(None): "null",
}
