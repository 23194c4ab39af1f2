"""Files kept to be written again: overwriting one is steadier than growing another during a sync."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from penstock.journal.disk import Disk

_KEPT: Final = 2
_SUFFIX: Final = ".spare"


class Spares:
    """A few files of the ordinary segment's size, beside the segments."""

    def __init__(self, disk: Disk, folder: Path, size: int, unlink: Callable[[Path], None]) -> None:
        """`unlink` is called for what is not kept; it may do so later."""
        self._disk = disk
        self._folder = folder
        self._size = size
        self._unlink = unlink
        self._paths: list[Path] = []
        self._coming = 0
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            if path.stat().st_size == size and len(self._paths) < _KEPT:
                self._paths.append(path)
            else:
                unlink(path)

    @property
    def size(self) -> int:
        """Bytes of all of them, those that are just made too."""
        return (len(self._paths) + self._coming) * self._size

    def fits(self, size: int) -> bool:
        """Whether there is one of that size."""
        return size == self._size and bool(self._paths)

    def open(self, size: int) -> tuple[int, Path]:
        """A file of that size, open: a spare one, or else a new one. Raises `OSError`."""
        while self.fits(size):
            path = self._paths.pop()
            with suppress(FileNotFoundError):  # somebody tidied up
                return os.open(path, os.O_RDWR | os.O_CLOEXEC), path
        path = self.create(size)
        return os.open(path, os.O_RDWR | os.O_CLOEXEC), path

    def expect(self) -> None:
        """One is being made elsewhere, by `create`; `came` ends that."""
        self._coming += 1

    def came(self, path: Path | None) -> None:
        """It is here, or could not be made."""
        self._coming -= 1
        if path is not None:
            self.give(path, self._size)

    def create(self, size: int) -> Path:
        """A new file with room for all of it; takes its time. Raises `OSError`, and leaves nothing then."""
        path = self._folder / f"{secrets.token_hex(8)}{_SUFFIX}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # somebody tidied up
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            self._disk.reserve(fd, size)
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        finally:
            os.close(fd)
        return path

    def give(self, path: Path, size: int) -> None:
        """Keeps a file that nobody needs any more, or removes it."""
        if size != self._size or len(self._paths) >= _KEPT:
            self._unlink(path)
            return
        spare = path.with_name(f"{secrets.token_hex(8)}{_SUFFIX}")
        try:
            path.rename(spare)
        except OSError:
            self._unlink(path)
        else:
            self._paths.append(spare)
