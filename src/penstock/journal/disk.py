"""The calls to the kernel on which the journal's promise hangs.

One object, handed in, so that a test can stand for a disk that is full, fails or lies.
"""

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

_NO_FALLOCATE: Final = frozenset({errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})


class Disk:
    """The machine's disk. All raise `OSError`."""

    def write(self, fd: int, buffers: Sequence[bytes], offset: int) -> None:
        """Writes all of it there; after an error nothing is known of that place."""
        total = sum(map(len, buffers))
        done = os.pwritev(fd, buffers, offset)
        if done < total:
            rest = memoryview(b"".join(buffers))
            while done < total:
                done += os.pwrite(fd, rest[done:], offset + done)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        """Up to that many bytes; fewer only at the end of the file."""
        data = os.pread(fd, size, offset)
        while 0 < len(data) < size and (more := os.pread(fd, size - len(data), offset + len(data))):
            data += more
        return data

    def sync(self, fd: int) -> None:
        """Returns when all that was written to the file would survive the death of the machine."""
        # fdatasync covers the size of the file where reading back needs it; macOS has none.
        (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(fd)

    def reserve(self, fd: int, size: int) -> None:
        """Makes the file that long, with room for all of it."""
        if hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(fd, 0, size)
            except OSError as exc:
                if exc.errno not in _NO_FALLOCATE:
                    raise
            else:
                return
        os.ftruncate(fd, size)

    def sync_folder(self, path: Path) -> None:
        """Returns when the names in the folder would survive the death of the machine."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def replace(self, path: Path, data: bytes) -> None:
        """The file holds all of `data` or all of what it held before, whatever dies meanwhile."""
        new = path.with_name(path.name + ".new")
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            self.write(fd, [data], 0)
            self.sync(fd)
        except OSError:
            with suppress(OSError):
                new.unlink()
            raise
        finally:
            os.close(fd)
        new.rename(path)
        self.sync_folder(path.parent)


def reason(exc: OSError) -> str:
    """An error of the disk, in the words of the system."""
    return exc.strerror or str(exc)
