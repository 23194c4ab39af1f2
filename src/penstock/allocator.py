"""Tells glibc's malloc what kind of program this is; on other systems it does nothing.

Blocks and bodies of 100 KiB to 1 MiB come and go all the time. By default glibc maps each of them anew, or gives its
page back at once, and every page is faulted in again: reading a backlog from disk costs several times more then.
"""

import ctypes
import sys
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
"""As in malloc.h."""

KEEP_FREE: Final = 64 * 2**20
"""Bytes at the top of the heap that are not given back."""
MAP_FROM: Final = 32 * 2**20
"""Bytes from which a piece is mapped on its own; the most that glibc allows."""


def tune() -> bool:
    """To be called once, before threads are started. Whether it could be done."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl
        return False
    # One arena: what a thread has allocated is freed by the loop, and the interpreter lets only one work at a time.
    wanted = {M_ARENA_MAX: 1, M_MMAP_THRESHOLD: MAP_FROM, M_TRIM_THRESHOLD: KEEP_FREE}
    answers = [mallopt(what, size) for what, size in wanted.items()]
    return all(answer == 1 for answer in answers)
