"""Log events of a batch: their messages and times, in the order and within the sizes that PutLogEvents wants.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter, le
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


@dataclass(frozen=True, slots=True)
class LogEvents:
    """What one request would carry, oldest first."""

    times: Sequence[int]
    """Milliseconds since the epoch."""
    text: str = field(repr=False)
    """The messages, with `MARK` between them; or `messages` has them, where one of them has it inside."""
    owners: Sequence[int]
    """For each log event the index of its event in the batch."""
    messages: Sequence[str] | None = field(default=None, repr=False)
    notes: Mapping[int, Note] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    """Events that make no log event; with any of them the rest means nothing."""

    @property
    def weight(self) -> int:
        """Bytes as the service counts them."""
        size = len(self.text) if self.text.isascii() else len(self.text.encode())
        return size + len(self.times) * (OVERHEAD - 1) + 1

    def body(self, group: str, stream: str) -> bytes:
        """The whole request."""
        names = b'{"logGroupName":%b,"logStreamName":%b,"logEvents":' % (
            orjson.dumps(group),
            orjson.dumps(stream),
        )
        if self.messages is not None:
            rows = [
                {"timestamp": time, "message": message}
                for time, message in zip(self.times, self.messages, strict=True)
            ]
            return b"%b%b}" % (names, orjson.dumps(rows))
        # Escaping one long text costs half of escaping each message, and the times go in by one formatting.
        strings = orjson.dumps(self.text).replace(b"%", b"%%")
        between = strings.replace(MARK.encode(), b'"},{"timestamp":%d,"message":"') % tuple(self.times[1:])
        return b'%b[{"timestamp":%d,"message":%b}]}' % (names, self.times[0], between)

    @property
    def fits(self) -> bool:
        """All goes into one request."""
        times = self.times
        brief = times[-1] - times[0] <= LONGEST_SPAN and len(times) <= MOST_EVENTS
        return brief and self.weight <= MOST_BYTES

    def parts(self) -> list[list[int]]:
        """The events of each request, where they do not go into one."""
        messages = self.text.split(MARK) if self.messages is None else self.messages
        parts: list[list[int]] = []
        first = count = size = 0
        at = 0
        while at < len(self.times):
            end = at + 1
            while end < len(self.times) and self.owners[end] == self.owners[at]:
                end += 1  # the pieces of an event stay together
            more = sum([len(message.encode()) + OVERHEAD for message in messages[at:end]])
            fits = size + more <= MOST_BYTES and count + end - at <= MOST_EVENTS
            if not parts or not fits or self.times[at] - first > LONGEST_SPAN:
                parts.append([])
                first, count, size = self.times[at], 0, 0
            parts[-1].append(self.owners[at])
            count, size, at = count + end - at, size + more, end
        return parts


def in_order(times: Sequence[int], data: bytes) -> LogEvents:
    """Whole events, none of them too long."""
    mark = MARK.encode()
    if mark in data:
        return _sorted(times, data[:-1].decode(errors="replace").split("\n"), range(len(times)), {})
    if _ascending(times):
        return LogEvents(times, data[:-1].decode(errors="replace").replace("\n", MARK), range(len(times)))
    order = sorted(range(len(times)), key=times.__getitem__)
    in_its_order = itemgetter(*order)  # two at least, or they would ascend
    lines = in_its_order(data.split(b"\n"))
    return LogEvents(list(in_its_order(times)), mark.join(lines).decode(errors="replace"), order)


def measured(
    times: Sequence[int], messages: Sequence[str], batch: Batch, longest: int, too_long: TooLong
) -> LogEvents:
    """Any messages, one for each event of the batch; those of more than `longest` bytes as `too_long` says."""
    sizes = [len(message) if message.isascii() else len(message.encode()) for message in messages]
    if max(sizes) <= longest:
        return _sorted(times, messages, range(len(messages)), {})
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
    return _sorted([times[index] for index in owners], pieces, owners, notes, refused)


def _sorted(
    times: Sequence[int],
    messages: Sequence[str],
    owners: Sequence[int],
    notes: Mapping[int, Note],
    refused: Mapping[int, str] | None = None,
) -> LogEvents:
    """By time; those of the same time stay as they came."""
    if not _ascending(times):
        order = sorted(range(len(times)), key=times.__getitem__)
        times = [times[at] for at in order]
        messages = [messages[at] for at in order]
        owners = [owners[at] for at in order]
    text = MARK.join(messages)
    marked = text.count(MARK) != len(messages) - 1
    return LogEvents(times, text, owners, messages if marked else None, notes, refused or {})


def _ascending(times: Sequence[int]) -> bool:
    return all(map(le, times, islice(times, 1, None)))


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
