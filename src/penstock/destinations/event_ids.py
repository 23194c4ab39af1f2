"""Event ids as bytes, for a whole batch at once: `<node>-<sequence>`."""

from collections.abc import Iterator, Sequence
from typing import Final

from penstock.block import Batch

Tails = tuple[Sequence[bytes], Sequence[bytes]]
"""The last three digits of every number with something behind them: as they stand behind others, and alone."""


def tails(after: bytes = b"") -> Tails:
    """Made once and used for every id: a number's end repeats, and writing it out costs three times a look here."""
    return [b"%03d%b" % (n, after) for n in range(1000)], [b"%d%b" % (n, after) for n in range(1000)]


_BARE: Final = tails()
LONGEST_ID: Final = 64 + 1 + 20
"""Bytes of a node's name, a dash and a number of 64 bits, at most."""


def id_runs(batch: Batch, ends: Tails = _BARE) -> Iterator[tuple[bytes, Sequence[bytes]]]:
    """The ids in order, as runs that differ in their last digits only: what they begin with, and their `ends`."""
    behind, alone = ends
    for piece in batch.pieces:
        seq, end = piece.first_seq, piece.end_seq
        while seq < end:
            thousand, first = divmod(seq, 1000)
            last = min(1000, first + end - seq)
            if thousand:
                yield f"{piece.node}-{thousand}".encode(), behind[first:last]
            else:
                yield f"{piece.node}-".encode(), alone[first:last]
            seq += last - first


def event_ids(batch: Batch) -> list[bytes]:
    """The id of each event, in order."""
    return [head + tail for head, ends in id_runs(batch) for tail in ends]


def with_ids(batch: Batch, name: str) -> list[bytes]:
    """Each event as it came, its id put in front under this name; without a name, as it came.

    An event that has such a field keeps it too, behind: of two fields of a name nearly every reader takes the last.
    """
    lines = batch.lines()
    if not name:
        return lines
    start = b'{"%s":"' % name.encode()
    return [
        start + event_id + (b'",' if line[1:2] == b'"' or line[1:-1].strip() else b'"') + line[1:]
        for line, event_id in zip(lines, event_ids(batch), strict=True)
    ]


def id_overhead(name: str) -> int:
    """Bytes that `with_ids` adds to an event at most."""
    return len(name.encode()) + LONGEST_ID + len('"":"",') if name else 0
