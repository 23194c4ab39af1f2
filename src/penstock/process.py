"""What the daemon asks of the system for its own process, once, at the start."""

import ctypes
import resource
import sys
from pathlib import Path
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
"""As in glibc's malloc.h."""

KEEP_FREE: Final = 64 * 2**20
"""Bytes at the top of the heap that are not given back."""
MAP_FROM: Final = 32 * 2**20
"""Bytes from which a piece is mapped on its own; the most that glibc allows."""
OPEN_FILES: Final = 65536
"""Files and connections that are enough for every bound in the configuration."""
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Names this boot of the machine; empty where it does not tell (macOS)."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def tune_malloc() -> bool:
    """Tells glibc what kind of program this is, before threads are started; whether it could be told.

    Blocks and bodies of 100 KiB to 1 MiB come and go all the time. By default glibc maps each of them anew, or gives
    its pages back at once, and every page is faulted in again: reading a backlog costs several times more then.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl
        return False
    # One arena: what a thread has allocated is freed by the loop, and the interpreter lets only one work at a time.
    wanted = {M_ARENA_MAX: 1, M_MMAP_THRESHOLD: MAP_FROM, M_TRIM_THRESHOLD: KEEP_FREE}
    answers = [mallopt(what, size) for what, size in wanted.items()]
    return all(answer == 1 for answer in answers)


def raise_file_limit() -> int:
    """Lifts the soft limit on open files, often 1,024, towards the hard one; returns what it is now.

    Without a file descriptor left a new connection would be reset, and nobody told.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
