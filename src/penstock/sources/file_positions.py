r"""How far each file was read, remembered in one file a source: `<journal.path>/positions/<source>.log`.

Lines, each `<crc32 in hex> <JSON>\n`, replayed at the start and appended to from then on:

    ["boot", 1, "<boot id>"]                           the first line: the format, and under which boot of the machine
    ["file", 7, "/var/log/a.log", dev, ino, [900, crc]]  number 7 is this file, known by its first 900 bytes
    ["at", 7, offset, skipping, [64, crc], mtime]      read and handed over up to here
    ["safe", 7, offset, skipping, [64, crc], mtime]    and these events would survive the death of the machine
    ["gone", 7]                                        the file is no more

`at` is appended, not synced, as soon as the journal has written the events: it holds while the machine lives, whatever
became of the process. `safe` is synced, once a second at most: it is what counts under another boot. So neither
is ever ahead of the journal. A line that is torn ends the replay: what is missing is read again.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

import msgspec
import structlog

log = structlog.get_logger(__name__)

FORMAT: Final = 1
LARGEST: Final = 4 * 2**20
"""Bytes after which the file is written anew, with what still counts."""


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


@dataclass(slots=True)
class Known:
    """What is remembered of one file."""

    path: str
    dev: int
    ino: int
    head: Mark
    at: Position = field(default_factory=Position)
    safe: Position = field(default_factory=Position)


class Positions:
    """The remembered positions of one source. With no path nothing is kept.

    A disk that refuses is told about once; reading goes on, and a restart would read again what came since.
    """

    def __init__(self, path: Path | None, boot: str) -> None:
        """Reads what is there. `boot` names the boot of the machine, empty where it does not tell."""
        self.known: dict[int, Known] = {}
        self._path = path
        self._boot = boot
        self._same_boot = False
        self._fd = -1
        self._size = 0
        self._refused = False
        if path is not None:
            self._load(path)
            self._begin(path)
        self._last_key = max(self.known, default=0)

    def new_key(self) -> int:
        """A number for a file, never given before."""
        self._last_key += 1
        return self._last_key

    def file(self, key: int, path: str, dev: int, ino: int, head: Mark) -> None:
        """The file of that number is called so, and begins so, from now on."""
        known = self.known.get(key)
        if known is None:
            self.known[key] = Known(path, dev, ino, head)
        else:
            known.path, known.dev, known.ino, known.head = path, dev, ino, head
        self._append([["file", key, path, dev, ino, head]])

    def at(self, key: int, position: Position) -> None:
        """The events before it are written to the journal."""
        self.known[key].at = position
        self._append([["at", key, *position]])

    def safe(self, positions: Iterable[tuple[int, Position]]) -> None:
        """The events before them are durable. Waits for the disk: not to be called from the loop."""
        lines: list[list[object]] = []
        for key, position in positions:
            if (known := self.known.get(key)) is not None:
                known.safe = position
                lines.append(["safe", key, *position])
        if not lines or self._path is None:
            return
        self._append(lines)
        try:
            if self._fd >= 0:
                os.fsync(self._fd)
        except OSError as exc:
            self._refuse(exc)
        if self._fd < 0 or self._size > LARGEST:
            self._begin(self._path)

    def copied(self, key: int, path: str, dev: int, ino: int, original: int) -> None:
        """A new file of that number holds what was read of the original, which is empty since."""
        now = self.known[original]
        self.known[key] = Known(path, dev, ino, now.head, now.at, now.safe)
        now.head, now.at, now.safe = Mark(), Position(), Position()
        self._append([*_lines(key, self.known[key]), *_lines(original, now)])

    def gone(self, key: int) -> None:
        """There is no such file any more."""
        del self.known[key]
        self._append([["gone", key]])

    def close(self) -> None:
        """Nothing is remembered from now on."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _load(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as exc:
            self._refuse(exc)
            return
        for record in _records(data):
            if not self._replay(record):
                break
        if not self._same_boot:
            for known in self.known.values():
                known.at = known.safe

    def _replay(self, record: object) -> bool:
        """Takes one line; false for what no version of ours wrote."""
        match record:
            case ["boot", int(form), str(boot)] if form == FORMAT:
                self._same_boot = bool(boot) and boot == self._boot
            case ["file", int(key), str(name), int(dev), int(ino), [int(size), int(crc)]]:
                before = self.known.get(key, Known(name, dev, ino, Mark()))
                self.known[key] = Known(name, dev, ino, Mark(size, crc), before.at, before.safe)
            case [
                "at" | "safe" as kind,
                int(key),
                int(offset),
                bool(skipping),
                [int(size), int(crc)],
                int(mtime),
            ]:
                if (known := self.known.get(key)) is not None:
                    setattr(known, kind, Position(offset, skipping, Mark(size, crc), mtime))
            case ["gone", int(key)]:
                self.known.pop(key, None)
            case _:
                return False
        return True

    def _begin(self, path: Path) -> None:
        """Writes the file anew, with what still counts, and goes on behind that."""
        lines: list[list[object]] = [["boot", FORMAT, self._boot]]
        for key, known in self.known.items():
            lines += _lines(key, known)
        data = _encoded(lines)
        new = path.with_name(path.name + ".new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            self._refuse(exc)
            return
        try:
            _write(fd, data)
            os.fsync(fd)
            new.rename(path)
        except OSError as exc:
            os.close(fd)
            self._refuse(exc)
            return
        self.close()
        self._fd, self._size = fd, len(data)
        self._well()

    def _append(self, lines: list[list[object]]) -> None:
        if self._fd < 0 or not lines:
            return
        data = _encoded(lines)
        try:
            _write(self._fd, data)
        except OSError as exc:
            self._refuse(exc)
        else:
            self._size += len(data)

    def _refuse(self, exc: OSError) -> None:
        # A torn line would end the replay before what follows: the next `safe` writes all of it anew.
        self._size = LARGEST + 1
        if not self._refused:
            self._refused = True
            log.error("positions cannot be kept", path=str(self._path), error=exc.strerror or str(exc))

    def _well(self) -> None:
        if self._refused:
            self._refused = False
            log.info("positions can be kept again", path=str(self._path))


def _records(data: bytes) -> Iterator[object]:
    """What the lines say, up to the first that is not as it was written."""
    for line in data.split(b"\n")[:-1]:
        crc, _, body = line.partition(b" ")
        try:
            if int(crc, 16) != crc32(body):
                return
            yield msgspec.json.decode(body)
        except (ValueError, msgspec.DecodeError):
            return


def _lines(key: int, known: Known) -> list[list[object]]:
    return [
        ["file", key, known.path, known.dev, known.ino, known.head],
        ["safe", key, *known.safe],
        ["at", key, *known.at],
    ]


def _encoded(lines: list[list[object]]) -> bytes:
    bodies = [msgspec.json.encode(line) for line in lines]
    return b"".join([b"%08x %b\n" % (crc32(body), body) for body in bodies])


def _write(fd: int, data: bytes) -> None:
    done = 0
    while done < len(data):
        done += os.write(fd, data[done:])
