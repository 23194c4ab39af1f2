r"""From lines to events: the one place that decides what becomes of a line.

    a JSON object       taken byte for byte, white space around it too; only `\r` goes, since in JSON it can
                        be nothing but white space
    anything else       {"timestamp": <received>, "message": <line>}; a `\r` at its end goes
    not UTF-8           U+FFFD for the bad bytes, then as above; or {"timestamp": ..., "message_base64": ...}
    blank               skipped

A byte order mark before an object goes. What becomes of a line does not depend on its neighbours.
"""

import sys
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import msgspec

from penstock.block import Block, count_lines
from penstock.sources.base import LineSettings, SourceContext, SourceStats
from penstock.sources.json_lines import count_objects, is_object, is_utf8
from penstock.sources.tags import Tagger

MOST_LINES: Final = 4096
"""A hundred thousand bad ones would take a tenth of a second."""
MOST_ODD: Final = 128 * 2**10
"""Bytes of a block after one that was not UTF-8: half a megabyte of nothing but bad bytes takes 27 ms to mend."""

_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_UNCLEAR: Final = frozenset({"", "{", " ", "\t", "\r", _BOM})
"""First characters of lines that may be blank or an object; with any other a line is text."""
_WHITE: Final = " \t\r"
_BLANKS: Final = frozenset({"", *_WHITE})

_ENCODER: Final = msgspec.json.Encoder()


class Decoder:
    """Lines as they are: a `LineDecoder`."""

    most_lines = MOST_LINES
    nul_ends = False
    whole_datagrams = False

    def __init__(
        self,
        settings: LineSettings,
        context: SourceContext,
        stats: SourceStats,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`more` are fields for events that have none of that name, beside those that the settings ask for."""
        self.most_bytes = sys.maxsize  # what a byte costs is little, unless it is a bad one
        self._source = context.name
        self._stats = stats
        self._base64 = settings.invalid_utf8 == "base64"
        self._tagger = Tagger(
            {
                **({"host": context.host} if settings.add_host else {}),
                **({"source": context.name} if settings.add_source else {}),
                **more,
            }
        )

    def block(self, raw: bytes, arrived: float) -> Block | None:
        if not raw:
            return None
        good = is_utf8(raw)
        self.most_bytes = sys.maxsize if good else MOST_ODD
        data = raw if good else self._mended(raw, arrived)
        count = count_objects(data)
        if count < 0:
            data = self._sorted_out(data, arrived)
            count = count_lines(data)
        if not count:
            return None
        if b"\r" in data:
            data = data.replace(b"\r", b"")  # in JSON it can only be white space
        self._stats.events += count
        return Block(self._tagger(data), count, self._source, arrived)

    def line(self, message: bytes, arrived: float) -> bytes:
        """An object that spans lines is joined; other text is wrapped at once, so that its newlines stay in the event."""
        if b"\n" not in message:
            return message + b"\n"
        if not is_utf8(message):
            message = self._mended_line(message, arrived)
        text = _without_mark(message.decode())
        if is_object(text):
            return text.replace("\n", " ").encode() + b"\n"
        if not text.strip(_WHITE + "\n"):
            return b"\n"
        return self._wrapped([text], arrived)

    def _mended(self, raw: bytes, arrived: float) -> bytes:
        """`raw` as UTF-8; only the lines that are not are changed."""
        lines = raw.split(b"\n")
        return b"\n".join([line if is_utf8(line) else self._mended_line(line, arrived) for line in lines])

    def _mended_line(self, line: bytes, arrived: float) -> bytes:
        self._stats.invalid_utf8 += 1
        if not self._base64:
            return line.decode(errors="replace").encode()
        self._stats.wrapped += 1
        encoded = b64encode(line.removesuffix(b"\r"))
        return b'{"timestamp":"%s","message_base64":"%s"}' % (_timestamp(arrived), encoded)

    def _sorted_out(self, data: bytes, arrived: float) -> bytes:
        """The events of lines of which at least one is not an object."""
        lines = data.decode().split("\n")
        if not lines[-1]:
            lines.pop()
        if b"\r" in data:
            lines = [line.removesuffix("\r") for line in lines]
        heads = {line[:1] for line in lines}
        if not heads & _UNCLEAR:
            return self._wrapped(lines, arrived)
        if heads & _BLANKS:
            kept = [line for line in lines if line and (not line.isspace() or line.strip(_WHITE))]
            self._stats.blank += len(lines) - len(kept)
            lines = kept
        if _BOM in heads:
            lines = [_without_mark(line) for line in lines]
        texts = [
            index
            for index, line in enumerate(lines)
            if line[0] != "{" and (line[0] not in _WHITE or line.lstrip(_WHITE)[0] != "{")
        ]
        if len(texts) == len(lines):
            return self._wrapped(lines, arrived)
        self._wrap_some(lines, texts, arrived)
        events = "\n".join([*lines, ""]).encode()
        if count_objects(events) >= 0:
            return events
        known = set(texts)
        broken = [index for index, line in enumerate(lines) if index not in known and not is_object(line)]
        self._wrap_some(lines, broken, arrived)
        return "\n".join([*lines, ""]).encode()

    def _wrap_some(self, lines: list[str], indices: list[int], arrived: float) -> None:
        """Puts an event in the place of each line at these indices."""
        events = self._wrapped([lines[index] for index in indices], arrived).decode().split("\n")
        for index, event in zip(indices, events, strict=False):  # the last of `events` is empty
            lines[index] = event

    def _wrapped(self, texts: list[str], arrived: float) -> bytes:
        """An event for each text. All share one beginning, so it is put in by one `replace`."""
        if not texts:
            return b""
        self._stats.wrapped += len(texts)
        beginning = b'{"timestamp":"%s","message":' % _timestamp(arrived)
        strings = _ENCODER.encode_lines(texts)  # JSON strings, which hold no newline
        return b"".join((beginning, strings[:-1].replace(b"\n", b"}\n" + beginning), b"}\n"))


def _without_mark(text: str) -> str:
    rest = text.removeprefix(_BOM)
    return rest if is_object(rest) else text


def _timestamp(seconds: float) -> bytes:
    """RFC 3339 in UTC, with milliseconds."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").encode() + b"Z"
