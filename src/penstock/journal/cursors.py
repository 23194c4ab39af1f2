"""The cursors on disk: one small file, replaced as a whole, and the one before it.

cursors.json      {"format": 1, "crc32": <of "cursors" as written, keys sorted>, "cursors": {"<destination>":
                  {"start": 0, "done": 5000, "beyond": [[5100, 5200]], "delivered": 4990, "filtered": 0,
                   "foreign": 0, "dead_lettered": {"<reason>": 10}, "dropped": {}}}}
cursors.json.bak  the same, as it was one write earlier
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import orjson
from isal.isal_zlib import crc32

from penstock.journal.base import Cursor
from penstock.journal.disk import Disk

_FORMAT: Final = 1


class _File(msgspec.Struct):
    format: int
    crc32: int
    cursors: msgspec.Raw


def encode_cursors(cursors: Mapping[str, Cursor]) -> bytes:
    """The whole file."""
    body = orjson.dumps(dict(cursors), option=orjson.OPT_SORT_KEYS, default=_plain)
    return b'{"format":%d,"crc32":%d,"cursors":%b}\n' % (_FORMAT, crc32(body), body)


def decode_cursors(data: bytes) -> dict[str, Cursor] | None:
    """What the file says; none where it is not what was written."""
    try:
        file = msgspec.json.decode(data, type=_File)
        if file.format != _FORMAT or crc32(file.cursors) != file.crc32:
            return None
        return msgspec.json.decode(file.cursors, type=dict[str, Cursor])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_cursors(folder: Path) -> tuple[dict[str, Cursor], str]:
    """The saved cursors, and what was wrong: "" nothing, `backup` the newest were unreadable, `lost` all were."""
    newest, backup = cursors_path(folder), _backup_path(folder)
    found = [_load(newest), _load(backup)]
    for cursors, trouble in zip(found, ("", "backup"), strict=True):
        if cursors is not None:
            return cursors, trouble
    return {}, "lost" if newest.exists() or backup.exists() else ""


def write_cursors(disk: Disk, folder: Path, cursors: Mapping[str, Cursor]) -> None:
    """Replaces the file. There is a readable one at every moment. Raises `OSError`."""
    newest, backup = cursors_path(folder), _backup_path(folder)
    if _load(newest) is not None:
        second = backup.with_name(backup.name + ".new")
        # A second name for the old file, rather than a rename: that would leave a moment without any.
        with suppress(OSError):  # a file system without hard links keeps no backup
            second.unlink(missing_ok=True)
            os.link(newest, second)
            second.rename(backup)
    disk.replace(newest, encode_cursors(cursors))


def cursors_path(folder: Path) -> Path:
    """The file of the cursors."""
    return folder / "cursors.json"


def _backup_path(folder: Path) -> Path:
    return folder / "cursors.json.bak"


def _load(path: Path) -> dict[str, Cursor] | None:
    try:
        return decode_cursors(path.read_bytes())
    except OSError:
        return None


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else list(value)  # type: ignore[call-overload] # else a tuple
