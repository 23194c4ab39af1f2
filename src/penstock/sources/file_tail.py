"""One file that is followed: known again by its first bytes, read from a position. Nothing here touches the loop.

The position is where the first line begins that was not handed over whole: no half line is held in memory, it is
read again when the file has grown.
"""

import os
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from penstock.sources.file_names import Found, Identity
from penstock.sources.file_position import Mark, Position, Subject

HEAD: Final = 1024
"""Bytes at the beginning by which a file is known again: inodes are given anew to other files."""
NEAR: Final = 64
"""Bytes before the position that are looked at too: a file may be cut to nothing and begin as before."""
READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
"""How files are opened: should a path lead to a pipe by now, nobody must wait for its other side."""
_HOLE: Final = Mark.of(bytes(NEAR))


class Slice(NamedTuple):
    r"""What was read of a file."""

    lines: bytes
    r"""Whole lines, each ending in `\n`; where `long`, the beginning of one that is too long."""
    size: int
    """Bytes of the file that are done with them."""
    skipping: bool = False
    """The last of these bytes are within a line of which all that stays is handed over."""
    long: bool = False
    near: Mark = Mark()
    """Of the last of the bytes."""


Trouble = Literal["", "unreadable", "changed", "gone"]
"""`changed`: it is another file, or was cut to nothing and written anew. `gone`: its path leads to none, or another."""


@dataclass(slots=True, eq=False)
class Tail:
    """A file from its first look to its last byte."""

    key: int
    """Its number among the positions."""
    name: str
    """The path under which it was found first; what rotation makes of it later stands in `path`."""
    path: str
    identity: Identity
    position: Position = field(default_factory=Position)
    head: Mark = field(default_factory=Mark)
    size: int = 0
    mtime: int = 0
    """As last seen; the same for the size."""
    sure: int = 0
    """Its size when its first bytes were last seen to be the same."""
    gone: bool = False
    """No path leads to it any more."""
    missed: float | None = None
    """Since when, by the monotonic clock, no path was found to it, while names were changing."""
    ends: bool = False
    """Nothing more will be written: an unfinished last line counts as one."""
    due: bool = True
    """There may be something to read."""
    waits_for: list["Tail"] = field(default_factory=list)
    """What held the lines before its own: these are read first."""
    denied: bool = False
    """It could not be opened, and that was told."""
    since: float = 0.0
    """When something of it was last new, by the monotonic clock."""
    stale: bool = False
    """It could not be read, or was another: the next look takes it for changed, whatever it finds."""
    holds: int = 0
    """Bytes of whole lines that were read and left there, as the event to which they belong may go on."""
    silent: bool = False
    """It does not: nothing came for long enough."""
    turn: int = 0
    """When it was read last, among all."""
    fd: int = -1

    @property
    def behind(self) -> int:
        """Bytes that are not read yet, as far as is known."""
        return max(0, self.size - self.position.offset)

    @property
    def found(self) -> Found:
        """As it was seen last."""
        return Found(self.path, self.identity, self.size, self.mtime)

    @property
    def subject(self) -> Subject:
        """As it is remembered."""
        return Subject(self.name, *self.identity, self.head)

    @property
    def is_ahead(self) -> bool:
        """What comes behind it has to wait."""
        return self.due or self.holds > 0 or (self.stale and not self.denied)

    @property
    def since_when(self) -> int:
        """Its last change that is known of, in nanoseconds since the epoch: what took its name is younger."""
        return max(self.mtime, self.position.mtime)

    @property
    def rotated(self) -> bool:
        """It has lost its name, to another file or for good."""
        return self.gone or self.path != self.name

    def seen(self, found: Found) -> bool:
        """Takes what a look has found; whether that is anything new."""
        self.path = found.path
        self.gone, self.missed = False, None
        changed = self.stale or (found.size, found.mtime) != (self.size, self.mtime)
        self.stale = False
        self.size, self.mtime = found.size, found.mtime
        self.due = self.due or changed
        return changed

    def may_be_there(self, now: float, most: float) -> bool:
        """Whether it is taken to be there, though no path was found to it while names were changing."""
        if self.fd >= 0 and not os.fstat(self.fd).st_nlink:
            return False
        self.missed = now if self.missed is None else self.missed
        return now - self.missed < most  # where names change without end, as long an absence has to do

    def same(self) -> bool:
        """Whether it still is what is known of it. A file that cannot be read now is taken for the same."""
        try:
            fd = self.fd if self.fd >= 0 else os.open(self.path, READ)
        except OSError:
            return True
        try:
            status = os.fstat(fd)
            if (status.st_dev, status.st_ino) != self.identity:
                return True  # it was renamed just now, and the next look will find it
            if status.st_size < self.position.offset or not self.begins_so(fd):
                return False
            self.sure = status.st_size
            if self.head.size < HEAD:
                self.head = Mark.of(os.pread(fd, HEAD, 0))
        except OSError:
            return True
        finally:
            if fd != self.fd:
                os.close(fd)
        return True

    def moved(self, found: Found) -> None:
        """What was read of it goes on in another file."""
        self.close()
        self.path, self.identity = found.path, found.identity
        self.size, self.mtime = found.size, found.mtime
        self.due, self.ends, self.stale, self.denied, self.gone = True, False, False, False, False
        self.holds, self.silent = 0, False

    def open(self) -> Trouble:
        """Opens it, unless it is open; what stands in the way."""
        if self.fd >= 0:
            return ""
        try:
            fd = os.open(self.path, READ)
        except FileNotFoundError:
            return "gone"
        except OSError:
            return "unreadable"
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) != self.identity:
            os.close(fd)
            return "gone"
        self.fd = fd
        return ""

    def close(self) -> None:
        """Gives the descriptor back."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def read(self, most: int, max_line: int) -> Slice | Trouble:
        """The next lines, about `most` bytes; opens the file where that is needed."""
        trouble = self.open()
        if trouble:
            return trouble
        try:
            return self._read(most, max_line)
        except OSError:  # an I/O error, a network file system that forgot it
            self.close()
            return "unreadable"

    def begins_so(self, fd: int) -> bool:
        """Whether an open file has the bytes by which this one is known, up to the position."""
        position = self.position
        near = position.near
        return (
            Mark.of(os.pread(fd, self.head.size, 0)) == self.head
            and Mark.of(os.pread(fd, near.size, position.offset - near.size)) == near
        )

    def _read(self, most: int, max_line: int) -> Slice | Trouble:
        offset = self.position.offset
        most += self.holds
        data = os.pread(self.fd, most, offset)
        if len(data) == most <= max_line and b"\n" not in data:
            data = os.pread(self.fd, max_line + 1, offset)
        head = Mark.of(os.pread(self.fd, HEAD, 0)) if self.head.size < HEAD else self.head
        # Asked after the reading: what was cut to nothing and written anew before it shows now.
        status = os.fstat(self.fd)
        if status.st_size < offset + len(data) or not self.begins_so(self.fd):
            return "changed"
        self.head = head
        self.size, self.mtime = status.st_size, status.st_mtime_ns
        self.sure = self.size
        self.due = offset + len(data) < self.size
        taken = cut(data, self.position, max_line, ends=self.ends and not self.due)
        if self.ends and 0 < taken.size < len(data):
            self.due = True  # an unfinished last line comes by itself
        return taken._replace(near=Mark.of(data[max(0, taken.size - NEAR) : taken.size]))


def cut(data: bytes, position: Position, max_line: int, *, ends: bool) -> Slice:
    """What of the bytes at a position is whole. `ends`: there will never be more behind them."""
    start = 0
    if position.skipping:
        start = data.find(b"\n") + 1
        if not start:
            return Slice(b"", len(data), skipping=not ends)
    elif data[:1] == b"\0" and (position.offset == 0 or position.near == _HOLE):
        # A writer that goes on at its old place after the file was cut leaves a hole there.
        start = len(data) - len(data.lstrip(b"\0"))
    end = data.rfind(b"\n") + 1
    if end > start or (start and position.skipping):
        return Slice(data[start:end], end)
    if len(data) - start > max_line:
        return Slice(data[start:], len(data), skipping=True, long=True)
    if ends and len(data) > start:
        return Slice(data[start:] + b"\n", len(data))
    return Slice(b"", start)
