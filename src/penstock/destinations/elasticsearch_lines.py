"""Bulk bodies: an action line before each document."""

from collections.abc import Sequence
from itertools import chain

import msgspec

from penstock.block import Batch
from penstock.destinations.event_ids import LONGEST_ID, event_ids


class BulkLines:
    """Writes the body of `_bulk`, with the action `create` or `index`, with our own ids or without."""

    def __init__(self, action: str, *, ids: bool) -> None:
        self._action = action.encode()
        self._ids = ids
        self.overhead = len(self._head("", None)) + (LONGEST_ID + len('"}}\n') if ids else 0)
        """Bytes before each document, at most, where all go to the index in the URL."""

    def same(self, batch: Batch, documents: bytes, index: str = "") -> bytes:
        """All to one index; "" is the one in the URL. The documents are NDJSON, one for each event of the batch."""
        if not self._ids:
            return _before_each(self._head(index, None), documents)
        nodes = {piece.node for piece in batch.pieces}
        head = self._head(index, None).replace(b"%", b"%%")
        if len(nodes) > 1 or any(piece.parts for piece in batch.pieces):
            return _before_each(head + b'%b"}}\n', documents.replace(b"%", b"%%")) % tuple(event_ids(batch))
        # One formatting puts all numbers in: no event becomes an object of its own, which costs twice as much.
        head += nodes.pop().encode().replace(b"%", b"%%") + b'-%d"}}\n'
        numbers = chain.from_iterable([piece.numbers() for piece in batch.pieces])
        return _before_each(head, documents.replace(b"%", b"%%")) % tuple(numbers)

    def each(
        self, batch: Batch, lines: Sequence[bytes], indices: Sequence[str], routings: Sequence[str | None]
    ) -> bytes:
        """Each to its own index, with its own routing or none."""
        heads = {pair: self._head(*pair) for pair in set(zip(indices, routings, strict=True))}
        pieces: list[bytes] = [b""] * (3 * len(lines) + 1)
        pieces[0:-1:3] = [heads[pair] for pair in zip(indices, routings, strict=True)]
        if self._ids:
            pieces[1:-1:3] = [event_id + b'"}}\n' for event_id in event_ids(batch)]
        pieces[2:-1:3] = lines
        pieces[0] = pieces[0][1:]
        pieces[-1] = b"\n"
        return b"".join(pieces)

    def _head(self, index: str, routing: str | None) -> bytes:
        r"""What stands before an event's id, or before the event: `\n{"create":{"_id":"`."""
        fields = []
        if index:
            fields.append(b'"_index":' + msgspec.json.encode(index))
        if routing is not None:
            fields.append(b'"routing":' + msgspec.json.encode(routing))
        if self._ids:
            fields.append(b'"_id":"')
        return b'\n{"%b":{%b%b' % (self._action, b",".join(fields), b"" if self._ids else b"}}\n")


def _before_each(head: bytes, documents: bytes) -> bytes:
    """The head, which begins with a newline, before each document: it follows each newline but the last."""
    joined = documents.replace(b"\n", head)
    return b"".join([head[1:], memoryview(joined)[: -len(head)], b"\n"])
