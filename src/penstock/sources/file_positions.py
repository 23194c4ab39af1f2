r"""How far each file was read, remembered in one file a source: `<journal.path>/positions/<source>.log`.

Records, each a line with its crc, replayed at the start and appended to from then on:

    ["boot", 1, "<boot id>", key, at, safe]    the first: the format, under which boot of the machine, the highest number
                                               that a file has, and up to where in the journal the next two kinds go
    ["file", 7, "/var/log/a.log", dev, ino, [900, crc]]         number 7 is this file, known by its first 900 bytes
    ["at", seq, [[7, offset, skipping, [64, crc], mtime], …]]   handed over up to here, as events below this number
    ["safe", seq, [[7, offset, skipping, [64, crc], mtime], …]] and these events would survive the death of the machine
    ["gone", 7]                                                 the file is no more

`at` is appended, not synced, as soon as the journal has written the events: it counts while the machine lives, whatever
becomes of the process. `safe` is synced, once a second at most: it counts under another boot. Neither is ever
ahead of the journal. What the journal holds beyond them tells itself how far it goes, as each block has the
positions in its mark: so a crash at whatever moment neither loses a line nor doubles one. A line that is torn
ends the replay. A number always means the same bytes: a file that is cut to nothing gets a new one.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

import structlog

from penstock.sources.file_position import (
    Known,
    Position,
    Subject,
    decode_lines,
    decode_mark,
    decode_position,
    decode_subject,
    encode_lines,
    encode_subject,
)

log = structlog.get_logger(__name__)

FORMAT: Final = 1
LARGEST: Final = 4 * 2**20
"""Bytes after which the file is written anew, with what still counts."""

_Kind = Literal["at", "safe"]


class Positions:
    """The remembered positions of one source. With no path nothing is kept.

    A disk that refuses is told about once; reading goes on, and a restart goes by the marks in the journal.
    """

    def __init__(self, path: Path | None, boot: str) -> None:
        """Reads what is there. `boot` names the boot of the machine, empty where it does not tell."""
        self.known: dict[int, Known] = {}
        self._path = path
        self._boot = boot
        self._same_boot = False
        self._last_key = 0
        self._seqs: dict[_Kind, int] = {"at": -1, "safe": -1}
        self._fd = -1
        self._size = 0
        self._refused = False
        if path is not None:
            self._load(path)

    @property
    def seq(self) -> int:
        """From which number on marks of the journal add to what is known; -1 where none do."""
        return self._seqs["at"]

    def begin(self, marks: Iterable[bytes], head: int) -> None:
        """Takes the marks of the journal, which are durable like all that it has before `head`; to be called once."""
        told: dict[int, Subject] = {}
        for mark in marks:
            for key, subject, position in decode_mark(mark):
                self._last_key = max(self._last_key, key)
                known = self.known.setdefault(key, Known(subject))
                known.at = max(known.at, position)
                told[key] = subject
        self._take(told)
        for known in self.known.values():
            known.safe = known.at
        self._seqs = {"at": head, "safe": head}
        if self._path is not None:
            self._begin(self._path)

    def new_key(self) -> int:
        """A number for a file, never given before."""
        self._last_key += 1
        return self._last_key

    def file(self, key: int, subject: Subject, position: Position | None = None) -> None:
        """The number means this file from now on; where it is new, it begins at this position."""
        known = self.known.setdefault(key, Known(subject))
        known.subject = subject
        if position is not None:
            known.at = known.safe = position
        self._append(
            _lines(key, known) if position is not None else [["file", key, *encode_subject(subject)]]
        )

    def at(self, seq: int, positions: Mapping[int, Position]) -> None:
        """The events before them are written to the journal, under numbers below `seq`."""
        self._append([self._reached("at", seq, positions)])

    def safe(self, seq: int, positions: Mapping[int, Position]) -> None:
        """The events before them are durable. Waits for the disk: not to be called from the loop."""
        record = self._reached("safe", seq, positions)
        for key in positions:
            if (known := self.known.get(key)) is not None:
                known.at = max(known.at, known.safe)
        if self._path is None:
            return
        self._append([record])
        try:
            if self._fd >= 0:
                os.fsync(self._fd)
        except OSError as exc:
            self._refuse(exc)
        if self._fd < 0 or self._size > LARGEST:
            self._begin(self._path)

    def gone(self, key: int) -> None:
        """There is no such file any more."""
        if self.known.pop(key, None) is not None:
            self._append([["gone", key]])

    def close(self) -> None:
        """Nothing is remembered from now on."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _reached(self, kind: _Kind, seq: int, positions: Mapping[int, Position]) -> list[object]:
        self._seqs[kind] = max(seq, self._seqs[kind])
        for key, position in positions.items():
            if (known := self.known.get(key)) is not None:
                setattr(known, kind, position)
        return [kind, seq, [[key, *position] for key, position in positions.items()]]

    def _take(self, told: Mapping[int, Subject]) -> None:
        """What marks tell of files. They may be older than what is known, or newer: a file has one number only."""
        owners: dict[tuple[int, int], int] = {}
        for key, known in sorted(self.known.items(), reverse=True):
            subject = told.get(key, known.subject)
            if subject.identity == known.subject.identity or known.subject.identity in owners:
                known.subject = subject
            owners.setdefault(known.subject.identity, key)

    def _load(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as exc:
            self._refuse(exc)
            return
        for record in decode_lines(data):
            if not self._replay(record):
                break
        if not self._same_boot:
            self._seqs["at"] = self._seqs["safe"]
        for known in self.known.values():
            known.at = max(known.at, known.safe) if self._same_boot else known.safe

    def _replay(self, record: object) -> bool:
        """Takes one line; false for what no version of ours wrote."""
        match record:
            case ["boot", int(form), str(boot), int(key), int(at), int(safe)] if form == FORMAT:
                self._same_boot = bool(boot) and boot == self._boot
                self._last_key = key
                self._seqs = {"at": at, "safe": safe}
            case ["file", int(key), *told] if (subject := decode_subject(told)) is not None:
                self._last_key = max(self._last_key, key)
                self.known.setdefault(key, Known(subject)).subject = subject
            case [("at" | "safe") as kind, int(seq), [*reached]]:
                self._reached(kind, seq, dict(_reached(reached)))
            case ["gone", int(key)]:
                self.known.pop(key, None)
            case _:
                return False
        return True

    def _begin(self, path: Path) -> None:
        """Writes the file anew, with what still counts, and goes on behind that."""
        first: list[object] = ["boot", FORMAT, self._boot, self._last_key, *self._seqs.values()]
        data = encode_lines([first, *[line for key in self.known for line in _lines(key, self.known[key])]])
        new = path.with_name(path.name + ".new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            self._refuse(exc)
            return
        try:
            _write(fd, data)
            os.fsync(fd)
            new.rename(path)
            _sync_folder(path.parent)
        except OSError as exc:
            os.close(fd)
            self._refuse(exc)
            return
        self.close()
        self._fd, self._size = fd, len(data)
        self._well()

    def _append(self, records: list[list[object]]) -> None:
        if self._fd < 0:
            return
        data = encode_lines(records)
        try:
            _write(self._fd, data)
        except OSError as exc:
            self._refuse(exc)
        else:
            self._size += len(data)

    def _refuse(self, exc: OSError) -> None:
        # A torn line would end the replay before what follows: the next `safe` writes all of it anew.
        self._size = LARGEST + 1
        if not self._refused:
            self._refused = True
            log.error("positions cannot be kept", path=str(self._path), error=exc.strerror or str(exc))

    def _well(self) -> None:
        if self._refused:
            self._refused = False
            log.info("positions can be kept again", path=str(self._path))


def _reached(items: Iterable[object]) -> Iterable[tuple[int, Position]]:
    for item in items:
        match item:
            case [int(key), *rest] if (position := decode_position(rest)) is not None:
                yield key, position


def _lines(key: int, known: Known) -> list[list[object]]:
    return [
        ["file", key, *encode_subject(known.subject)],
        ["safe", 0, [[key, *known.safe]]],
        ["at", 0, [[key, *known.at]]],
    ]


def _write(fd: int, data: bytes) -> None:
    done = 0
    while done < len(data):
        done += os.write(fd, data[done:])


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
