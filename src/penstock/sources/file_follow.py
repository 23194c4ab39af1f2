"""Which files are followed, and what became of each: renamed, cut to nothing, deleted. It looks, in a thread.

renamed, a new one in its place    the old one is read to its end first, then the new one from its beginning
copied, then cut to nothing        what was not read yet is read from the copy, then the file from its beginning
rotated more often than we looked  the ones in between are read from their beginning, oldest first
deleted                            read to its end, as it is held open
another file under its inode       known by its first bytes: it is read from its beginning
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from penstock.sources.base import SourceStats
from penstock.sources.file_names import Found, Identity, Scan, is_rotated, scan
from penstock.sources.file_positions import Mark, Position, Positions
from penstock.sources.file_tail import HEAD, NEAR, Tail

log = structlog.get_logger(__name__)

QUIET: Final = 5.0
"""Seconds without a new byte after which the unfinished last line of a rotated file is taken as it is."""


@dataclass(frozen=True, slots=True)
class Following:
    """Which files, and how."""

    patterns: Sequence[str]
    exclude: Sequence[str] = ()
    start: Literal["beginning", "end"] = "beginning"
    """Where files begin that are there at the first look and were never seen before."""
    add_path: bool = False
    poll: float = 0.25
    """Seconds."""
    max_open: int = 256


class Follower:
    """The files of one source."""

    def __init__(
        self,
        source: str,
        following: Following,
        positions: Positions,
        stats: SourceStats,
    ) -> None:
        self.tails: dict[Identity, Tail] = {}
        self._source = source
        self._patterns = following.patterns
        self._exclude = following.exclude
        self._at_end = following.start == "end"
        self._max_open = following.max_open
        self._positions = positions
        self._stats = stats
        self._newest: dict[str, Tail] = {}
        """By name, what was found under it last."""
        for key, known in positions.known.items():
            tail = Tail(key, known.path, known.path, (known.dev, known.ino), known.at, known.head)
            tail.mtime = known.at.mtime
            self.tails[tail.identity] = self._newest[tail.name] = tail
        self._history = bool(self.tails)

    def look(self, now: float) -> bool:
        """Looks at all there is; whether anything has changed. `now` is monotonic."""
        found = scan(self._patterns, self._exclude)
        changed = False
        for tail in list(self.tails.values()):
            changed |= self._look_at(tail, found, now)
        for identity, file in found.files.items():
            if identity not in self.tails:
                changed |= self._begin(file, found, now)
        self._at_end = False  # what appears later is read from its beginning
        self._history = True
        self._hold_open()
        return changed

    def begin_anew(self, tail: Tail, now: float) -> None:
        """The file was cut to nothing, or is another one: looks for a copy of what was not read, and begins anew."""
        found = scan((), ())
        older: list[Tail] = []
        missed = max(0, tail.size - tail.position.offset)
        since = tail.position.mtime
        for file in found.rotated(tail.name) if since else ():
            if file.identity in self.tails or file.mtime < since:
                continue
            if not older and _same_beginning(tail, file.path):
                copy = self._tail(file, tail.name, now)
                self._positions.copied(copy.key, tail.name, *copy.identity, tail.key)
                copy.position, copy.head, missed = tail.position, tail.head, 0
                older.append(copy)
            else:
                older.append(self._added(file, tail.name, now))
        if missed:
            self._missed(tail, missed)
        if not older:
            tail.name = tail.path  # it may be another file, which has got the inode of one that went
        tail.head, tail.position = Mark(), Position()
        tail.life += 1
        self._positions.file(tail.key, tail.name, *tail.identity, tail.head)
        self._positions.at(tail.key, tail.position)
        tail.waits_for, tail.due, tail.since = older, True, now

    def finish(self, tail: Tail) -> None:
        """A file that is gone: nothing more will come of it."""
        if tail.behind:
            self._missed(tail, tail.behind)
        tail.close()
        tail.due = False
        self._positions.gone(tail.key)
        if self.tails.get(tail.identity) is tail:
            del self.tails[tail.identity]
        if self._newest.get(tail.name) is tail:
            del self._newest[tail.name]

    def ready(self) -> list[Tail]:
        """What can be read now, what waited longest first."""
        ready: list[Tail] = []
        for tail in self.tails.values():
            if not tail.due:
                continue
            if tail.waits_for:
                tail.waits_for = [other for other in tail.waits_for if other.due]
            if not tail.waits_for:
                ready.append(tail)
        ready.sort(key=lambda tail: tail.turn)
        return ready

    def count(self) -> None:
        """Puts what is known into the statistics."""
        tails = self.tails.values()
        self._stats.files = len(tails)
        self._stats.files_open = sum(tail.fd >= 0 for tail in tails)
        self._stats.files_unreadable = sum(tail.denied for tail in tails)
        self._stats.bytes_behind = sum(tail.behind for tail in tails)

    def close(self) -> None:
        """Gives all descriptors back."""
        for tail in self.tails.values():
            tail.close()

    def _look_at(self, tail: Tail, found: Scan, now: float) -> bool:
        file = found.files.get(tail.identity)
        if file is None:
            file = found.elsewhere(tail.name, tail.identity)
            if file is not None and file.path == os.path.realpath(tail.name):
                tail.due = False  # still there, and no pattern asks for it any more
                return False
        if file is None:
            return self._look_at_gone(tail, now)
        if tail.seen(file):
            tail.since, tail.ends = now, False
            return True
        if tail.rotated and tail.behind and not tail.ends and now - tail.since >= QUIET:
            tail.ends = tail.due = True
        return tail.due

    def _look_at_gone(self, tail: Tail, now: float) -> bool:
        """Who has it open may write on for a while."""
        if tail.fd < 0:
            self.finish(tail)
            return True
        status = os.fstat(tail.fd)
        new = tail.seen(Found(tail.path, tail.identity, status.st_size, status.st_mtime_ns))
        if new or not tail.gone:
            tail.gone, tail.due, tail.since = True, True, now
        elif now - tail.since >= QUIET:
            if tail.ends and not tail.due:
                self.finish(tail)
            tail.ends = tail.due = True
        return tail.due

    def _begin(self, file: Found, found: Scan, now: float) -> bool:
        """Follows a file that is new, unless it is the copy of one that is about to be cut."""
        before = self._newest.get(file.path)
        if before is None and self._history and self._is_copy(file):
            return False
        older: list[Tail] = []
        if before is not None:
            older = [before] if before.identity in self.tails else []
            older += self._between(file, before, found, now)
        tail = self._added(file, file.path, now)
        tail.waits_for = older
        if self._at_end and before is None:
            tail.position, tail.head = _end_of(file)
            self._positions.file(tail.key, tail.name, *tail.identity, tail.head)
            self._positions.at(tail.key, tail.position)
            self._positions.known[tail.key].safe = tail.position
        return True

    def _between(self, file: Found, before: Tail, found: Scan, now: float) -> Iterable[Tail]:
        """What had the name and lost it again between two looks."""
        since = max(before.mtime, before.position.mtime)
        for other in found.rotated(file.path) if since > 0 else ():
            known = other.identity in self.tails or other.identity in found.files
            if not known and since <= other.mtime:
                yield self._added(other, file.path, now)

    def _is_copy(self, file: Found) -> bool:
        """It has a name that rotation gives, and begins as the file that has its name still."""
        folder, name = os.path.split(file.path)
        for tail in self.tails.values():
            other, live = os.path.split(tail.name)
            if other == folder and not tail.rotated and is_rotated(name, live):
                size = min(file.size, tail.head.size)
                theirs, ours = _beginning(file.path, size), _beginning(tail.path, size)
                # Not yet cut, or cut since: then it is the copy of what we know by its mark.
                if theirs == ours or Mark.of(_beginning(file.path, tail.head.size)) == tail.head:
                    return True
        return False

    def _added(self, file: Found, name: str, now: float) -> Tail:
        tail = self._tail(file, name, now)
        self._positions.file(tail.key, name, *tail.identity, tail.head)
        return tail

    def _tail(self, file: Found, name: str, now: float) -> Tail:
        tail = Tail(self._positions.new_key(), name, file.path, file.identity, since=now)
        tail.size, tail.mtime = file.size, file.mtime
        self.tails[tail.identity] = tail
        if file.path == name:
            self._newest[name] = tail
        return tail

    def _hold_open(self) -> None:
        """Opens what has something to read, so that it can be deleted; closes what was idle for longest."""
        there = [tail for tail in self.tails.values() if tail.fd >= 0]
        room = self._max_open - len(there)
        if room < 0:
            there.sort(key=lambda tail: (tail.due or tail.gone, tail.since))
            for tail in there[:-room]:
                tail.close()
        for tail in self.tails.values():
            if room <= 0:
                break
            if tail.due and tail.fd < 0 and not tail.denied:
                room -= not tail.open()

    def _missed(self, tail: Tail, size: int) -> None:
        self._stats.bytes_missed += size
        log.error("a file went before it was read", source=self._source, file=tail.name, bytes=size)


def _same_beginning(tail: Tail, path: str) -> bool:
    """Whether the file at that path holds what was read of the other."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.fstat(fd).st_size >= tail.position.offset and tail.begins_so(fd)
    except OSError:
        return False
    finally:
        os.close(fd)


def _beginning(path: str, size: int) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.pread(fd, size, 0)
    except OSError:
        return b""
    finally:
        os.close(fd)


def _end_of(file: Found) -> tuple[Position, Mark]:
    """Where the file ends now, and the mark of its beginning. A line that is under way is left out whole."""
    try:
        fd = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return Position(file.size, mtime=file.mtime), Mark()
    try:
        near = os.pread(fd, NEAR, max(0, file.size - NEAR))
        skipping = bool(near) and not near.endswith(b"\n")
        head = Mark.of(os.pread(fd, min(HEAD, file.size), 0))
        return Position(file.size, skipping, Mark.of(near), file.mtime), head
    finally:
        os.close(fd)
