"""The journal's folder: who has it, whose sequence numbers it gives, and how it was left.

lock           held by flock(2) while a daemon has the journal; its text is that daemon's pid
journal.json   format version, node, and the boot of the machine under which it was last opened
clean          written by an orderly stop, removed by the next start: where the journal ended
cursors.json   see `cursors`
segments/      <first sequence number>.seg, and *.spare: files kept to be used again
quarantine/    copies of what could not be read
"""

import errno
import fcntl
import os
import re
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from penstock.errors import JournalError, JournalLocked, JournalNewer
from penstock.journal.disk import Disk, reason
from penstock.journal.segment import FORMAT

_META: Final = "journal.json"
_CLEAN: Final = "clean"


class Meta(msgspec.Struct, frozen=True):
    """`journal.json`."""

    format: int
    version: str
    """The Penstock that wrote it."""
    node: str
    boot_id: str
    """Of the boot under which the journal was last opened; empty where the machine does not tell."""
    head: int = 0
    """The next sequence number as it was then."""


class Clean(msgspec.Struct, frozen=True):
    """`clean`: what an orderly stop leaves."""

    node: str
    head: int


def new_node() -> str:
    """A name that nothing else has: this machine's, and eight random digits."""
    host = re.sub(r"[^a-z0-9]+", "-", socket.gethostname().split(".")[0].lower()).strip("-")
    return f"{host[:40] or 'node'}-{secrets.token_hex(4)}"


def segments_folder(path: Path) -> Path:
    """Where the segments are."""
    return path / "segments"


def quarantine_folder(path: Path) -> Path:
    """Where copies of damaged parts are kept."""
    return path / "quarantine"


def make_folders(path: Path) -> None:
    """Makes what is missing, for the owner's eyes only. Raises `JournalError` with the remedy."""
    try:
        for folder in (path, segments_folder(path), quarantine_folder(path)):
            folder.mkdir(mode=0o700, parents=folder == path, exist_ok=True)
    except OSError as exc:
        raise unusable(path, exc) from exc
    if not os.access(segments_folder(path), os.W_OK | os.X_OK) or not os.access(path, os.W_OK | os.X_OK):
        raise unusable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def unusable(path: Path, exc: OSError) -> JournalError:
    """The error that tells what to do about a folder."""
    if exc.errno in (errno.EACCES, errno.EPERM):
        remedy = f"let the user {os.geteuid()} write there, or set journal.path to another folder"
    elif exc.errno == errno.EROFS:
        remedy = "set journal.path to a folder that can be written, or journal.type to memory"
    elif exc.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "make room on that disk, or set journal.path to another one"
    elif exc.errno in (errno.ENOTDIR, errno.EEXIST):
        remedy = "something that is not a folder stands in its way: set journal.path to another folder"
    else:
        remedy = "see to the disk, or set journal.path to another one"
    return JournalError(f"the journal's folder {path} cannot be used: {reason(exc)} ({remedy})")


class Lock:
    """The journal is this process's as long as the lock is held; the kernel takes it back when the process dies."""

    def __init__(self, path: Path) -> None:
        """Raises `JournalLocked`, naming the process that has it, or `JournalError`."""
        self._path = path / "lock"
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise unusable(path, exc) from exc
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            holder = os.pread(self._fd, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            if exc.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise unusable(path, exc) from exc
            raise JournalLocked(
                f"the journal {path} belongs to a running Penstock, pid {holder}: stop it first, "
                "or set journal.path to another folder"
            ) from exc
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, b"%d\n" % os.getpid(), 0)
        except OSError as exc:
            # On a full disk the lock holds all the same; only its text is missing.
            if exc.errno not in (errno.ENOSPC, errno.EDQUOT):
                os.close(self._fd)
                raise unusable(path, exc) from exc

    def release(self) -> None:
        """Another may have it."""
        os.ftruncate(self._fd, 0)
        os.close(self._fd)


def lock_holder(path: Path) -> int | None:
    """The pid of the daemon that has the journal; none where none runs. Takes no lock to find out."""
    lock = path / "lock"
    try:
        text = lock.read_text()
        inode = lock.stat().st_ino
    except OSError:
        return None
    if not text.strip().isdecimal():
        return None
    pid = int(text)
    try:
        locks = Path("/proc/locks").read_text()
    except OSError:  # not Linux: the best that can be said is that the process lives
        return pid if _alive(pid) else None
    held = any(" FLOCK " in line and f":{inode} " in line for line in locks.splitlines())
    return pid if held else None


def read_meta(path: Path) -> Meta | None:
    """None where there is none, or none that can be read. Raises `JournalNewer`."""
    try:
        data = (path / _META).read_bytes()
        version = msgspec.json.decode(data).get("format", 0)
        if isinstance(version, int) and version > FORMAT:
            raise JournalNewer(_newer(path, msgspec.json.decode(data)))
        return msgspec.json.decode(data, type=Meta)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, AttributeError):
        return None


def write_meta(disk: Disk, path: Path, meta: Meta) -> None:
    """Replaces it. Raises `OSError`."""
    disk.replace(path / _META, msgspec.json.encode(meta) + b"\n")


def forget_meta(path: Path) -> None:
    """Removes it: the next start will take a new node. Best effort."""
    with suppress(OSError):
        (path / _META).unlink(missing_ok=True)


def read_clean(path: Path) -> Clean | None:
    """None where the last stop was not an orderly one."""
    try:
        return msgspec.json.decode((path / _CLEAN).read_bytes(), type=Clean)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def remove_clean(disk: Disk, path: Path) -> None:
    """From now on the journal is in use. Raises `OSError`."""
    (path / _CLEAN).unlink(missing_ok=True)
    disk.sync_folder(path)


def write_clean(disk: Disk, path: Path, clean: Clean) -> None:
    """The journal ends in order. Raises `OSError`."""
    disk.replace(path / _CLEAN, msgspec.json.encode(clean) + b"\n")


def _newer(path: Path, meta: dict[str, object]) -> str:
    return (
        f"the journal {path} has format {meta.get('format')}, written by Penstock {meta.get('version')}; "
        f"this one reads up to format {FORMAT}: run the newer Penstock, or set journal.path to another folder"
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
