"""Reading back from disk, for those that lag."""

import asyncio
import errno
import resource
import threading
from collections.abc import Callable
from pathlib import Path

from penstock.block import Block
from penstock.journal.base import Gap
from penstock.journal.disk_journal import DiskJournal
from penstock.testing.journal import FailingDisk, block_of, block_sized, events_of, gaps_of, read_all

Opener = Callable[..., DiskJournal]


async def test_a_read_ends_when_it_has_enough(opened: Opener) -> None:
    journal = opened(segment=2**20)
    for number in range(40):
        journal.append(block_sized(number, 1000))
    await journal.durable(40)
    for wanted in (1, 999, 1000, 1001, 5500):
        items = await journal.read(3, wanted)
        assert items[0].first_seq == 3
        assert len(events_of(items[:-1])) < wanted <= len(events_of(items))


async def test_a_read_may_begin_at_any_event(opened: Opener) -> None:
    journal = opened()
    for group in ("abc", "d", "efgh"):
        journal.append(block_of(*group))
    await journal.durable(8)
    for seq in range(8):
        items = await read_all(journal, seq)
        assert events_of(items) == block_of(*"abcdefgh"[seq:]).data


async def test_a_lagging_reader_goes_straight_on(opened: Opener) -> None:
    disk = FailingDisk()
    journal = opened(segment=2**20, disk=disk)
    for number in range(1000):
        journal.append(block_sized(number, 500))
    await journal.close()
    journal = opened(segment=2**20, disk=disk)
    read = 0

    class Counting(FailingDisk):
        def read(self, fd: int, size: int, offset: int) -> bytes:
            nonlocal read
            data = super().read(fd, size, offset)
            read += len(data)
            return data

    journal._reader._disk = Counting()
    assert len(await read_all(journal, max_bytes=20_000)) == 1000
    # 25 reads, each of its 20,000 bytes and 64 KiB beyond: none begins at the beginning again.
    assert read < 30 * (20_000 + 2**16) + 2**20


async def test_a_segment_that_goes_while_it_is_read_is_a_gap(opened: Opener) -> None:
    class SlowReads(FailingDisk):
        begun, go = threading.Event(), threading.Event()

        def read(self, fd: int, size: int, offset: int) -> bytes:
            self.begun.set()
            assert self.go.wait(10)
            return super().read(fd, size, offset)

    journal = opened(max_bytes=2**19, sync=60)
    for number in range(100):
        journal.append(block_sized(number, 3000))
    await journal.durable(100)
    disk = journal._reader._disk = SlowReads()
    reading = asyncio.ensure_future(journal.read(0, 2**20))  # noqa: TID251 -- overtaken on purpose
    await asyncio.to_thread(disk.begun.wait, 10)
    # The file that it has open is recycled: what it reads now is the beginning of another segment.
    for number in range(100, 400):
        journal.append(block_sized(number, 3000))
    assert journal.tail > 100
    disk.go.set()
    assert await reading == [Gap(0, journal.tail, "evicted")]
    assert journal.stats().damaged_records == 0


async def test_a_read_that_fails_once_is_tried_again(opened: Opener) -> None:
    disk = FailingDisk()
    journal = opened(disk=disk)
    journal.append(block_of("a"))
    await journal.durable(1)
    disk.reads = [errno.EIO]
    assert events_of(await journal.read(0, 100)) == block_of("a").data


async def test_a_bad_sector_is_a_gap(opened: Opener) -> None:
    class BadSector(FailingDisk):
        def read(self, fd: int, size: int, offset: int) -> bytes:
            if offset <= 20_480 < offset + size:
                raise OSError(errno.EIO, "bad sector")
            return super().read(fd, size, offset)

    journal = opened()
    for number in range(10):
        journal.append(block_sized(number, 3000))
    await journal.durable(10)
    journal._reader._disk = BadSector()
    items = await read_all(journal)
    # The page that cannot be read holds the end of one record and the beginning of the next.
    assert gaps_of(items) == [Gap(4, 6, "damaged")]
    assert len(items) == 9


async def test_a_file_that_is_gone_is_a_gap(opened: Opener, path: Path) -> None:
    journal = opened()
    for number in range(60):
        journal.append(block_sized(number, 3000))
    await journal.durable(60)
    files = sorted((path / "segments").glob("*.seg"))
    files[1].unlink()
    items = await read_all(journal)
    assert gaps_of(items) == [Gap(int(files[1].stem), int(files[2].stem), "damaged")]


async def test_many_read_at_once(opened: Opener) -> None:
    journal = opened()
    for number in range(200):
        journal.append(block_sized(number, 2000))
    wanted = b"".join(block_sized(number, 2000).data for number in range(200))
    readers = [read_all(journal, max_bytes=7000 + 1000 * n) for n in range(12)]
    for items in await asyncio.gather(*readers):
        assert events_of(items) == wanted


async def test_a_backlog_is_read_without_holding_it(opened: Opener) -> None:
    journal = opened(segment=2**24)
    data = block_of(*["x" * 200] * 1000).data
    for _ in range(200):
        journal.append(Block(data, 1000, "tcp", 1.0))
    await journal.durable(journal.head)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seq = 0
    while seq < journal.head:
        for item in await journal.read(seq, 2**20):
            seq += item.count
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 20 * 2**20, "of 43 MB"
