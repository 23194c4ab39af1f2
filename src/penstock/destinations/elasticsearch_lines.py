"""Bulk bodies: an action line before each document."""

from collections.abc import Sequence
from itertools import chain

import msgspec

from penstock.block import Batch
from penstock.destinations.event_ids import LONGEST_ID, id_runs, tails


class BulkLines:
    """Writes the body of `_bulk`, with the action `create` or `index`, with our own ids or without."""

    def __init__(self, action: str, *, ids: bool) -> None:
        self._action = action.encode()
        self._ids = ids
        self._ends = tails(b'"}}\n')
        self.overhead = len(self._head("", None)) + (LONGEST_ID + len('"}}\n') if ids else 0)
        """Bytes before each document, at most, where all go to the index in the URL."""

    def same(self, batch: Batch, documents: bytes | Sequence[bytes], index: str = "") -> bytes:
        """All to one index; "" is the one in the URL. The documents are NDJSON, or each without its newline."""
        head = self._head(index, None)
        if self._ids:
            if isinstance(documents, bytes):
                documents = documents.split(b"\n")[:-1]
            # Three pieces for each event, put together by one join: a bytes object less for each than any other way.
            pieces = [b""] * (3 * len(documents) + 1)
            runs = [([head + begin] * len(ends), ends) for begin, ends in id_runs(batch, self._ends)]
            pieces[0:-1:3] = chain.from_iterable([heads for heads, _ in runs])
            pieces[1:-1:3] = chain.from_iterable([ends for _, ends in runs])
            pieces[2:-1:3] = documents
        elif isinstance(documents, bytes):
            # An action follows each newline but the last: no event is looked at.
            joined = documents.replace(b"\n", head)
            return b"".join([head[1:], memoryview(joined)[: -len(head)], b"\n"])
        else:
            pieces = [b""] * (2 * len(documents) + 1)
            pieces[0:-1:2] = [head] * len(documents)
            pieces[1:-1:2] = documents
        pieces[0] = pieces[0][1:]
        pieces[-1] = b"\n"
        return b"".join(pieces)

    def each(
        self, batch: Batch, lines: Sequence[bytes], indices: Sequence[str], routings: Sequence[str | None]
    ) -> bytes:
        """Each to its own index, with its own routing or none."""
        heads = {pair: self._head(*pair) for pair in set(zip(indices, routings, strict=True))}
        pieces: list[bytes] = [b""] * (3 * len(lines) + 1)
        pieces[0:-1:3] = [heads[pair] for pair in zip(indices, routings, strict=True)]
        if self._ids:
            runs = id_runs(batch, self._ends)
            pieces[1:-1:3] = [begin + end for begin, ends in runs for end in ends]
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
