"""Which files are followed, and what became of each: renamed, cut to nothing, deleted. It looks, in a thread.

renamed, a new one in its place    the old one is read to its end first, then the new one from its beginning
copied, then cut to nothing        what was not read yet is read from the copy, then the file from its beginning
rotated more often than we looked  the ones in between are read from their beginning, oldest first
deleted                            read to its end, as it is held open
another file under its inode       known by its first bytes: it is read from its beginning

Names may change between any two looks at them, so first it is decided what has become of a file, then that is
done; where names were changing meanwhile (`Moving`) nothing is done, and the next look decides.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from penstock.sources.base import SourceStats
from penstock.sources.file_names import TICK, Found, Moving, Scan, originals, scan
from penstock.sources.file_neighbours import Neighbours
from penstock.sources.file_position import shown
from penstock.sources.file_positions import Positions
from penstock.sources.file_rotation import Begun, Left, begun_at, is_copy, is_still, left_of, written_before
from penstock.sources.file_tail import Slice, Tail, Trouble
from penstock.sources.file_tails import Tails
from penstock.sources.joining import Joining

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
    joining: Joining | None = None


class Follower:
    """The files of one source."""

    def __init__(self, source: str, following: Following, positions: Positions, stats: SourceStats) -> None:
        self.tails = Tails()
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
        for key, known in sorted(positions.known.items()):
            subject = known.subject
            tail = Tail(key, subject.path, subject.path, subject.identity, known.at, subject.head)
            tail.mtime = known.at.mtime
            if (older := self.tails.add(tail, newest=True)) is not None:
                self._displaced.append(older)
        self._doubtful: list[Tail] = []
        """They had no byte when they were seen last, lost their names, and are not held open: only their inodes are known."""
        self._history = bool(positions.known)
        self._looked = 0
        """When, in nanoseconds since the epoch."""

    def look(self, now: float) -> bool:
        """Looks at all there is; whether anything has changed. `now` is monotonic."""
        since = time.time_ns() - TICK  # files are stamped by a coarse clock
        found = scan(self._patterns, self._exclude)
        changed = [tail for tail in self.tails.all() if self._look_at(tail, found, now)]
        found_so = [tail for tail in changed if tail.missed is None and not (tail.gone and tail.fd < 0)]
        # First those that lost their inode to another: so that copies of the others can be told by being new.
        for tail in found_so:
            if tail.stale and tail.rotated and tail.fd < 0:
                self._forget(tail)
        for tail in self._doubtful:
            self.tails.set_aside(tail)
        self._displaced = [tail for tail in self._displaced if not self._settle(tail, now)]
        for tail in found_so:
            if tail.stale or not (tail.position.offset or tail.gone):
                self._settle(tail, now)
        self._doubtful = [tail for tail in self._doubtful if not self._take_again(tail, found)]
        fresh = [file for identity, file in found.files.items() if identity not in self.tails]
        begun = [self._begin(file, now) for file in sorted(fresh, key=lambda file: file.mtime)]
        self._at_end = False  # what appears later is read from its beginning
        self._history, self._looked = True, since
        self.tails.hold_open(self._max_open)
        return bool(changed) or any(begun)

    def read(self, tails: Sequence[Tail], most: int, max_line: int) -> list[Slice | Trouble]:
        """What each has next. A file that lived before what would be the first of it has to be looked at again."""
        outcomes: list[Slice | Trouble] = []
        for tail in tails:
            outcome = tail.read(most, max_line)
            # Of what was rotated away long ago nobody has to wait for more: else one file after the other would.
            if tail.rotated and not tail.due and time.time_ns() - tail.mtime >= self._silence * 10**9:
                tail.silent = True
            begins = isinstance(outcome, Slice) and outcome.size and not tail.position.offset
            outcomes.append("changed" if begins and self._lived_before(tail) else outcome)
        return outcomes

    def finish(self, tail: Tail) -> None:
        """A file that is gone: nothing more will come of it."""
        if tail.behind:
            self._missed(tail, tail.behind)
        self._forget(tail)

    def _look_at(self, tail: Tail, found: Scan, now: float) -> bool:
        """Whether it has changed; it is left `stale` where it is not what was read of it any more."""
        file = found.files.get(tail.identity)
        if file is None:
            try:
                file = found.elsewhere(tail.name, tail.identity)
            except Moving:
                if tail.may_be_there(now, QUIET):
                    return True
            if file is not None and file.path == os.path.realpath(tail.name):
                tail.due = False  # still there, and no pattern asks for it any more
                return False
        if file is None:
            return self._look_at_gone(tail, now)
        if tail.seen(file):
            return self._look_at_changed(tail, now)
        quiet = now - tail.since
        if tail.holds and quiet >= self._silence:
            tail.silent = tail.due = True
        elif tail.rotated and tail.behind and not tail.ends and quiet >= QUIET:
            tail.ends = tail.due = True
        return tail.due or tail.holds > 0

    def _look_at_changed(self, tail: Tail, now: float) -> bool:
        tail.since, tail.ends = now, False
        if tail.fd < 0 and tail.rotated and not tail.head.size:
            self._doubtful.append(tail)
            return False
        head = tail.head
        tail.stale = not tail.same()
        if tail.head != head and not tail.position.offset:  # else it is written with the position
            self._positions.file(tail.key, tail.subject)
        return True

    def _look_at_gone(self, tail: Tail, now: float) -> bool:
        """Who has it open may write on for a while. What is not open may only have been renamed just now."""
        gone = tail.gone
        if tail.fd < 0:
            if gone:
                self.finish(tail)
            tail.gone = True
            return True
        status = os.fstat(tail.fd)
        new = tail.seen(Found(tail.path, tail.identity, status.st_size, status.st_mtime_ns))
        tail.gone = True
        if new or not gone:
            tail.due, tail.since = True, now
            tail.stale = not tail.same()
        elif tail.holds and now - tail.since >= self._silence:
            tail.silent = tail.due = True
        elif now - tail.since >= QUIET:
            if tail.ends and not tail.due:
                self.finish(tail)
                return True
            tail.ends = tail.due = True
        return tail.due

    def _settle(self, tail: Tail, now: float) -> bool:
        """Does what is to be done about a file that was cut to nothing, or may have been; whether that is certain."""
        try:
            unknown = [] if tail.rotated else self._unknown(tail.name)
            if tail.stale or tail in self._displaced:
                left = left_of(tail, unknown)
            elif before := written_before(tail.found, tail.position.mtime, unknown):
                left = Left(before[0], [], before[1:])
            else:
                return True
            rest = None if left.rest is None else begun_at(left.rest)
            others = [*[begun_at(copy, at_end=True) for copy in left.done], *map(begun_at, left.since)]
            anew = None if tail in self._displaced else begun_at(tail.found)
        except Moving:
            tail.due, tail.stale = False, True
            return False
        was_open, tail.fd = (tail.fd, tail.gone), -1
        name = tail.name if tail.path == tail.name else tail.path
        self._leave(tail, rest)
        for begun in others:
            self._add(begun, tail.name, now)
        if anew is not None:
            again = self._add(anew, name, now, gone=was_open[1])
            again.fd, again.gone = was_open
        return True

    def _leave(self, tail: Tail, rest: Begun | None) -> None:
        """What was read of it is in a copy, or nowhere any more."""
        if rest is not None:
            self._give_up(rest.file)
            self.tails.move(tail, rest.file)
            if not tail.position.offset:
                tail.head = rest.head
            self._positions.file(tail.key, tail.subject)
        else:
            if tail.sure > tail.position.offset:
                self._missed(tail, tail.sure - tail.position.offset)
            self._forget(tail)

    def _take_again(self, tail: Tail, found: Scan) -> bool:
        """Reads a file of which only the inode is known, unless it is another's by now; whether that is certain."""
        try:
            file = found.elsewhere(tail.name, tail.identity)
            if (
                file is None
                or file.identity in self.tails
                or os.path.realpath(tail.name) not in originals(file.path)
                or self._is_copy(file)
            ):
                self._forget(tail)
                return True
            tail.head = begun_at(file).head
        except Moving:
            return False
        self.tails.move(tail, file)
        self._positions.file(tail.key, tail.subject)
        return True

    def _lived_before(self, tail: Tail) -> bool:
        """Of a file of which nothing was read: whether it was written and cut to nothing since it was seen first."""
        try:
            unknown = [] if tail.rotated else self._unknown(tail.name)
            return bool(written_before(tail.found, tail.position.mtime, unknown))
        except Moving:
            return True

    def _begin(self, file: Found, now: float) -> bool:
        """Follows a file that is new, unless it is the copy of one that is about to be cut; whether to look again soon."""
        if file.identity in self.tails:
            return False  # another has brought it along
        newest = self.tails.newest(file.path)
        since = self._looked if newest is None else newest.since_when
        try:
            if self._history and self._is_copy(file):
                return False
            # What had the name and lost it again between two looks comes first.
            others = [other for other in self._unknown(file.path) if other.identity != file.identity]
            before = [begun_at(other) for other in written_before(file, since, others)] if since else []
            begun = begun_at(file, at_end=self._at_end and newest is None)
        except Moving:
            return True
        for other in before:
            self._add(other, file.path, now)
        self._add(begun, self.tails.name_of(file), now)
        return True

    def _is_copy(self, file: Found) -> bool:
        """It has a name that rotation gives, and begins as the file that has its name still."""
        lives = [live for name in originals(file.path) if (live := self.tails.live(name)) is not None]
        return any(is_copy(file, live) for live in lives)

    def _unknown(self, name: str) -> list[Found]:
        """What may have been made by rotation of the file of that name and is not followed, oldest first."""
        files = [(file, self.tails.get(file.identity)) for file in self._neighbours.rotated(name)]
        return [file for file, tail in files if tail is None or not is_still(tail, file)]

    def _add(self, begun: Begun, name: str, now: float, *, gone: bool = False) -> Tail:
        self._give_up(begun.file)
        file, key = begun.file, self._positions.new_key()
        tail = Tail(key, name, file.path, file.identity, begun.position, begun.head, since=now)
        tail.size, tail.mtime = file.size, file.mtime
        self._positions.file(tail.key, tail.subject, tail.position)
        self.tails.add(tail, newest=file.path == name and not gone)
        return tail

    def _give_up(self, file: Found) -> None:
        """The one that had the inode of the file, which was found to be another's by now."""
        if (before := self.tails.get(file.identity)) is not None:
            self._forget(before)

    def _forget(self, tail: Tail) -> None:
        self._positions.gone(tail.key)
        self.tails.forget(tail)

    def _missed(self, tail: Tail, size: int) -> None:
        self._stats.bytes_missed += size
        log.error("a file went before it was read", source=self._source, file=shown(tail.name), bytes=size)
