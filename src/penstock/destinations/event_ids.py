"""Event ids as bytes, for a whole batch at once: `<node>-<sequence>`."""

from typing import Annotated, Final

from pydantic import StringConstraints

from penstock.block import Batch

_TAILS: Final = [b"%03d" % number for number in range(1000)]
"""The last three digits, which repeat: putting them behind the others costs a third of writing a number out."""

FieldName = Annotated[str, StringConstraints(pattern=r'^[^"\\\x00-\x1f]*$')]
"""A name that stands in JSON as it is; empty for none."""


def event_ids(batch: Batch) -> list[bytes]:
    """The id of each event, in order."""
    ids: list[bytes] = []
    for piece in batch.pieces:
        seq, end = piece.first_seq, piece.end_seq
        while seq < end:
            thousand, first = divmod(seq, 1000)
            last = min(1000, first + end - seq)
            if thousand:
                head = f"{piece.node}-{thousand}".encode()
                ids += [head + tail for tail in _TAILS[first:last]]
            else:
                head = f"{piece.node}-".encode()
                ids += [head + b"%d" % number for number in range(first, last)]
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
    return len(name.encode()) + _LONGEST if name else 0


_LONGEST: Final = 64 + 1 + 20 + len('"":"",')
"""A node's name, a dash, a number of 64 bits, and what goes around."""
