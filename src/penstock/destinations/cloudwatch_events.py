"""Log events of a batch: their messages and times, in the order and within the sizes that PutLogEvents wants.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, Literal

import orjson

from penstock.block import Batch
from penstock.exchange import Note

TooLong = Literal["cut", "split", "dead_letter"]

MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 2**20
"""Of one request, as the service counts: the messages in UTF-8, and 26 bytes for each."""
OVERHEAD: Final = 26
LONGEST_SPAN: Final = 24 * 3600 * 1000
"""Milliseconds between the first and the last log event of a request."""
LONGEST_MESSAGE: Final = MOST_BYTES - OVERHEAD
MARK: Final = "\x7f"
"""Stands between messages while they are escaped all at once. JSON leaves it as it is, and hardly any text has it."""
_MARK: Final = MARK.encode()


@dataclass(frozen=True, slots=True)
class LogEvents:
    """What one request would carry, oldest first."""

    times: Sequence[int]
    """Milliseconds since the epoch."""
    messages: Sequence[bytes] = field(repr=False)
    """Escaped, as they stand in JSON between quotes."""
    owners: Sequence[int]
    """For each log event the index of its event in the batch."""
    size: int
    """Bytes of the messages before they were escaped."""
    notes: Mapping[int, Note] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    """Events that make no log event; with any of them the rest means nothing."""

    @property
    def weight(self) -> int:
        """Bytes as the service counts them."""
        return self.size + len(self.times) * OVERHEAD

    def body(self, group: str, stream: str) -> bytes:
        """The whole request."""
        stamps = orjson.dumps(self.times)[1:-1]
        # What stands between two messages is made for all of them at once, and cut at a newline, which it has nowhere.
        between = stamps.replace(b",", b',"message":"\n"},{"timestamp":').split(b"\n")
        pieces = [b""] * (2 * len(between))
        pieces[0::2] = between
        pieces[1::2] = self.messages
        start = b'{"logGroupName":%b,"logStreamName":%b,"logEvents":[{"timestamp":' % (
            orjson.dumps(group),
            orjson.dumps(stream),
        )
        pieces[0] = start + pieces[0]
        pieces[-2] += b',"message":"'
        pieces.append(b'"}]}')
        return b"".join(pieces)

    @property
    def fits(self) -> bool:
        """All goes into one request."""
        times = self.times
        brief = times[-1] - times[0] <= LONGEST_SPAN and len(times) <= MOST_EVENTS
        return brief and self.weight <= MOST_BYTES

    def parts(self) -> list[list[int]]:
        """The events of each request, where they do not go into one."""
        sizes = [len(orjson.loads(b'"%b"' % message).encode()) for message in self.messages]
        parts: list[list[int]] = []
        first = count = size = 0
        at = 0
        while at < len(self.times):
            end = at + 1
            while end < len(self.times) and self.owners[end] == self.owners[at]:
                end += 1  # the pieces of an event stay together
            more = sum(sizes[at:end]) + (end - at) * OVERHEAD
            fits = size + more <= MOST_BYTES and count + end - at <= MOST_EVENTS
            if not parts or not fits or self.times[at] - first > LONGEST_SPAN:
                parts.append([])
                first, count, size = self.times[at], 0, 0
            parts[-1].append(self.owners[at])
            count, size, at = count + end - at, size + more, end
        return parts


def in_order(times: Sequence[int], data: bytes, escaped: Sequence[bytes] | None = None) -> LogEvents:
    """Whole events, none of them too long; `escaped` are the lines of `data`, as `escaped_lines` gives them."""
    lines = escaped_lines(data) if escaped is None else escaped
    return _sorted(times, lines, range(len(times)), len(data) - len(times), {})


def escaped_lines(data: bytes) -> list[bytes]:
    """Each line as it stands in JSON, between quotes."""
    text = data[:-1].decode(errors="replace")
    if MARK in text:
        return _escaped(text.split("\n"))
    return _escape(text.replace("\n", MARK)).split(_MARK)


def measured(
    times: Sequence[int], messages: Sequence[str], batch: Batch, longest: int, too_long: TooLong
) -> LogEvents:
    """Any messages, one for each event of the batch; those of more than `longest` bytes as `too_long` says."""
    sizes = [len(message) if message.isascii() else len(message.encode()) for message in messages]
    if max(sizes) <= longest:
        return _sorted(times, _escaped(messages), range(len(messages)), sum(sizes), {})
    ids = list(batch.event_ids()) if too_long == "split" else []
    pieces: list[str] = []
    owners: list[int] = []
    notes: dict[int, Note] = {}
    refused: dict[int, str] = {}
    for index, (message, size) in enumerate(zip(messages, sizes, strict=True)):
        made = [message]
        if size > longest and too_long == "cut":
            made = [_cut(message, size, longest)]
            notes[index] = "cut"
        elif size > longest:
            made = _split(message, ids[index], longest) if too_long == "split" else []
            if sum([len(piece.encode()) + OVERHEAD for piece in made]) > MOST_BYTES:
                made = []
        if not made:
            most = "a request takes" if too_long == "split" else f"{longest}"
            refused[index] = f"its message has {size} bytes, more than {most}"
        pieces += made
        owners += [index] * len(made)
    size = sum([len(piece.encode()) for piece in pieces])
    return _sorted([times[index] for index in owners], _escaped(pieces), owners, size, notes, refused)


def _escaped(messages: Sequence[str]) -> list[bytes]:
    text = MARK.join(messages)
    if text.count(MARK) != len(messages) - 1:
        return [_escape(message) for message in messages]
    return _escape(text).split(_MARK)


def _escape(text: str) -> bytes:
    """To do so once with a long text costs half of doing it with each message."""
    return orjson.dumps(text)[1:-1]


def _sorted(
    times: Sequence[int],
    messages: Sequence[bytes],
    owners: Sequence[int],
    size: int,
    notes: Mapping[int, Note],
    refused: Mapping[int, str] | None = None,
) -> LogEvents:
    """By time; those of the same time stay as they came."""
    # Of numbers as large as these, floats are compared in half the time.
    keys = list(map(float, times))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if order != list(range(len(keys))):
        put = itemgetter(*order)
        times, messages, owners = put(times), put(messages), put(owners)
    return LogEvents(times, messages, owners, size, notes, refused or {})


def _cut(message: str, size: int, longest: int) -> str:
    mark = f"… [cut: it had {size} bytes]"
    return _begin(message.encode()[: longest - len(mark.encode())]) + mark


def _split(message: str, event_id: str, longest: int) -> list[str]:
    data = message.encode()
    room = longest - len(_mark(event_id, MOST_EVENTS, MOST_EVENTS).encode())
    pieces: list[str] = []
    at = 0
    while at < len(data):
        piece = _begin(data[at : at + room])
        pieces.append(piece)
        at += len(piece.encode())
    return [_mark(event_id, number, len(pieces)) + piece for number, piece in enumerate(pieces, 1)]


def _mark(event_id: str, number: int, of: int) -> str:
    return f"[{event_id} part {number} of {of}] "


def _begin(data: bytes) -> str:
    """Its whole characters: the last may be cut."""
    return data.decode(errors="ignore")
