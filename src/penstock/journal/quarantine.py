"""Keeps copies of what could not be read, so that a person can look at them; bounded."""

import os
from pathlib import Path
from typing import Final

from penstock.journal.disk import Disk
from penstock.journal.segment import Segment
from penstock.journal.walk import Damage

_MAX_FILES: Final = 64
_MAX_BYTES: Final = 256 * 2**20
_PIECE: Final = 2**20


def keep_damage(disk: Disk, folder: Path, segment: Segment, damage: Damage) -> None:
    """Copies the damaged stretch of a segment; nothing where it was copied before. Raises `OSError`."""
    target = folder / f"{segment.path.stem}-{damage.offset}.bytes"
    if target.exists():
        return
    source = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            at, end = damage.offset, min(damage.end, damage.offset + _MAX_BYTES // 4)
            while at < end and (piece := disk.read(source, min(_PIECE, end - at), at)):
                disk.write(out, [piece], at - damage.offset)
                at += len(piece)
        finally:
            os.close(out)
    finally:
        os.close(source)
    _bound(folder)


def keep_file(folder: Path, path: Path) -> Path:
    """Moves a whole file aside and says where to. Raises `OSError`."""
    target = folder / path.name
    number = 0
    while target.exists():
        number += 1
        target = folder / f"{path.name}.{number}"
    path.rename(target)
    _bound(folder)
    return target


def _bound(folder: Path) -> None:
    """Lets the oldest go, but never the newest."""
    files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in folder.iterdir())
    total = sum(size for _, size, _ in files)
    while len(files) > 1 and (len(files) > _MAX_FILES or total > _MAX_BYTES):
        _, size, path = files.pop(0)
        path.unlink(missing_ok=True)
        total -= size
