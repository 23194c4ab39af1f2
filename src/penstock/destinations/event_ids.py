"""Event ids as bytes, for a whole batch at once: `<node>-<sequence>`."""

from typing import Final

from penstock.block import Batch

_BEHIND: Final = [b"%03d" % number for number in range(1000)]
"""The last three digits, which repeat: putting them behind the others costs a third of writing a number out."""
_ALONE: Final = [b"%d" % number for number in range(1000)]
"""The same where no digits stand before them."""
LONGEST_ID: Final = 64 + 1 + 20 + 1 + 16
"""Bytes of a node's name, a dash, a number of 64 bits, a dot and the number of a part, at most."""


def event_ids(batch: Batch) -> list[bytes]:
    """The id of each event, in order."""
    ids: list[bytes] = []
    for piece in batch.pieces:
        if piece.origins is not None:
            ids += [piece.event_id(index).encode() for index in range(piece.count)]
            continue
        seq, end = piece.first_seq, piece.end_seq
        while seq < end:
            thousand, first = divmod(seq, 1000)
            last = min(1000, first + end - seq)
            head = f"{piece.node}-{thousand or ''}".encode()
            ids += [head + tail for tail in (_BEHIND if thousand else _ALONE)[first:last]]
            seq += last - first
    return ids


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
