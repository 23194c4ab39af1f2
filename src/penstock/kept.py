"""What sources find in the journal of earlier runs: the marks that stood with their blocks."""

from collections.abc import Sequence
from typing import Final

from penstock.journal.base import Gap, Journal

_READ: Final = 2**20
"""Bytes of events read at a time; only their marks stay in memory."""


class KeptOf:
    """See `Kept`."""

    def __init__(self, source: str, journal: Journal) -> None:
        self._source = source
        self._journal = journal

    @property
    def head(self) -> int:
        """See `Kept.head`."""
        return self._journal.head

    async def marks(self, seq: int) -> Sequence[bytes]:
        """See `Kept.marks`."""
        marks: list[bytes] = []
        head = self._journal.head
        while seq < head:
            for item in await self._journal.read(seq, _READ):
                if not isinstance(item, Gap) and item.mark and item.source == self._source:
                    marks.append(item.mark)
                seq = item.end_seq
        return marks
