"""Helpers for tests of and with a journal: blocks to put in, a disk that fails, and reading it all back."""

import errno
import os
from collections.abc import Sequence

from penstock.block import Block
from penstock.journal.base import Gap, Journal
from penstock.journal.disk import Disk


class FailingDisk(Disk):
    """The real disk, but for the errors it is told to raise.

    `writes`, `syncs` and `reserves` hold error numbers: one is raised by each call, in order, until none is left.
    While `full` is set nothing can be written and no file can grow.
    """

    def __init__(self) -> None:
        self.writes: list[int] = []
        self.syncs: list[int] = []
        self.reserves: list[int] = []
        self.reads: list[int] = []
        self.full = False
        self.synced = 0
        """Files that were synced."""

    def write(self, fd: int, buffers: Sequence[bytes], offset: int) -> None:
        if self.full:
            raise _error(errno.ENOSPC)
        if self.writes:
            os.pwrite(fd, b"".join(buffers)[:20], offset)  # some of it arrives, as when a disk fills up
            raise _error(self.writes.pop(0))
        super().write(fd, buffers, offset)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        if self.reads:
            raise _error(self.reads.pop(0))
        return super().read(fd, size, offset)

    def sync(self, fd: int) -> None:
        if self.syncs:
            raise _error(self.syncs.pop(0))
        super().sync(fd)
        self.synced += 1

    def reserve(self, fd: int, size: int) -> None:
        if self.full:
            raise _error(errno.ENOSPC)
        if self.reserves:
            raise _error(self.reserves.pop(0))
        super().reserve(fd, size)


def block_of(*messages: str, source: str = "tcp", only: str = "") -> Block:
    """An event for each message."""
    data = b"".join([b'{"message":"%b"}\n' % message.encode() for message in messages])
    return Block(data, len(messages), source, 1_790_000_000.5, only=only)


def block_sized(number: int, size: int) -> Block:
    """One event of that many bytes, its newline included."""
    head = b'{"n":%d,"pad":"' % number
    return Block(head.ljust(size - 3, b"x") + b'"}\n', 1, "tcp", 1_790_000_000.5)


async def read_all(journal: Journal, seq: int = 0, max_bytes: int = 2**20) -> list[Block | Gap]:
    """Everything from `seq` on, read as a destination does; asserts that it is without holes."""
    items: list[Block | Gap] = []
    while seq < journal.head:
        got = await journal.read(seq, max_bytes)
        assert got, "nothing came, though the head is further"
        for item in got:
            assert item.first_seq == seq
            assert item.count > 0
            seq = item.first_seq + item.count
        items += got
    assert seq == journal.head
    return items


def events_of(items: Sequence[Block | Gap]) -> bytes:
    """The bytes of all events among these."""
    return b"".join([item.data for item in items if isinstance(item, Block)])


def gaps_of(items: Sequence[Block | Gap]) -> list[Gap]:
    """The gaps among these."""
    return [item for item in items if isinstance(item, Gap)]


def _error(code: int) -> OSError:
    return OSError(code, os.strerror(code))
