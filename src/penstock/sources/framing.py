r"""Where one message ends and the next begins: bytes in, whole lines out. Pure, one framer a connection.

    newline         MSG \n
    octet counting  LEN SP MSG (RFC 6587, 3.4.1), LEN in decimal without leading zero
    auto            the one or the other, by how the connection begins: a number and a space means counting

A message over `max_line` is cut, with a mark, or dropped; it is never held beyond that, however long it is.
"""

import re
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from penstock.sources.base import SourceStats
from penstock.sources.intake import LARGEST

Framing = Literal["newline", "octet_counting", "auto"]

BITE: Final = LARGEST
"""Bytes that are worth feeding at once where finding the last newline is all there is to do: those of a block."""
COUNTED_BITE: Final = 2**14
"""The same where each message is looked at by itself: of one byte each, a hundred thousand would stall the loop."""
MARK: Final = "…[cut]".encode()
"""Ends a line that was cut."""

_COUNT: Final = re.compile(rb"[1-9][0-9]{0,8} ")
_COUNT_BEGUN: Final = re.compile(rb"[1-9][0-9]{0,8}")


class Framer(Protocol):
    """Turns what arrives on one connection into lines."""

    @property
    @abstractmethod
    def bite(self) -> int:
        """Bytes to feed at once, at most; more is well, but takes long."""

    @property
    @abstractmethod
    def held(self) -> int:
        """Bytes of an unfinished message."""

    @property
    @abstractmethod
    def broken(self) -> str:
        """Why nothing more can be made of this connection; empty while all is well."""

    @abstractmethod
    def feed(self, data: bytes | bytearray, size: int) -> bytes:
        r"""The lines that the first `size` bytes of `data` complete, each ending in `\n`; may be empty."""

    @abstractmethod
    def give_up(self) -> bytes:
        """Treats the unfinished message as one that is too long, now: its cut line, or nothing."""

    @abstractmethod
    def end(self) -> bytes:
        """There is no more: what is left as a line, or nothing."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What happens to long messages."""

    max_line: int
    long_lines: Literal["cut", "drop"]
    stats: SourceStats

    def shorten(self, start: bytes | bytearray) -> bytes:
        """What stays of a message that begins with `start`: a line with the mark, or nothing. Counts it."""
        if self.long_lines == "drop":
            self.stats.discarded += 1
            return b""
        self.stats.truncated += 1
        keep = min(len(start), max(0, self.max_line - len(MARK)))
        floor = max(0, keep - 3)
        while keep > floor and keep < len(start) and start[keep] & 0xC0 == 0x80:
            keep -= 1  # not within a character
        return b"".join((memoryview(start)[:keep], MARK, b"\n"))


def framer_for(
    framing: Framing, limit: Limit, one_line: Callable[[bytes], bytes], *, nul_ends: bool = False
) -> Framer:
    """A framer for a new connection. `one_line` makes a line of a message that holds newlines."""
    match framing:
        case "newline":
            return NewlineFramer(limit, nul_ends=nul_ends)
        case "octet_counting":
            return OctetFramer(limit, one_line)
        case "auto":
            return AutoFramer(limit, one_line, nul_ends=nul_ends)


class NewlineFramer:
    """Cuts at the last newline; what follows waits for its end. With `nul_ends` a NUL is a newline."""

    bite = BITE
    broken = ""

    def __init__(self, limit: Limit, *, nul_ends: bool = False) -> None:
        self._limit = limit
        self._nul_ends = nul_ends
        self._rest = bytearray()
        self._skipping = False  # in a line of which all that stays has been handed on

    @property
    def held(self) -> int:
        return len(self._rest)

    def feed(self, data: bytes | bytearray, size: int) -> bytes:
        start = 0
        if self._nul_ends and data.find(0, 0, size) >= 0:
            data = data[:size].replace(b"\0", b"\n")
        if self._skipping:
            start = data.find(b"\n", 0, size) + 1
            if not start:
                return b""
            self._skipping = False
        cut = data.rfind(b"\n", start, size) + 1
        with memoryview(data) as view:
            lines = b""
            if cut:
                lines = b"".join((self._rest, view[start:cut]))
                self._rest = bytearray()
                start = cut
            self._rest += view[start:size]
        if len(lines) > self._limit.max_line + 1:
            lines = self._shortened(lines)
        if len(self._rest) > self._limit.max_line:
            lines += self.give_up()
        return lines

    def give_up(self) -> bytes:
        line = self._limit.shorten(self._rest)
        self._rest = bytearray()
        self._skipping = True
        return line

    def end(self) -> bytes:
        line = bytes(self._rest) + b"\n" if self._rest else b""
        self._rest = bytearray()
        return line

    def _shortened(self, lines: bytes) -> bytes:
        """Each line within the limit. Looks only once every `max_line` bytes, not at every newline."""
        longest = self._limit.max_line
        pieces: list[bytes] = []
        done = at = 0
        while len(lines) - at > longest + 1:
            end = lines.rfind(b"\n", at, at + longest + 1) + 1
            if not end:  # the line at `at` is too long
                end = lines.find(b"\n", at) + 1
                pieces += lines[done:at], self._limit.shorten(lines[at : end - 1])
                done = end
            at = end
        return b"".join([*pieces, lines[done:]]) if pieces else lines


class OctetFramer:
    """Messages by their told length.

    A length that cannot be one breaks the connection: nobody could say where the next message begins, and
    the sender starts afresh when it connects again.
    """

    bite = COUNTED_BITE

    def __init__(self, limit: Limit, one_line: Callable[[bytes], bytes]) -> None:
        self.broken = ""
        self._limit = limit
        self._one_line = one_line
        self._rest = bytearray()
        self._needed = 1  # bytes in _rest before it is worth a look
        self._skip = 0  # bytes still to come of a message of which all that stays has been handed on

    @property
    def held(self) -> int:
        return len(self._rest)

    def feed(self, data: bytes | bytearray, size: int) -> bytes:
        if self.broken:
            return b""
        start = min(self._skip, size)
        self._skip -= start
        with memoryview(data) as view:
            self._rest += view[start:size]
        if len(self._rest) < self._needed:
            return b""
        whole = bytes(self._rest)
        lines, at = self._messages(whole)
        self._rest = bytearray(whole[at:])
        return b"".join(lines)

    def give_up(self) -> bytes:
        count = _COUNT.match(self._rest)
        if count is None:
            return b""
        self._skip = int(count[0]) - (len(self._rest) - count.end())
        line = self._limit.shorten(self._rest[count.end() :])
        self._rest = bytearray()
        self._needed = 1
        return line

    def end(self) -> bytes:
        rest = bytes(self._rest)
        self._rest = bytearray()
        self._needed = 1
        count = _COUNT.match(rest)
        if self.broken or count is None or count.end() == len(rest):
            return b""
        self._limit.stats.truncated += 1  # shorter than its sender said
        return self._line(rest[count.end() :])

    def _messages(self, data: bytes) -> tuple[list[bytes], int]:
        """The lines of all messages that can be finished, and where the first that cannot begins."""
        lines: list[bytes] = []
        at = 0
        longest = self._limit.max_line
        while at < len(data):
            if data[at] == 0x0A:  # some senders end a counted message with a newline that they did not count
                at += 1
                continue
            count = _COUNT.match(data, at)
            if count is None:
                self._needed = len(data) - at + 1
                begun = _COUNT_BEGUN.match(data, at)
                if begun is None or begun.end() < len(data):
                    self.broken = f"a message length was expected, not {data[at : at + 12]!r}"
                    self._limit.stats.discarded += 1
                    return lines, len(data)
                return lines, at
            begin = count.end()
            end = begin + int(count[0])
            if end - begin > longest and len(data) - begin >= longest:
                lines.append(self._limit.shorten(data[begin : min(end, len(data))]))
                self._skip = max(0, end - len(data))
            elif end > len(data):
                self._needed = min(end, begin + longest) - at
                return lines, at
            else:
                lines.append(self._line(data[begin:end]))
            at = end
        self._needed = 1
        return lines, len(data)

    def _line(self, message: bytes) -> bytes:
        message = message.rstrip(b"\r\n")
        return self._one_line(message) if b"\n" in message else message + b"\n"


class AutoFramer:
    """Decides once, by the first bytes of the connection, and keeps to it.

    No sender mixes the two, and a line that happens to begin with a number is not misread later on.
    """

    def __init__(self, limit: Limit, one_line: Callable[[bytes], bytes], *, nul_ends: bool = False) -> None:
        self._limit = limit
        self._one_line = one_line
        self._nul_ends = nul_ends
        self._first = b""
        self._chosen: NewlineFramer | OctetFramer | None = None

    @property
    def bite(self) -> int:
        return self._chosen.bite if self._chosen else COUNTED_BITE

    @property
    def held(self) -> int:
        return self._chosen.held if self._chosen else len(self._first)

    @property
    def broken(self) -> str:
        return self._chosen.broken if self._chosen else ""

    def feed(self, data: bytes | bytearray, size: int) -> bytes:
        if self._chosen is None:
            data = self._first = self._first + data[:size]
            size = len(data)
            begun = _COUNT_BEGUN.match(data)
            if not size or (begun is not None and begun.end() == size):
                return b""
            counted = _COUNT.match(data) is not None
            if counted:
                self._chosen = OctetFramer(self._limit, self._one_line)
            else:
                self._chosen = NewlineFramer(self._limit, nul_ends=self._nul_ends)
            self._first = b""
        return self._chosen.feed(data, size)

    def give_up(self) -> bytes:
        return self._chosen.give_up() if self._chosen else b""

    def end(self) -> bytes:
        if self._chosen is None:
            first, self._first = self._first, b""
            return first + b"\n" if first else b""
        return self._chosen.end()
