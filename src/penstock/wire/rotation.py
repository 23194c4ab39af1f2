"""Rotated files: their names, their compression, how many are kept.

    app.log                          is written to
    app.log.2026-11-24T10-00-00      was rotated at that time (UTC)
    app.log.2026-11-24T10-00-00.1    was rotated in the same second
    app.log.2026-11-24T09-00-00.gz   the same, compressed
    .app.log.2026-….gz.part          is being compressed; left by a crash, it is made anew

The names sort by age, and a new one never overwrites.
"""

import os
import re
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from penstock.compression import SUFFIXES, compressor
from penstock.exchange import Compression

_PART: Final = ".part"
_PIECE: Final = 1024 * 1024
_ROTATED: Final = re.compile(r"\.(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)(?:\.(\d+))?(\.gz|\.zst)?")


class Rotated(NamedTuple):
    """One rotated file; sorts by age, the oldest first."""

    at: str
    number: int
    suffix: str
    path: Path


def rotate(path: Path, now: float) -> Path:
    """Gives the file at `path` the name of a rotated one, which it returns."""
    at, number = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H-%M-%S}", 0
    there = rotated(path)
    # A clock that was set back must not make this one look older than those that are there.
    if there and there[-1].at >= at:
        at, number = there[-1].at, there[-1].number + 1
    target = path.with_name(f"{path.name}.{at}" + (f".{number}" if number else ""))
    path.rename(target)
    return target


def rotated(path: Path) -> list[Rotated]:
    """The rotated files of `path`, the oldest first."""
    names: list[str] = []
    with suppress(FileNotFoundError):
        names = os.listdir(path.parent)  # noqa: PTH208 - names are all that is wanted, of maybe thousands
    return sorted(
        Rotated(match[1], int(match[2] or 0), match[3] or "", path.parent / name)
        for name in names
        if name.startswith(path.name) and (match := _ROTATED.fullmatch(name[len(path.name) :]))
    )


def tidy(path: Path, keep: int, compression: Compression) -> None:
    """Compresses the rotated files of `path` that are not, and removes those beyond the newest `keep`.

    Also finishes what a crash has left half done. Raises `OSError`; nothing is lost then.
    """
    files = rotated(path)
    # Where a name is there plain and compressed, a crash came between the two; the compressed is whole.
    whole = {(one.at, one.number) for one in files if one.suffix}
    for one in [one for one in files if not one.suffix and (one.at, one.number) in whole]:
        one.path.unlink()
        files.remove(one)
    for part in path.parent.glob(f".{_escape(path.name)}.*{_PART}"):
        part.unlink()
    if keep:
        for one in files[:-keep]:
            one.path.unlink()
        files = files[-keep:]
    if compression != "none":
        for one in files:
            if not one.suffix:
                _compress(one.path, compression)


def _compress(path: Path, how: Compression) -> None:
    """Puts the compressed file in the place of the plain one: at any moment one of them is whole."""
    target = path.with_name(path.name + SUFFIXES[how])
    part = path.with_name(f".{target.name}{_PART}")
    try:
        with path.open("rb") as source, part.open("xb") as sink:
            stream = compressor(how)
            while piece := source.read(_PIECE):
                sink.write(stream.compress(piece))
            sink.write(stream.flush())
            sink.flush()
            os.fsync(sink.fileno())
        shutil.copystat(path, part)
        part.rename(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    path.unlink()


def _escape(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
