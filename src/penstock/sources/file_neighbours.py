"""What rotation has made of a file, by the names beside it. Folders are listed anew only where they have changed."""

import os
import time
from collections import OrderedDict
from typing import Final, NamedTuple

from penstock.sources.file_names import COMPRESSED, TICK, Found, Moving, look_at, originals

FOLDERS: Final = 64
"""Kept at most."""
TRIES: Final = 3
"""How often names are read that change meanwhile."""


class _Listed(NamedTuple):
    mtime: int
    """Of the folder; 0 where it was too young to tell by it whether it changes again."""
    made: dict[str, list[tuple[str, int]]]
    """By the path from which rotation may have made them, paths and inodes."""


class Neighbours:
    """Remembers what stands in folders."""

    def __init__(self) -> None:
        self._folders: OrderedDict[str, _Listed] = OrderedDict()

    def rotated(self, path: str) -> list[Found]:
        """What may have been made of the file at `path` by rotation, oldest first; compressed ones are left out.

        Raises `Moving` where names go on changing.
        """
        path = os.path.realpath(path)
        folder = os.path.dirname(path)  # noqa: PTH120  # thousands of paths: text is faster
        for _ in range(TRIES):
            made = self._made_in(folder).get(path, ())
            found = [look_at(other) for other, _ in made]
            files = [file for file in found if file is not None]
            if [file.identity[1] for file in files] == [inode for _, inode in made]:
                return sorted(files, key=lambda file: (file.mtime, file.path))
            self._folders.pop(folder, None)
        raise Moving

    def _made_in(self, folder: str) -> dict[str, list[tuple[str, int]]]:
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


def _made(folder: str) -> dict[str, list[tuple[str, int]]]:
    made: dict[str, list[tuple[str, int]]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.endswith(COMPRESSED) and entry.is_file(follow_symlinks=False):
                for original in originals(entry.path):
                    made.setdefault(original, []).append((entry.path, entry.inode()))
    return made
