r"""Events that a service will not take, kept where people can read them and send them again.

    <folder>/<destination>/00000000000000000001.ndjson      one line an event, oldest first
                           00000000000000000002.ndjson      the newest file grows

A line is a JSON object: `id`, `destination`, `kind`, `reason`, `status`, `answer`, `attempts`, `arrived`,
`first_tried`, `dead_since`, and last `event`, the original.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from penstock.block import Block
from penstock.clock import Clock
from penstock.delivery.decision import Dead
from penstock.delivery.job import Job
from penstock.delivery.settings import DeadLetterSettings
from penstock.delivery.stats import DeadKind

BLOCK: Final = 2**20
"""Bytes of events that are given back to the journal in one record, or little more."""
_PROCESSED: Final = "dead_letter"
_UNPROCESSED: Final = "dead_letter unprocessed"
"""The sources of events that are given back: whether they have been through the processors already."""
FILES_PER_FOLDER: Final = 8
"""The bound is kept by dropping whole files, so each is this fraction of it."""


class DeadLetter(msgspec.Struct, frozen=True):
    """One event and why it is here. Times are seconds since the epoch."""

    id: str
    destination: str
    kind: DeadKind
    reason: str
    status: int | None
    """The HTTP status of the last answer, where there was one."""
    answer: str
    """The beginning of its body."""
    attempts: int
    arrived: float
    first_tried: float
    dead_since: float
    event: msgspec.Raw
    """As it would have been sent."""


def letters_of(destination: str, job: Job, dead: Dead, clock: Clock) -> Iterator[DeadLetter]:
    """A letter for each event."""
    now = clock.time()
    first_tried = now - (clock.monotonic() - job.first_tried) if job.first_tried else now
    for piece in dead.batch.pieces:
        for index, line in enumerate(piece.lines()):
            yield DeadLetter(
                id=piece.event_id(index),
                destination=destination,
                kind=dead.kind,
                reason=dead.reason,
                status=dead.status,
                answer=dead.answer,
                attempts=job.attempts,
                arrived=piece.arrived,
                first_tried=first_tried,
                dead_since=now,
                event=msgspec.Raw(line),
            )


def blocks_of(letters: Sequence[DeadLetter], destination: str, now: float) -> Iterator[Block]:
    """The events of these letters again, for their destination alone."""
    for source, some in groupby(
        letters, lambda one: _UNPROCESSED if one.kind == "unprocessed" else _PROCESSED
    ):
        lines: list[bytes] = []
        size = 0
        for letter in some:
            lines += [bytes(letter.event), b"\n"]
            size += len(letter.event) + 1
            if size >= BLOCK:
                yield Block(b"".join(lines), len(lines) // 2, source, now, only=destination)
                lines, size = [], 0
        if lines:
            yield Block(b"".join(lines), len(lines) // 2, source, now, only=destination)


def processed(block: Block) -> bool:
    """It was given back, and had been through the processors before it died."""
    return bool(block.only) and block.source == _PROCESSED


class DeadLetterStore:
    """The dead letters of one destination. Its calls block, so the daemon makes them in a thread, one at a time."""

    def __init__(self, folder: Path | None, settings: DeadLetterSettings, clock: Clock) -> None:
        """Without a folder none are kept, and `add` must not be called."""
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._decoder = msgspec.json.Decoder(DeadLetter)
        self.expired = 0
        """Letters that went for their age or for the bound, since the start."""
        self.size = sum(file.stat().st_size for file in self.files())
        """Bytes on disk."""

    @property
    def kept(self) -> bool:
        """There is a folder for them."""
        return self._folder is not None

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Writes them down; when it returns they survive the death of the machine. Raises `OSError`."""
        assert self._folder is not None, "none are kept"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = msgspec.json.Encoder().encode_lines(letters)
        file = self._folder / self._name_for(len(data))
        fd = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            end = _whole_lines(fd)
            try:
                _write_all(fd, data, end)
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, end)  # no half letter, and no doubles when this is tried again
                raise
        finally:
            os.close(fd)
        self.size += len(data)
        self.expire()

    def files(self) -> list[Path]:
        """Oldest first; each has an eighth of what is kept, or little more than that."""
        return [] if self._folder is None else sorted(self._folder.glob("*.ndjson"))

    def read(self, ids: Collection[str] | None = None) -> Iterator[DeadLetter]:
        """The letters, oldest first; each id once, as its last line tells. A torn line is passed over.

        Holds no more than one file at a time, and the ids of all.
        """
        files = self.files()
        last = {letter.id: file for file in files for letter in self._letters(file)}
        for file in files:
            yield from (letter for letter in self.read_file(file, ids) if last.get(letter.id) == file)

    def read_file(self, file: Path, ids: Collection[str] | None = None) -> list[DeadLetter]:
        """The same of one of `files`; none where it has gone."""
        newest = {letter.id: letter for letter in self._letters(file)}
        return [letter for letter in newest.values() if ids is None or letter.id in ids]

    def remove(self, ids: Collection[str] | None = None) -> int:
        """Takes letters out (`None`: all) and returns how many there were. Raises `OSError`."""
        removed: set[str] = set()
        for file in self.files():
            letters = list(self._letters(file))
            kept = [] if ids is None else [letter for letter in letters if letter.id not in ids]
            removed |= {letter.id for letter in letters} - {letter.id for letter in kept}
            if not kept:
                file.unlink()
            elif len(kept) < len(letters):
                _replace(file, msgspec.json.Encoder().encode_lines(kept))
        self.size = sum(file.stat().st_size for file in self.files())
        return len(removed)

    def expire(self) -> None:
        """Drops the oldest files while they are too old or all are too many; for that alone never the one that grows.

        Raises `OSError`.
        """
        oldest = self._clock.time() - self._settings.max_age if self._settings.max_age else 0.0
        files = self.files()
        for file in files:
            status = file.stat()
            too_many = self.size > self._settings.max_bytes and file != files[-1]
            if not too_many and status.st_mtime >= oldest:
                break
            self.expired += sum(1 for _ in self._letters(file))
            self.size -= status.st_size
            file.unlink()

    def _letters(self, file: Path) -> Iterable[DeadLetter]:
        try:
            data = file.read_bytes()
        except FileNotFoundError:  # it was too old, or all were taken out of it
            return
        for line in data.splitlines():
            try:
                yield self._decoder.decode(line)
            except msgspec.MsgspecError:
                continue

    def _name_for(self, more: int) -> str:
        files = self.files()
        if not files:
            return f"{1:020}.ndjson"
        bound = self._settings.max_bytes // FILES_PER_FOLDER
        if files[-1].stat().st_size and files[-1].stat().st_size + more > bound:
            return f"{int(files[-1].stem) + 1:020}.ndjson"
        return files[-1].name


def _whole_lines(fd: int) -> int:
    """Where the last whole line ends; what a crash left behind it is written over."""
    end = os.fstat(fd).st_size
    at = end
    while at:
        start = max(0, at - 65536)
        found = os.pread(fd, at - start, start).rfind(b"\n")
        if found >= 0:
            at = start + found + 1
            break
        at = start
    if at < end:
        os.ftruncate(fd, at)
    return at


def _write_all(fd: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view, offset = view[written:], offset + written


def _replace(file: Path, data: bytes) -> None:
    fresh = file.with_suffix(".tmp")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
