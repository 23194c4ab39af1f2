"""One file that is appended to, whole lines or nothing."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY
_sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class OpenFile:
    """An open file. Everything here blocks and raises `OSError`.

    After an error the file is as it was before, so that the same bytes can be appended again.
    """

    def __init__(self, path: Path, mode: int) -> None:
        """Opens or creates the file, its folders too."""
        self.path = path
        self.dirty = False
        """Something was written since the last sync."""
        self._fd = _open(path, mode)
        status = os.fstat(self._fd)
        self._identity = status.st_dev, status.st_ino
        self.regular = stat.S_ISREG(status.st_mode)
        """No pipe and no device: it can be measured, cut and rotated."""
        self._new = self.regular and not status.st_size
        """Its name may not be on disk yet."""
        self._torn = (
            self.regular and status.st_size > 0 and os.pread(self._fd, 1, status.st_size - 1) != b"\n"
        )

    @property
    def in_place(self) -> bool:
        """The path still leads to this file: nobody else has moved or removed it."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def status(self) -> os.stat_result:
        """Its size and times now."""
        return os.fstat(self._fd)

    def append(self, data: bytes, *, sync: bool) -> None:
        """Writes all of `data`, and has it on disk where `sync` is set.

        A last line that a crash has cut short is ended first, so that it does not run into the next.
        """
        before = self.status().st_size if self.regular else 0
        written = 0
        try:
            for piece in (b"\n", data) if self._torn else (data,):
                rest = memoryview(piece)
                while rest:
                    count = os.write(self._fd, rest)
                    written += count
                    rest = rest[count:]
            self.dirty = True
            if sync:
                self.sync()
                self._sync_name()
        except OSError:
            self._undo(before, written)
            raise
        self._torn = False

    def sync(self) -> None:
        """Returns once everything is on disk."""
        try:
            _sync(self._fd)
        except OSError as exc:
            if exc.errno not in (errno.EINVAL, errno.EROFS, errno.ENOTSUP):  # pipes and devices cannot
                raise
        self.dirty = False

    def _sync_name(self) -> None:
        if self._new:
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
            self._new = False

    def close(self) -> None:
        """Closes it; what it holds is the system's from here on."""
        os.close(self._fd)

    def _undo(self, before: int, written: int) -> None:
        if not self.regular or not written:
            return
        with suppress(OSError):
            # Only what is surely ours: another program may have appended meanwhile.
            if self.status().st_size == before + written:
                os.ftruncate(self._fd, before)
                return
        self._torn = True


def _open(path: Path, mode: int) -> int:
    try:
        return os.open(path, _FLAGS, mode)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, _FLAGS, mode)
