"""What rotation has made of a file, by the names beside it. Folders are listed anew only where they have changed."""

import os
import time
from collections import OrderedDict
from typing import Final, NamedTuple

from penstock.sources.file_names import COMPRESSED, Found, look_at, originals

FOLDERS: Final = 64
"""Kept at most."""
TICK: Final = 50 * 10**6
"""Nanoseconds within which a folder may change twice under one time: kernels stamp files by a coarse clock."""


class _Listed(NamedTuple):
    mtime: int
    """Of the folder; 0 where it was too young to tell by it whether it changes again."""
    made: dict[str, list[str]]
    """By the path from which rotation may have made them, paths."""


class Neighbours:
    """Remembers what stands in folders."""

    def __init__(self) -> None:
        self._folders: OrderedDict[str, _Listed] = OrderedDict()

    def rotated(self, path: str) -> list[Found]:
        """What may have been made of the file at `path` by rotation, oldest first; compressed ones are left out."""
        path = os.path.realpath(path)
        made = self._made_in(os.path.dirname(path)).get(path, ())  # noqa: PTH120  # thousands of paths: text is faster
        found = [file for other in made if (file := look_at(other)) is not None]
        return sorted(found, key=lambda file: (file.mtime, file.path))

    def _made_in(self, folder: str) -> dict[str, list[str]]:
        try:
            mtime = os.stat(folder).st_mtime_ns  # noqa: PTH116  # text, as above
            known = self._folders.get(folder)
            if known is not None and known.mtime == mtime:
                return known.made
            young = time.time_ns() - mtime < TICK
            made = _made(folder)
        except OSError:  # it went, or may not be read: nothing is known of it
            return {}
        self._folders[folder] = _Listed(0 if young else mtime, made)
        self._folders.move_to_end(folder)
        if len(self._folders) > FOLDERS:
            self._folders.popitem(last=False)
        return made


def _made(folder: str) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for name in os.listdir(folder):  # noqa: PTH208  # text, as above
        if not name.endswith(COMPRESSED):
            for original in originals(f"{folder}/{name}"):
                made.setdefault(original, []).append(f"{folder}/{name}")
    return made
