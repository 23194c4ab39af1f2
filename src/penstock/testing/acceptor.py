"""What stands behind a source in its tests."""

import asyncio
from itertools import accumulate

import msgspec

from penstock.block import Block
from penstock.errors import Unavailable


class Acceptor:
    """An `Accept` that keeps the blocks. They are durable once `disk` is set, which it is at first."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.disk = asyncio.Event()
        self.disk.set()
        self.failure: Unavailable | None = None
        """Raised by `durable` of every block."""
        self.written = True
        """Of every block."""
        self._more = asyncio.Event()

    def __call__(self, block: Block) -> "Kept":
        self.blocks.append(block)
        self._more.set()
        return Kept(self, self.count)

    @property
    def count(self) -> int:
        """Events that came."""
        return sum(block.count for block in self.blocks)

    @property
    def head(self) -> int:
        """As if they had numbers from 0 on."""
        return self.count

    async def marks(self, seq: int) -> list[bytes]:
        """Of the blocks from that event on: it can be what a source finds `kept`."""
        ends = accumulate(block.count for block in self.blocks)
        return [block.mark for block, end in zip(self.blocks, ends, strict=True) if block.mark and end > seq]

    def events(self) -> list[dict[str, object]]:
        """All that came, in order."""
        return [msgspec.json.decode(line, type=dict[str, object]) for line in self.lines()]

    def lines(self) -> list[bytes]:
        """The same as it came; checks what a block vouches for."""
        lines = [line for block in self.blocks for line in block.lines()]
        assert all(block.data.endswith(b"\n") and block.count == len(block.lines()) for block in self.blocks)
        return lines

    async def wait_for(self, events: int) -> None:
        """Returns once so many events have come."""
        while self.count < events:
            self._more.clear()
            await self._more.wait()


class Kept:
    """The receipt of an `Acceptor`."""

    def __init__(self, acceptor: Acceptor, end: int) -> None:
        self._acceptor = acceptor
        self.end = end

    @property
    def written(self) -> bool:
        return self._acceptor.written

    async def durable(self) -> None:
        await self._acceptor.disk.wait()
        if self._acceptor.failure is not None:
            raise self._acceptor.failure
