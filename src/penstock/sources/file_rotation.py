"""Which files hold what another one held: told by their names, their times and their beginnings."""

import os
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from penstock.sources.file_names import Found, is_surely_rotated
from penstock.sources.file_position import Mark, Position
from penstock.sources.file_tail import HEAD, NEAR, READ, Tail

SLACK: Final = 60 * 10**9
"""Nanoseconds: a copy may be older than the last change that was seen of what it was made of."""


class Left(NamedTuple):
    """What rotation by copying has left of a file that was cut to nothing."""

    rest: Found | None
    """Holds what was read of it, and what was not."""
    done: list[Found]
    """Hold nothing but what was read: copies that were made before the last reading."""
    since: list[Found]
    """Were written after that, oldest first."""


def left_of(tail: Tail, found: Iterable[Found]) -> Left:
    """Sorts files that have names which rotation would give and that nobody follows, by age."""
    rest: Found | None = None
    done: list[Found] = []
    since: list[Found] = []
    for file in found:
        if rest is None and file.mtime >= tail.position.mtime - SLACK and _goes_on(tail, file):
            rest = file
        elif file.mtime >= tail.position.mtime - SLACK and _is_part(tail, file):
            done.append(file)
        elif file.mtime >= tail.position.mtime and is_surely_rotated(file.path, tail.name):
            since.append(file)
    return Left(rest, done, since)


def written_before(path: str, since: int, found: Iterable[Found]) -> list[Found]:
    """What had this path, by its name and time, before what is there now and of which nothing was read yet.

    A copy of what is there now is none of them: that may be cut to nothing at any moment, and goes on in it then.
    """
    now = beginning(path, HEAD)
    return [
        file
        for file in found
        if file.mtime >= since
        and is_surely_rotated(file.path, path)
        and not _may_be_copy(beginning(file.path, HEAD), now)
    ]


def is_copy(file: Found, live: Tail) -> bool:
    """Whether it begins as the other, which may be cut to nothing at any moment and goes on in it then."""
    size = live.head.size
    theirs, ours = beginning(file.path, HEAD), beginning(live.path, HEAD)
    if not size:
        return _may_be_copy(theirs, ours)
    # Not yet cut, or cut since: then it is the copy of what is known by its mark.
    return Mark.of(theirs[:size]) == live.head or (len(theirs) < size and _may_be_copy(theirs, ours))


def beginning(path: str, size: int) -> bytes:
    """The first bytes of a file; none where it cannot be read."""
    return _piece(path, size, 0)


def end_of(file: Found) -> tuple[Position, Mark]:
    """Where the file ends now, and the mark of its beginning. A line that is under way is left out whole."""
    near = _piece(file.path, min(NEAR, file.size), max(0, file.size - NEAR))
    skipping = bool(near) and not near.endswith(b"\n")
    head = Mark.of(beginning(file.path, min(HEAD, file.size)))
    return Position(file.size, skipping, Mark.of(near), file.mtime), head


def chains(tails: Iterable[Tail]) -> Iterator[list[Tail]]:
    """Those that had the same name, oldest first."""
    by_name: dict[str, list[Tail]] = {}
    for tail in sorted(tails, key=lambda tail: tail.key):
        by_name.setdefault(tail.name, []).append(tail)
    yield from by_name.values()


def _may_be_copy(theirs: bytes, ours: bytes) -> bool:
    """By their beginnings, the one being written still."""
    return bool(ours) and ours.startswith(theirs)


def _goes_on(tail: Tail, file: Found) -> bool:
    """Whether the file holds what was read of the other, at the same place."""
    if not tail.position.offset or file.size < tail.position.offset:
        return False
    try:
        fd = os.open(file.path, READ)
    except OSError:
        return False
    try:
        return tail.begins_so(fd)
    except OSError:
        return False
    finally:
        os.close(fd)


def _is_part(tail: Tail, file: Found) -> bool:
    """Whether the file holds the beginning of what was read of the other, and no more."""
    size = tail.head.size
    return 0 < size <= file.size < tail.position.offset and Mark.of(beginning(file.path, size)) == tail.head


def _piece(path: str, size: int, offset: int) -> bytes:
    try:
        fd = os.open(path, READ)
    except OSError:
        return b""
    try:
        return os.pread(fd, size, offset)
    except OSError:
        return b""
    finally:
        os.close(fd)
