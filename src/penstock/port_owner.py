"""Who holds a port: for error messages only, as far as this user may see it. Linux only."""

from pathlib import Path
from typing import Final

_LISTENING: Final = "0A"


def port_owner(port: int, proc: Path = Path("/proc")) -> str:
    """The process that listens at this TCP port, as `name (pid 123)`; empty where it cannot be known."""
    wanted = {f"socket:[{inode}]" for inode in _listeners(port, proc)}
    if not wanted:
        return ""
    for process in proc.glob("[0-9]*"):
        try:
            if any(str(file.readlink()) in wanted for file in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:  # another user's, or gone by now
            continue
    return ""


def _listeners(port: int, proc: Path) -> set[str]:
    """The inodes of the sockets that listen at this port."""
    inodes: set[str] = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes
