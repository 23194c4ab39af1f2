"""The files of one source that are followed: by identity, and by the name under which they were written."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Final

from penstock.sources.base import SourceStats
from penstock.sources.file_names import Found, Identity, is_surely_rotated, originals
from penstock.sources.file_tail import Tail

NAMES: Final = 4096
"""Names whose last file is remembered, so that what was under them meanwhile is found."""


class Tails:
    """Nothing here looks at files."""

    def __init__(self) -> None:
        self._all: dict[Identity, Tail] = {}
        self._chains: dict[str, list[Tail]] = {}
        """By name, those that hold what was written under it, oldest first."""
        self._newest: OrderedDict[str, Tail] = OrderedDict()
        """By name, what was found under it last, followed still or not."""

    def __contains__(self, identity: Identity) -> bool:
        return identity in self._all

    def all(self) -> Collection[Tail]:
        """All of them, as they are now."""
        return list(self._all.values())

    def get(self, identity: Identity) -> Tail | None:
        """The one of which the identity reminds."""
        return self._all.get(identity)

    def newest(self, name: str) -> Tail | None:
        """What was found under the name last."""
        return self._newest.get(name)

    def live(self, name: str) -> Tail | None:
        """What has the name now."""
        tail = self._newest.get(name)
        there = tail is not None and self._all.get(tail.identity) is tail and not tail.rotated
        return tail if there else None

    def name_of(self, file: Found) -> str:
        """Under which it was written, if a pattern finds it only after rotation."""
        for name in originals(file.path):
            newest = self.newest(name)
            later = newest is not None and file.mtime >= newest.since_when
            if later and is_surely_rotated(file.path, name):
                return name
        return file.path

    def add(self, tail: Tail, *, newest: bool) -> Tail | None:
        """Takes one more, to be read behind those of its name; the one that had its identity, which is left out now."""
        chain = self._chains.setdefault(tail.name, [])
        tail.waits_for = chain.copy()
        chain.append(tail)
        before = self._all.get(tail.identity)
        self._all[tail.identity] = tail
        if newest:
            self._newest[tail.name] = tail
            self._newest.move_to_end(tail.name)
            while len(self._newest) > max(NAMES, len(self._all)):
                self._newest.popitem(last=False)
        return before

    def move(self, tail: Tail, found: Found) -> None:
        """What was read of it goes on in another file."""
        self._leave_out(tail)
        tail.moved(found)
        self._all[tail.identity] = tail

    def set_aside(self, tail: Tail) -> None:
        """What has its identity may be another. It keeps its place among those of its name until it is moved, or forgotten."""
        self._leave_out(tail)

    def forget(self, tail: Tail) -> None:
        """It is followed no more."""
        self._leave_out(tail)
        chain = self._chains.get(tail.name, [])
        if tail in chain:
            chain.remove(tail)
        if not chain:
            self._chains.pop(tail.name, None)
        tail.close()
        tail.due, tail.holds, tail.stale, tail.gone = False, 0, False, True

    def ready(self) -> list[Tail]:
        """What can be read now, what waited longest first."""
        ready: list[Tail] = []
        for tail in self._all.values():
            if not tail.due:
                continue
            if tail.waits_for:
                tail.waits_for = [other for other in tail.waits_for if other.is_ahead]
            if not tail.waits_for:
                ready.append(tail)
        ready.sort(key=lambda tail: tail.turn)
        return ready

    def hold_open(self, most: int) -> None:
        """Opens what has something to read, so that it can be deleted; closes what was idle for longest."""
        there = [tail for tail in self._all.values() if tail.fd >= 0]
        room = most - len(there)
        if room < 0:
            there.sort(key=lambda tail: (tail.due or tail.gone, tail.since))
            for tail in there[:-room]:
                tail.close()
        for tail in self._all.values():
            if room <= 0:
                break
            if tail.due and tail.fd < 0 and not tail.denied:
                room -= not tail.open()

    def count(self, stats: SourceStats) -> None:
        """Puts what is known into the statistics."""
        tails: Sequence[Tail] = list(self._all.values())
        stats.files = len(tails)
        stats.files_open = sum(tail.fd >= 0 for tail in tails)
        stats.files_unreadable = sum(tail.denied for tail in tails)
        stats.bytes_behind = sum(tail.behind for tail in tails)

    def close(self) -> None:
        """Gives all descriptors back."""
        for tail in self._all.values():
            tail.close()

    def _leave_out(self, tail: Tail) -> None:
        if self._all.get(tail.identity) is tail:
            del self._all[tail.identity]
