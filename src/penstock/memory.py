"""How much memory the daemon may hold events in."""

from pathlib import Path
from typing import Final

DEFAULT: Final = 256 * 2**20
"""Where neither the configuration nor a control group says anything."""
SHARE: Final = 0.5
"""Of a control group's limit: the rest is for the interpreter, for bodies being compressed, and for peaks."""

LEAST_OF_A_SOURCE: Final = 4 * 2**20
MOST_OF_A_SOURCE: Final = 64 * 2**20


def source_share(budget: int, sources: int) -> int:
    """Bytes that each of so many sources may hold of what is no event yet: half of the budget is for all of them."""
    return min(max(budget // 2 // max(1, sources), LEAST_OF_A_SOURCE), MOST_OF_A_SOURCE)


def budget(
    asked: int, cgroup: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
) -> int:
    """Bytes; `asked` is what the configuration says, 0 where it says nothing."""
    if asked:
        return asked
    limit = cgroup_limit(cgroup, membership)
    return DEFAULT if limit is None else min(DEFAULT, int(limit * SHARE))


def cgroup_limit(cgroup: Path, membership: Path) -> int | None:
    """The memory limit of this process's control group, in bytes; none where there is none.

    Version 2 (`memory.max` of the group and of each above it) and version 1 (`memory.limit_in_bytes`).
    """
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return None
    limits: list[int] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            limits += _limits(cgroup, path, "memory.max")
        elif "memory" in controllers.split(","):
            limits += _limits(cgroup / "memory", path, "memory.limit_in_bytes")
    return min(limits, default=None)


def _limits(root: Path, path: str, name: str) -> list[int]:
    # In a container the path is the host's, and what is mounted is the group itself: both are tried.
    here = root / path.lstrip("/")
    folders = {root, here, *[folder for folder in here.parents if folder.is_relative_to(root)]}
    found: list[int] = []
    for folder in folders:
        try:
            text = (folder / name).read_text().strip()
        except OSError:
            continue
        # Version 1 writes a number near 2**63 for no limit.
        if text.isdecimal() and int(text) < 2**60:
            found.append(int(text))
    return found
