"""Blocks and batches: many events as one run of bytes, the unit of work of the whole daemon.

An event is one JSON object on one line. A block is many events as they arrived together; a batch is
what one request carries. Both are immutable and shared, so no stage has to copy what another holds.

What a chain of processors has made of a block still stands for all the events that went in: `first_seq` and
`end_seq` are theirs, and who settles the block settles them all. Where that cannot be said by a range a claim
stands for them.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from penstock.claim import Claim


def count_lines(data: bytes) -> int:
    """The newlines in `data`; by deleting them, which CPython does eight times faster than counting."""
    return len(data) - len(data.replace(b"\n", b""))


@dataclass(frozen=True, slots=True)
class Block:
    r"""Events as NDJSON.

    `data` is UTF-8, each line one JSON object followed by `\n`, never empty. Whoever makes a block
    vouches for that: nothing behind it looks again.
    """

    data: bytes
    count: int
    """Events, that is lines."""
    source: str
    """The name of the source in the configuration."""
    arrived: float
    """When the oldest of the events arrived, in seconds since the epoch."""
    first_seq: int = -1
    """The sequence number of the first event; -1 until the journal has given one."""
    node: str = ""
    """Whose sequence numbers these are: the first half of every event id."""
    only: str = ""
    """The one destination that these events are for (a replayed dead letter); empty means all."""
    origins: Sequence[int] | None = None
    """Of which event, by its sequence number, each has come, in ascending order; none where those are all from
    `first_seq` on."""
    parts: Sequence[int] | None = None
    """With `origins`: which of the events it is that came of that one, from 0; none where all are 0."""
    end: int = -1
    """With `origins`: the sequence number after the last event that the block stands for."""
    claim: Claim | None = None
    """Settles what the block stands for, together with other blocks; none where it does so alone."""
    mark: bytes = b""
    """What the source wants to find again beside the events after a crash: how far it had read with them. 64 KiB at most."""

    @property
    def end_seq(self) -> int:
        """The sequence number after the last event that it stands for."""
        return self.first_seq + self.count if self.origins is None else self.end

    def numbers(self) -> Sequence[int]:
        """The sequence number that each event has come of."""
        return range(self.first_seq, self.end_seq) if self.origins is None else self.origins

    def event_id(self, index: int) -> str:
        """`<node>-<sequence>`: the same in every retry and after every restart.

        Where several events came of one, the further ones add `.1`, `.2`, …
        """
        if self.origins is None:
            return f"{self.node}-{self.first_seq + index}"
        part = self.parts[index] if self.parts else 0
        return f"{self.node}-{self.origins[index]}" + (f".{part}" if part else "")

    def numbered(self, first_seq: int, node: str) -> "Block":
        """The same with the numbers that a journal gives."""
        return Block(
            self.data, self.count, self.source, self.arrived, first_seq, node, self.only, mark=self.mark
        )

    def cut(self, events: int) -> tuple["Block", "Block"]:
        """The first `events` events and the rest; `0 < events < count`."""
        at = self._offset(events)
        if self.origins is not None:
            middle, parts = self.origins[events], self.parts
            return (
                replace(
                    self,
                    data=self.data[:at],
                    count=events,
                    origins=self.origins[:events],
                    parts=parts and parts[:events],
                    end=middle,
                ),
                replace(
                    self,
                    data=self.data[at:],
                    count=self.count - events,
                    first_seq=middle,
                    origins=self.origins[events:],
                    parts=parts and parts[events:],
                ),
            )
        return (
            replace(self, data=self.data[:at], count=events),
            replace(
                self,
                data=self.data[at:],
                count=self.count - events,
                first_seq=self.first_seq + events,
            ),
        )

    def cut_below(self, seq: int) -> tuple["Block | None", "Block | None"]:
        """Its events with a lower sequence number, and the rest; a claim is never cut."""
        if self.claim is not None:
            return (self, None) if self.first_seq < seq else (None, self)
        events = bisect_left(self.numbers(), seq)
        if not events:
            return None, self
        return (self, None) if events == self.count else self.cut(events)

    def fitting(self, max_bytes: int, overhead: int = 0) -> int:
        """How many events from the front fit into `max_bytes`, each taking `overhead` beside its line."""
        data = self.data
        if len(data) + self.count * overhead <= max_bytes:
            return self.count
        if not overhead:
            return count_lines(data[: data.rfind(b"\n", 0, max(0, max_bytes)) + 1])
        # A guess by the mean lands close, as lines are of like length; the rest is stepped.
        events = min(self.count, max(0, max_bytes) * self.count // (len(data) + self.count * overhead))
        at = self._offset(events)
        while at + events * overhead > max_bytes and events:
            at = data.rfind(b"\n", 0, at - 1) + 1
            events -= 1
        while (end := data.find(b"\n", at) + 1) and end + (events + 1) * overhead <= max_bytes:
            at = end
            events += 1
        return events

    def lines(self) -> list[bytes]:
        """Each event without its newline."""
        lines = self.data.split(b"\n")
        lines.pop()
        return lines

    def _offset(self, events: int) -> int:
        # Lines of a block are of like length, so a guess by proportion lands close; the rest is stepped.
        # Counting from the start would touch every newline twice.
        if events == 0:
            return 0
        find, rfind = self.data.find, self.data.rfind
        at = find(b"\n", len(self.data) * events // self.count - 1) + 1
        # The shorter side is counted.
        seen = (
            count_lines(self.data[:at])
            if 2 * events < self.count
            else self.count - count_lines(self.data[at:])
        )
        while seen < events:
            at = find(b"\n", at) + 1
            seen += 1
        while seen > events:
            at = rfind(b"\n", 0, at - 1) + 1
            seen -= 1
        return at


@dataclass(frozen=True)
class Batch:
    """What one request carries: one run of events as cut, or what a partial answer left of one.

    Events are counted from 0 in the order of `pieces`; verdicts name them by that index.
    """

    pieces: tuple[Block, ...]
    cut_at: float
    """When the batch was cut, in seconds since the epoch: it stays so in every retry."""

    @cached_property
    def count(self) -> int:
        """Events."""
        return sum(piece.count for piece in self.pieces)

    @cached_property
    def size(self) -> int:
        """Bytes of the events, each with its newline."""
        return sum(len(piece.data) for piece in self.pieces)

    @cached_property
    def id(self) -> str:
        """Names these very events: a retry has the same, a half or a remainder another."""
        first, last = self.pieces[0], self.pieces[-1]
        name = f"{first.node}-{first.first_seq}-{last.end_seq - 1}"
        whole = last.end_seq - first.first_seq == self.count and first.node == last.node
        if whole and not any(piece.parts for piece in self.pieces):
            return name
        runs = ";".join(
            f"{p.node}-{p.first_seq}+{p.count}"
            if p.origins is None
            else f"{p.node}-{list(p.origins)}-{list(p.parts or ())}"
            for p in self.pieces
        )
        return f"{name}-{hashlib.blake2b(runs.encode(), digest_size=6).hexdigest()}"

    @property
    def first_seq(self) -> int:
        """The lowest sequence number."""
        return self.pieces[0].first_seq

    @property
    def end_seq(self) -> int:
        """The sequence number after the last event."""
        return self.pieces[-1].end_seq

    @property
    def arrived(self) -> float:
        """When the oldest event arrived, in seconds since the epoch."""
        return min(piece.arrived for piece in self.pieces)

    @property
    def data(self) -> bytes:
        """All events as NDJSON; no copy where the batch is one piece."""
        if len(self.pieces) == 1:
            return self.pieces[0].data
        return b"".join([piece.data for piece in self.pieces])

    def lines(self) -> list[bytes]:
        """Each event without its newline."""
        lines = self.data.split(b"\n")
        lines.pop()
        return lines

    def event_ids(self) -> Iterator[str]:
        """The id of each event, in order."""
        for piece in self.pieces:
            for index in range(piece.count):
                yield piece.event_id(index)

    def select(self, indices: Iterable[int]) -> "Batch":
        """The events at these indices, which must be in the batch and not be empty as a whole."""
        wanted = sorted(set(indices))
        if len(wanted) == self.count:
            return self
        pieces: list[Block] = []
        position = 0
        start = 0
        for piece in self.pieces:
            end = start + piece.count
            here: list[int] = []
            while position < len(wanted) and wanted[position] < end:
                here.append(wanted[position] - start)
                position += 1
            if len(here) == piece.count:
                pieces.append(piece)
            elif here:
                pieces += _runs(piece, here)
            start = end
        return Batch(tuple(pieces), self.cut_at)

    def halves(self) -> tuple["Batch", "Batch"]:
        """Two batches of half the events each; the batch must have two or more."""
        middle = self.count // 2
        return self.select(range(middle)), self.select(range(middle, self.count))


def _runs(piece: Block, indices: Sequence[int]) -> list[Block]:
    """One block for each run of neighbours among `indices`."""
    lines = piece.lines()
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return [_run(piece, lines, run[0], run[-1] + 1) for run in runs]


def _run(piece: Block, lines: Sequence[bytes], start: int, stop: int) -> Block:
    # What was left out of a block goes with the event before it: so all parts together stand for all of it.
    data = b"".join([line + b"\n" for line in lines[start:stop]])
    origins = piece.origins
    if origins is None:
        return replace(piece, data=data, count=stop - start, first_seq=piece.first_seq + start)
    return replace(
        piece,
        data=data,
        count=stop - start,
        first_seq=origins[start] if start else piece.first_seq,
        origins=origins[start:stop],
        parts=piece.parts and piece.parts[start:stop],
        end=origins[stop] if stop < piece.count else piece.end,
    )
