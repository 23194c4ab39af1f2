"""Items of a request: events, each with what it gets behind its own, and none longer than the intake keeps whole."""

from collections.abc import Mapping
from itertools import repeat
from typing import Final

import msgspec

from penstock.block import Batch
from penstock.destinations.datadog_attributes import More
from penstock.destinations.event_ids import id_overhead, with_ids

LONGEST: Final = 10**6
"""Bytes of an event; the intake cuts what is longer, and says nothing. Whether it means 2**20 is not told."""
_MESSAGE: Final = "message"
_MOST_CUT: Final = 16
"""Members of an event that are cut; each costs about a millisecond."""

_objects: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text: Final = msgspec.json.Decoder(str)
_encode: Final = msgspec.json.Encoder().encode


class Items:
    """The items of one batch while they are put together."""

    def __init__(self, batch: Batch, id_field: str) -> None:
        self._batch = batch
        self._id_field = id_field
        self._lines: list[bytes] | None = None
        self._more: list[More] = []

    def put(self, more: More) -> None:
        """These members into each event; of one name only once.

        They come last: of two members of a name nearly every reader takes the last, and the other is null.
        """
        if more:
            self._more.append(more)

    def put_some(self, more: Mapping[int, bytes]) -> None:
        """The same for those at these indices."""
        if more:
            self._more.append([more.get(index, b"") for index in range(self._batch.count)])

    def take_out(self, index: int, name: str) -> bytes:
        """Takes a member out of an event, and returns its value as it stood; empty where it has none."""
        lines = self._all_lines()
        lines[index], value = without(lines[index], b'"%b"' % name.encode())
        return value

    def too_long(self) -> Mapping[int, int]:
        """The length of each that is longer than the intake keeps whole, by index."""
        most = sum([len(more) if isinstance(more, bytes) else max(map(len, more)) for more in self._more])
        if self._batch.size + most + id_overhead(self._id_field) <= LONGEST:
            return {}
        lengths = [len(line) + len(more) for line, more in zip(self._all_lines(), self._each(), strict=True)]
        return {index: length for index, length in enumerate(lengths) if length > LONGEST}

    def cut(self, index: int) -> bool:
        """Cuts an event down to what the intake keeps; false where that cannot be done."""
        lines = self._all_lines()
        shorter = shortened(lines[index], LONGEST - len(self._each()[index]))
        if shorter is not None:
            lines[index] = shorter
        return shorter is not None

    def body(self) -> bytes:
        """All of them, as one array."""
        if not self._more:
            data = self._batch.data[:-1] if self._untouched() else b"\n".join(self._all_lines())
            return b"[%b]" % data.replace(b"\n", b",")
        lines = self._all_lines()
        if (
            not min(lines)[:2] == b'{"' == max(lines)[:2]
        ):  # all begin so, unless one is empty or has a space there
            items = [_behind(line, more) for line, more in zip(lines, self._each(), strict=True)]
            return b"[%b]" % b",".join(items)
        same = [more for more in self._more if isinstance(more, bytes)]
        if len(same) == len(self._more):
            end = b"".join(same) + b"}"
            return b"[%b%b]" % ((end + b",").join([line[:-1] for line in lines]), end)
        items = [line[:-1] + more for line, more in zip(lines, self._each(), strict=True)]
        return b"[%b}]" % b"},".join(items)

    def _untouched(self) -> bool:
        return self._lines is None and not self._id_field

    def _all_lines(self) -> list[bytes]:
        if self._lines is None:
            self._lines = with_ids(self._batch, self._id_field)
        return self._lines

    def _each(self) -> list[bytes]:
        count = self._batch.count
        columns = [repeat(more, count) if isinstance(more, bytes) else more for more in self._more]
        return [b"".join(row) for row in zip(*columns, strict=True)] if columns else [b""] * count


def without(line: bytes, name: bytes) -> tuple[bytes, bytes]:
    """An event without the member of this name, and that member's value; empty where it has none.

    The name is as it stands in the event, with its quotes.
    """
    if name not in line:
        return line, b""
    at = len(name) + 2
    if line[1:at] == name + b":" and line[at : at + 1].isdigit() and (end := line.find(b",", at)) > 0:
        return b"{" + line[end + 1 :], line[at:end]  # a number in front, as many loggers write the time
    try:
        members = _objects.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return line, b""
    value = members.pop(name[1:-1].decode(), None)
    return (line, b"") if value is None else (_encode(members), bytes(value))


def shortened(line: bytes, room: int) -> bytes | None:
    """An event of at most `room` bytes: its message is cut, or else its longest members, with a mark."""
    try:
        members = _objects.decode(line)
        by_length = sorted(members, key=lambda name: (name != _MESSAGE, -len(bytes(members[name]))))
        for name in by_length[:_MOST_CUT]:
            excess = len(line) - room
            if excess <= 0:
                break
            raw = bytes(members[name])
            # What is no text is kept as text as far as it goes.
            text = _text.decode(raw) if raw[:1] == b'"' else raw.decode()
            members[name] = msgspec.Raw(_begin(text, len(raw) - excess))
            line = _encode(members)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return line if len(line) <= room else None


def _begin(text: str, room: int) -> bytes:
    """As JSON in at most `room` bytes, or as little as the mark takes."""
    mark = f"… [cut: it had {len(text)} characters]"
    keep = min(len(text), max(0, room))
    while len(made := _encode(text[:keep] + mark)) > room and keep:
        keep = min(keep - 1, keep * max(0, room) // len(made))
    return made


def _behind(line: bytes, more: bytes) -> bytes:
    inner = line[1:-1].strip()
    return b"{%b%b}" % (inner, more if inner else more[1:])
