"""Which files there are: what the patterns match, and under which names rotation leaves older ones. It only looks."""

import glob
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Final, NamedTuple

Identity = tuple[int, int]
"""Device and inode."""

COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".tgz", ".Z")
"""Files with these ends are no lines; rotation made them of what was read before."""
TICK: Final = 50 * 10**6
"""Nanoseconds within which a folder may change twice under one time: kernels stamp files by a coarse clock."""
_PART: Final = re.compile(r"(?:[.\-_]\d[\d.\-_:TZ+]*|[.\-_](?:old|bak|prev|backup)|~)")
"""What rotation puts into a name: a number, a date, a word."""
_DATE: Final = re.compile(r"\d{4}[.\-_]?\d{2}")


class Moving(Exception):
    """Names are changed while they are looked at. Nothing is certain until the next look."""


class Found(NamedTuple):
    """A regular file as it is now."""

    path: str
    identity: Identity
    size: int
    mtime: int
    """Nanoseconds since the epoch."""


class _Listed(NamedTuple):
    names: dict[int, str]
    """By inode."""
    whole: bool
    """No name was changed while they were read: what is renamed meanwhile may be missing."""


@dataclass(slots=True)
class Scan:
    """What one look has found."""

    files: dict[Identity, Found] = field(default_factory=dict)
    """What the patterns match, in the order of the patterns and then of names; a file with two names once."""
    _folders: dict[str, _Listed] = field(default_factory=dict)

    def elsewhere(self, path: str, identity: Identity) -> Found | None:
        """That file, in the folder of `path`, whatever it is called now. Raises `Moving` where that cannot be told."""
        folder = os.path.dirname(os.path.realpath(path))  # noqa: PTH120  # thousands of paths: text is faster
        listed = self._listed(folder)
        name = listed.names.get(identity[1])
        found = None if name is None else look_at(f"{folder}/{name}")
        if found is not None and found.identity == identity:
            return found
        if name is not None or not listed.whole:
            raise Moving
        return None

    def _listed(self, folder: str) -> _Listed:
        """What stands in a folder; read once a scan, when it is first asked for."""
        if (listed := self._folders.get(folder)) is None:
            listed = self._folders[folder] = _list(folder)
        return listed


def _list(folder: str) -> _Listed:
    try:
        before = os.stat(folder).st_mtime_ns  # noqa: PTH116  # text, as above
        with os.scandir(folder) as entries:
            names = {entry.inode(): entry.name for entry in entries}
        after = os.stat(folder).st_mtime_ns  # noqa: PTH116  # text, as above
    except OSError:  # it went, or may not be read: nothing is known of it
        return _Listed({}, whole=True)
    return _Listed(names, whole=before == after and time.time_ns() - after >= TICK)


def scan(patterns: Iterable[str], exclude: Sequence[str]) -> Scan:
    """Looks at everything that the patterns match."""
    found = Scan()
    for pattern in patterns:
        for path in matches(pattern, exclude):
            file = look_at(path)
            if file is not None:
                found.files.setdefault(file.identity, file)
    return found


def matches(pattern: str, exclude: Sequence[str]) -> Iterator[str]:
    """The paths of a pattern, sorted; without those that are excluded, and without compressed ones unless named."""
    if not glob.has_magic(pattern):
        if not is_excluded(pattern, exclude):
            yield pattern
        return
    for path in sorted(glob.iglob(pattern, recursive=True)):  # noqa: PTH207  # text, as above
        if not path.endswith(COMPRESSED) and not is_excluded(path, exclude):
            yield path


def is_excluded(path: str, exclude: Sequence[str]) -> bool:
    """Whether one of these patterns matches the path, or where it holds no slash the name."""
    name = os.path.basename(path)  # noqa: PTH119  # text, as above
    return any(fnmatch(path if "/" in pattern else name, pattern) for pattern in exclude)


def is_surely_rotated(path: str, live: str) -> bool:
    """Whether the path is without doubt one of the `originals`' kind: `app-1.log` may be a log of its own."""
    name, before = os.path.basename(path), os.path.basename(live)  # noqa: PTH119  # text, as above
    return name.startswith(before) or _DATE.search(name) is not None


def originals(path: str) -> Iterator[str]:
    """The paths from which rotation may have made this one: `app.log.1`, `app-20260131.log`, `app.log.old`."""
    folder, name = os.path.split(path)
    stem, end = os.path.splitext(name)  # noqa: PTH122  # text, as above
    for base, rest in ((name, ""), (stem, end)) if end else ((name, ""),):
        for at in range(1, len(base)):
            if base[at] in ".-_~" and _PART.fullmatch(base, at):
                yield os.path.join(folder, base[:at] + rest)  # noqa: PTH118  # text, as above


def look_at(path: str) -> Found | None:
    """The regular file there; none where there is no such thing, or it may not be looked at."""
    try:
        status = os.stat(path)  # noqa: PTH116  # text, as above
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(path, (status.st_dev, status.st_ino), status.st_size, status.st_mtime_ns)


def outlook(patterns: Iterable[str], exclude: Sequence[str]) -> Iterator[str]:
    """What is odd about the patterns now, in words: nothing matches, a file or a folder that may not be read."""
    for pattern in patterns:
        folder = _fixed_folder(pattern)
        if not os.path.isdir(folder):  # noqa: PTH112  # text, as above
            yield f"{pattern} matches nothing now: there is no folder {folder}"
        elif not os.access(folder, os.R_OK | os.X_OK):
            yield f"{folder} cannot be read by this user, so {pattern} matches nothing"
        else:
            found = [path for path in matches(pattern, exclude) if look_at(path) is not None]
            if not found:
                yield f"{pattern} matches nothing now"
            yield from [
                f"{path} cannot be read by this user" for path in found if not os.access(path, os.R_OK)
            ]


def _fixed_folder(pattern: str) -> str:
    """The folder of a pattern, up to the first part that holds a wildcard."""
    folder = os.path.dirname(pattern)  # noqa: PTH120  # text, as above
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)  # noqa: PTH120  # the same
    return folder or "/"
