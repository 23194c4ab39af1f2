r"""How far a file was read, as values and as lines: of the file of positions, and of the marks in the journal.

A line is `<crc32 in hex> <JSON>\n`. Names are percent-encoded, as a name need not be UTF-8.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, unquote
from zlib import crc32

import msgspec


class Mark(NamedTuple):
    """Knows some bytes again."""

    size: int = 0
    crc: int = 0

    @classmethod
    def of(cls, data: bytes) -> "Mark":
        """The mark of these bytes."""
        return cls(len(data), crc32(data))


class Position(NamedTuple):
    """How far a file is read."""

    offset: int = 0
    skipping: bool = False
    """Within a line of which all that stays has been handed over."""
    near: Mark = Mark()
    """The bytes just before it."""
    mtime: int = 0
    """Of the file when it was looked at, in nanoseconds since the epoch."""


class Subject(NamedTuple):
    """A file that is followed."""

    path: str
    """The name under which it was written."""
    dev: int
    ino: int
    head: Mark = Mark()
    """Of its first bytes."""

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode."""
        return self.dev, self.ino


@dataclass(slots=True)
class Known:
    """What is remembered of one file."""

    subject: Subject
    at: Position = field(default_factory=Position)
    """The events before it are written to the journal."""
    safe: Position = field(default_factory=Position)
    """The events before it would survive the death of the machine."""


def encode_lines(records: Iterable[list[object]]) -> bytes:
    """The records as lines."""
    bodies = [msgspec.json.encode(record) for record in records]
    return b"".join([b"%08x %b\n" % (crc32(body), body) for body in bodies])


def decode_lines(data: bytes) -> Iterator[object]:
    """What the lines say, up to the first that is not as it was written."""
    for line in data.split(b"\n")[:-1]:
        crc, _, body = line.partition(b" ")
        try:
            if int(crc, 16) != crc32(body):
                return
            yield msgspec.json.decode(body)
        except (ValueError, msgspec.DecodeError):
            return


def encode_subject(subject: Subject) -> list[object]:
    """As it stands in a record."""
    return [_written(subject.path), subject.dev, subject.ino, subject.head]


def decode_subject(value: object) -> Subject | None:
    """What `encode_subject` made; none of anything else."""
    match value:
        case [str(path), int(dev), int(ino), [int(size), int(crc)]]:
            return Subject(unquote(path, errors="surrogateescape"), dev, ino, Mark(size, crc))
        case _:
            return None


def decode_position(value: object) -> Position | None:
    """What encoding a `Position` made; none of anything else."""
    match value:
        case [int(offset), bool(skipping), [int(size), int(crc)], int(mtime)]:
            return Position(offset, skipping, Mark(size, crc), mtime)
        case _:
            return None


def encode_mark(read: Iterable[tuple[int, Subject, Position]]) -> bytes:
    """What goes into the journal beside the events: number, file and position of each that they came from."""
    return msgspec.json.encode([[key, encode_subject(subject), position] for key, subject, position in read])


def decode_mark(mark: bytes) -> Iterator[tuple[int, Subject, Position]]:
    """What `encode_mark` made; nothing of anything else."""
    try:
        items = msgspec.json.decode(mark, type=list[tuple[int, object, object]])
    except msgspec.DecodeError:
        return
    for key, told, reached in items:
        subject, position = decode_subject(told), decode_position(reached)
        if subject is not None and position is not None:
            yield key, subject, position


def shown(path: str) -> str:
    """A path for people and for JSON, which both want UTF-8."""
    return path.encode(errors="surrogateescape").decode(errors="replace")


def _written(path: str) -> str:
    if path.isascii() and "%" not in path:
        return path
    return quote(path, errors="surrogateescape")
