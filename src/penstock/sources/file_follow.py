"""Which files are followed, and what became of each: renamed, cut to nothing, deleted. It looks, in a thread.

renamed, a new one in its place    the old one is read to its end first, then the new one from its beginning
copied, then cut to nothing        what was not read yet is read from the copy, then the file from its beginning
rotated more often than we looked  the ones in between are read from their beginning, oldest first
deleted                            read to its end, as it is held open
another file under its inode       known by its first bytes: it is read from its beginning
"""

import os
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from penstock.sources.base import SourceStats
from penstock.sources.file_names import Found, Identity, Scan, originals, scan
from penstock.sources.file_neighbours import TICK, Neighbours
from penstock.sources.file_position import Mark, Position, shown
from penstock.sources.file_positions import Positions
from penstock.sources.file_rotation import chains, end_of, is_copy, left_of, written_before
from penstock.sources.file_tail import Slice, Tail, Trouble
from penstock.sources.joining import Joining

log = structlog.get_logger(__name__)

QUIET: Final = 5.0
"""Seconds without a new byte after which the unfinished last line of a rotated file is taken as it is."""
NAMES: Final = 4096
"""Names whose last file is remembered, so that what was under them meanwhile is found."""


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
    joining: Joining | None = None


class Follower:
    """The files of one source."""

    def __init__(self, source: str, following: Following, positions: Positions, stats: SourceStats) -> None:
        self.tails: dict[Identity, Tail] = {}
        self._source = source
        self._patterns = following.patterns
        self._exclude = following.exclude
        self._at_end = following.start == "end"
        self._max_open = following.max_open
        self._silence = following.joining.timeout if following.joining else 0.0
        self._positions = positions
        self._stats = stats
        self._neighbours = Neighbours()
        self._displaced: list[Tail] = []
        """They were cut to nothing when the machine died, and where the rest of them is was not yet remembered."""
        self._newest: OrderedDict[str, Tail] = OrderedDict()
        """By name, what was found under it last."""
        for key, known in sorted(positions.known.items()):
            subject = known.subject
            tail = Tail(key, subject.path, subject.path, subject.identity, known.at, subject.head)
            tail.mtime = known.at.mtime
            if (older := self.tails.get(tail.identity)) is not None:
                self._displaced.append(older)
            self.tails[tail.identity] = self._newest[tail.name] = tail
        for chain in chains(self.tails.values()):
            for index, tail in enumerate(chain):
                tail.waits_for = chain[:index]
        self._history = bool(self.tails)
        self._looked = 0
        """When, in nanoseconds since the epoch."""

    def look(self, now: float) -> bool:
        """Looks at all there is; whether anything has changed. `now` is monotonic."""
        begun_at = time.time_ns() - TICK  # files are stamped by a coarse clock
        found = scan(self._patterns, self._exclude)
        changed: list[Tail] = [tail for tail in list(self.tails.values()) if self._look_at(tail, found, now)]
        cut = [tail for tail in changed if tail.stale]
        # First those that lost their inode to another: so that copies of the others can be told by being new.
        for tail in [tail for tail in cut if tail.rotated and tail.fd < 0]:
            cut.remove(tail)
            self._forget(tail)
        for tail in self._displaced:
            self._leave(tail, now)
        self._displaced = []
        for tail in cut:
            self._begin_anew(tail, now)
        for tail in changed:
            if not tail.position.offset and tail not in cut:
                older = [self._add(file, tail.name, now) for file in self._before(tail)]
                tail.waits_for = tail.waits_for + older
        begun = [self._begin(file, now) for key, file in found.files.items() if key not in self.tails]
        self._at_end = False  # what appears later is read from its beginning
        self._history, self._looked = True, begun_at
        while len(self._newest) > max(NAMES, len(self.tails)):
            self._newest.popitem(last=False)
        self._hold_open()
        return bool(changed) or any(begun)

    def finish(self, tail: Tail) -> None:
        """A file that is gone: nothing more will come of it."""
        if tail.behind:
            self._missed(tail, tail.behind)
        self._forget(tail)

    def ready(self) -> list[Tail]:
        """What can be read now, what waited longest first."""
        ready: list[Tail] = []
        for tail in self.tails.values():
            if not tail.due:
                continue
            if tail.waits_for:
                tail.waits_for = [other for other in tail.waits_for if other.due or other.holds]
            if not tail.waits_for:
                ready.append(tail)
        ready.sort(key=lambda tail: tail.turn)
        return ready

    def read(self, tails: Sequence[Tail], most: int, max_line: int) -> list[Slice | Trouble]:
        """What each has next. A file that lived before what would be the first of it has to be looked at again."""
        outcomes: list[Slice | Trouble] = []
        for tail in tails:
            outcome = tail.read(most, max_line)
            begins = isinstance(outcome, Slice) and outcome.size and not tail.position.offset
            outcomes.append("changed" if begins and self._before(tail) else outcome)
        return outcomes

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
        """Whether it has changed; it is left `stale` where it is not what was read of it any more."""
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
            # By its inode alone nothing is known again: another may have got it.
            nothing_known = tail.rotated and tail.fd < 0 and not tail.head.size
            tail.stale = nothing_known or not tail.same()
            return True
        quiet = now - tail.since
        if tail.holds and quiet >= self._silence:
            tail.silent = tail.due = True
        elif tail.rotated and tail.behind and not tail.ends and quiet >= QUIET:
            tail.ends = tail.due = True
        return tail.due or tail.holds > 0

    def _look_at_gone(self, tail: Tail, now: float) -> bool:
        """Who has it open may write on for a while."""
        if tail.fd < 0:
            self.finish(tail)
            return True
        status = os.fstat(tail.fd)
        new = tail.seen(Found(tail.path, tail.identity, status.st_size, status.st_mtime_ns))
        if new or not tail.gone:
            tail.gone, tail.due, tail.since = True, True, now
            tail.stale = not tail.same()
        elif tail.holds and now - tail.since >= self._silence:
            tail.silent = tail.due = True
        elif now - tail.since >= QUIET:
            if tail.ends and not tail.due:
                self.finish(tail)
            tail.ends = tail.due = True
        return tail.due

    def _begin_anew(self, tail: Tail, now: float) -> None:
        """The file was cut to nothing: its place is taken by a new one, read from its beginning."""
        file = Found(tail.path, tail.identity, tail.size, tail.mtime)
        gone, fd, tail.fd = tail.gone, tail.fd, -1
        newest = self._newest.get(tail.name)
        del self.tails[tail.identity]
        name = tail.name if file.path == tail.name else file.path
        self._leave(tail, now)
        older = self._of(name)
        anew = self._add(file, name, now)
        anew.fd, anew.gone, anew.waits_for = fd, gone, older
        if gone and newest is not None:
            self._newest[tail.name] = newest

    def _leave(self, tail: Tail, now: float) -> None:
        """What was read of it is in a copy, or nowhere any more."""
        left = left_of(tail, [] if tail.rotated else self._unknown(tail.name))
        if left.rest is not None:
            tail.moved(left.rest)
            self.tails[tail.identity] = tail
            self._positions.file(tail.key, tail.subject)
        else:
            if tail.sure > tail.position.offset:
                self._missed(tail, tail.sure - tail.position.offset)
            self._forget(tail)
        for copy in left.done:
            self._add(copy, tail.name, now, at_end=True)
        for copy in left.since:
            self._add(copy, tail.name, now)

    def _before(self, tail: Tail) -> list[Found]:
        """A file of which nothing was read may have been written and cut to nothing since it was seen first."""
        if tail.rotated:
            return []
        return written_before(tail.path, tail.position.mtime, self._unknown(tail.name))

    def _begin(self, file: Found, now: float) -> bool:
        """Follows a file that is new, unless it is the copy of one that is about to be cut."""
        if self._history and self._is_copy(file):
            return False
        before = self._newest.get(file.path)
        older = [] if before is None else self._of(file.path)
        since = self._looked if before is None else max(before.mtime, before.position.mtime)
        older += self._between(file, since, now) if since else []
        tail = self._add(file, file.path, now, at_end=self._at_end and before is None)
        tail.waits_for = older
        return True

    def _between(self, file: Found, since: int, now: float) -> list[Tail]:
        """What had the name and lost it again between two looks."""
        others = [other for other in self._unknown(file.path) if other.identity != file.identity]
        return [self._add(other, file.path, now) for other in written_before(file.path, since, others)]

    def _is_copy(self, file: Found) -> bool:
        """It has a name that rotation gives, and begins as the file that has its name still."""
        lives = [live for name in originals(file.path) if (live := self._newest.get(name)) is not None]
        return any(
            is_copy(file, live)
            for live in lives
            if not live.rotated and self.tails.get(live.identity) is live
        )

    def _unknown(self, name: str) -> list[Found]:
        """What may have been made by rotation of the file of that name and is not followed, oldest first."""
        return [file for file in self._neighbours.rotated(name) if file.identity not in self.tails]

    def _add(self, file: Found, name: str, now: float, *, at_end: bool = False) -> Tail:
        position, head = end_of(file) if at_end else (Position(mtime=file.mtime), Mark())
        tail = Tail(self._positions.new_key(), name, file.path, file.identity, position, head, since=now)
        tail.size, tail.mtime = file.size, file.mtime
        self._positions.file(tail.key, tail.subject, position)
        self.tails[tail.identity] = tail
        if file.path == name:
            self._newest[name] = tail
            self._newest.move_to_end(name)
        return tail

    def _of(self, name: str) -> list[Tail]:
        """Those that hold what was written under that name before."""
        return [tail for tail in self.tails.values() if tail.name == name]

    def _forget(self, tail: Tail) -> None:
        tail.close()
        tail.due, tail.stale, tail.gone = False, False, True
        self._positions.gone(tail.key)
        if self.tails.get(tail.identity) is tail:
            del self.tails[tail.identity]

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
        log.error("a file went before it was read", source=self._source, file=shown(tail.name), bytes=size)
