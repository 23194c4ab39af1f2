"""Which files hold what another one held: told by their names, their times and their beginnings."""

import os
from collections.abc import Iterable
from typing import Final, NamedTuple

from penstock.sources.file_names import Found, Moving, is_surely_rotated
from penstock.sources.file_position import Mark, Position
from penstock.sources.file_tail import HEAD, NEAR, READ, Tail

SLACK: Final = 60 * 10**9
"""Nanoseconds: a copy may be older than the last change that was seen of what it was made of."""


class Begun(NamedTuple):
    """A file that is to be followed: where it is read from, and how it begins."""

    file: Found
    position: Position
    head: Mark


class Left(NamedTuple):
    """What rotation by copying has left of a file that was cut to nothing."""

    rest: Found | None
    """Holds what was read of it, and what was not."""
    done: list[Found]
    """Hold nothing but what was read: copies that were made before the last reading."""
    since: list[Found]
    """Were written after that, oldest first."""


def left_of(tail: Tail, found: Iterable[Found]) -> Left:
    """Sorts files that have names which rotation would give and that nobody follows, by age. Raises `Moving`."""
    rest: Found | None = None
    now = beginning(tail.found, HEAD)
    done: list[Found] = []
    since: list[Found] = []
    for file in found:
        if rest is None and file.mtime >= tail.position.mtime - SLACK and _goes_on(tail, file):
            rest = file
        elif file.mtime >= tail.position.mtime - SLACK and _is_part(tail, file):
            done.append(file)
        elif _is_before(tail.name, tail.position.mtime, file, now):
            since.append(file)
    return Left(rest, done, since)


def written_before(live: Found, since: int, found: Iterable[Found]) -> list[Found]:
    """What had this path, by its name and time, before what is there now and of which nothing was read yet.

    A copy of what is there now is none of them: that may be cut to nothing at any moment, and goes on in it then.
    Raises `Moving`.
    """
    now = beginning(live, HEAD)
    return [file for file in found if _is_before(live.path, since, file, now)]


def is_copy(file: Found, live: Tail) -> bool:
    """Whether it begins as the other, which may be cut to nothing at any moment and goes on in it then. Raises `Moving`."""
    size = live.head.size
    theirs, ours = beginning(file, HEAD), beginning(live.found, HEAD)
    if not size:
        return _may_be_copy(theirs, ours)
    # Not yet cut, or cut since: then it is the copy of what is known by its mark.
    return Mark.of(theirs[:size]) == live.head or (len(theirs) < size and _may_be_copy(theirs, ours))


def is_still(tail: Tail, file: Found) -> bool:
    """Whether a file with the inode of the other is the other: not held open, it may be deleted, and its inode given anew.

    Raises `Moving`.
    """
    unchanged = (file.size, file.mtime) == (tail.size, tail.mtime)
    return tail.fd >= 0 or unchanged or _goes_on(tail, file)


def beginning(file: Found, size: int) -> bytes:
    """The first bytes of a file; none where it may not be read. Raises `Moving`."""
    return _piece(file, size, 0)


def begun_at(file: Found, *, at_end: bool = False) -> Begun:
    """To be read from its beginning, or from its end on. Raises `Moving`."""
    if at_end:
        return _end_of(file)
    return Begun(file, Position(mtime=file.mtime), Mark.of(beginning(file, HEAD)))


def _end_of(file: Found) -> Begun:
    """A line that is under way is left out whole."""
    near = _piece(file, min(NEAR, file.size), max(0, file.size - NEAR))
    skipping = bool(near) and not near.endswith(b"\n")
    head = Mark.of(beginning(file, min(HEAD, file.size)))
    return Begun(file, Position(file.size, skipping, Mark.of(near), file.mtime), head)


def _is_before(path: str, since: int, file: Found, now: bytes) -> bool:
    """`now` is how the file at that path begins."""
    return (
        file.mtime >= since
        and is_surely_rotated(file.path, path)
        and not _may_be_copy(beginning(file, HEAD), now)
    )


def _may_be_copy(theirs: bytes, ours: bytes) -> bool:
    """By their beginnings, the one being written still."""
    return bool(ours) and ours.startswith(theirs)


def _goes_on(tail: Tail, file: Found) -> bool:
    """Whether the file holds what was read of the other, at the same place."""
    if not tail.head.size or file.size < tail.position.offset:
        return False
    fd = _opened(file)
    if fd < 0:
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
    return 0 < size <= file.size < tail.position.offset and Mark.of(beginning(file, size)) == tail.head


def _piece(file: Found, size: int, offset: int) -> bytes:
    fd = _opened(file)
    if fd < 0:
        return b""
    try:
        return os.pread(fd, size, offset)
    except OSError:
        return b""
    finally:
        os.close(fd)


def _opened(file: Found) -> int:
    """A descriptor of that very file; -1 where it may not be read. Raises `Moving`."""
    try:
        fd = os.open(file.path, READ)
    except FileNotFoundError as exc:
        raise Moving from exc
    except OSError:
        return -1
    status = os.fstat(fd)
    if (status.st_dev, status.st_ino) != file.identity:
        os.close(fd)
        raise Moving
    return fd
