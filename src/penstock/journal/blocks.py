"""Blocks in memory, in order, found by sequence number."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from penstock.block import Block
from penstock.journal.index import between, rank

_COMPACT: Final = 1024


class BlockList:
    """Blocks that continue each other; new ones come at the end, old ones go at the front.

    Lists with a moving start, not a deque: a deque cannot be bisected.
    """

    def __init__(self) -> None:
        self.size = 0
        """Bytes of the events."""
        self._blocks: list[Block] = []
        self._firsts: list[int] = []
        self._before: list[int] = []  # bytes of all events ever added before this block
        self._start = 0
        self._added = 0

    def __len__(self) -> int:
        return len(self._blocks) - self._start

    def add(self, block: Block) -> None:
        """At the end."""
        self._blocks.append(block)
        self._firsts.append(block.first_seq)
        self._before.append(self._added)
        self._added += len(block.data)
        self.size += len(block.data)

    @property
    def first(self) -> Block | None:
        """The oldest."""
        return self._blocks[self._start] if len(self) else None

    def drop_first(self) -> Block:
        """Takes the oldest out; there must be one."""
        block = self._blocks[self._start]
        self.size -= len(block.data)
        self._start += 1
        if self._start >= _COMPACT and self._start * 2 >= len(self._blocks):
            for column in (self._blocks, self._firsts, self._before):
                del column[: self._start]
            self._start = 0
        else:
            self._blocks[self._start - 1] = _GONE
        return block

    def since(self, seq: int) -> Iterator[Block]:
        """The blocks from the one that holds `seq` on."""
        at = max(bisect_right(self._firsts, seq, self._start) - 1, self._start)
        while at < len(self._blocks):
            yield self._blocks[at]
            at += 1

    def read(self, seq: int, max_bytes: int) -> list[Block]:
        """From `seq` on, which must be here; the first block is cut at its front."""
        taken: list[Block] = []
        size = 0
        for block in self.since(seq):
            piece = block.cut(seq - block.first_seq)[1] if block.first_seq < seq else block
            taken.append(piece)
            size += len(piece.data)
            if size >= max_bytes:
                break
        return taken

    def bytes_at(self, seq: int) -> float:
        """Bytes of the events before `seq`, of all that were ever added."""
        at = bisect_right(self._firsts, seq, self._start) - 1
        if at < self._start:
            return float(self._before[self._start]) if len(self) else float(self._added)
        block, before = self._blocks[at], self._before[at]
        return between(seq, (block.first_seq, before), (block.end_seq, before + len(block.data)))

    def seq_back(self, max_bytes: int) -> int:
        """The lowest sequence number with at most `max_bytes` from it to the end; -1 where there is none.

        Within a block by proportion.
        """
        size = self._added - max_bytes
        at = bisect_left(self._before, size, self._start)
        if at == self._start:
            return self._firsts[at] if len(self) else -1
        block, before = self._blocks[at - 1], self._before[at - 1]
        seq = rank(size, (before, block.first_seq), (before + len(block.data), block.end_seq))
        return seq if at < len(self._blocks) or seq < block.end_seq else -1


_GONE: Final = Block(b"", 0, "", 0.0)
