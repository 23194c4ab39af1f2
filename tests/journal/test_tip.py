"""Writing and syncing, and what happens when the disk refuses."""

import asyncio
import errno
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from penstock.errors import Unavailable
from penstock.journal.base import Gap
from penstock.journal.disk_journal import DiskJournal
from penstock.testing import ManualClock
from penstock.testing.journal import FailingDisk, block_of, block_sized, events_of, read_all

Opener = Callable[..., DiskJournal]


class SlowDisk(FailingDisk):
    """Its syncs wait until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = 0

    def sync(self, fd: int) -> None:
        self.begun += 1
        assert self.go.wait(10)
        super().sync(fd)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 -- a thread brings it about
            await asyncio.sleep(0.001)


async def test_blocks_come_back_as_the_very_objects_while_they_are_in_memory(opened: Opener) -> None:
    journal = opened(cache=2**20)
    journal.append(block_of("a", "b"))
    journal.append(block_of("c", source="udp", only="search"))
    [first, second] = await journal.read(0, 2**20)
    assert (await journal.read(0, 2**20))[0] is first
    assert [(b.first_seq, b.count) for b in (first, second)] == [(0, 2), (2, 1)]
    [cut, same] = await journal.read(1, 2**20)
    assert same is second
    assert (cut.first_seq, cut.count) == (1, 1)
    assert await journal.read(3, 100) == []


async def test_everything_about_a_block_is_written_down(opened: Opener) -> None:
    journal = opened()
    journal.append(block_of("ä", "b", source="größe", only="search"))
    [block] = await journal.read(0, 2**20)
    await journal.close()
    [again] = await opened().read(0, 2**20)
    assert again == block
    assert again is not block


async def test_callbacks_come_after_the_append(opened: Opener) -> None:
    journal = opened()
    heads: list[int] = []
    journal.on_append(lambda: heads.append(journal.head))
    journal.append(block_of("a", "b"))
    journal.append(block_of("c"))
    assert heads == [2, 3]


async def test_a_block_larger_than_a_segment(opened: Opener) -> None:
    journal = opened()
    blocks = [block_sized(0, 100), block_sized(1, 300_000), block_sized(2, 100)]
    for block in blocks:
        journal.append(block)
    await journal.durable(3)
    await journal.close()
    assert events_of(await read_all(opened())) == b"".join(block.data for block in blocks)


async def test_all_who_come_during_a_sync_share_the_next(opened: Opener) -> None:
    disk = SlowDisk()
    disk.go.set()
    journal = opened(disk=disk, sync=60)
    disk.go.clear()
    journal.append(block_of("a"))
    first = asyncio.ensure_future(journal.durable(1))  # noqa: TID251 -- a waiter, as a handler of HTTP is
    await until(lambda: disk.begun > 0 and journal._tip.commit._running is not None)
    before = journal.stats().syncs
    for number in range(50):
        journal.append(block_of(str(number)))
    others = [asyncio.ensure_future(journal.durable(2 + n)) for n in range(50)]  # noqa: TID251 -- the same
    await asyncio.sleep(0)
    assert not first.done()
    disk.go.set()
    await asyncio.gather(first, *others)
    assert journal.stats().syncs - before == 2
    assert journal.stats().durable == 51


async def test_a_sync_comes_after_the_interval(opened: Opener) -> None:
    clock = ManualClock()
    journal = opened(clock=clock, sync=0.1, cache=2**20)
    journal.append(block_of("a"))
    journal.append(block_of("b"))
    await clock.advance(0.09)
    assert journal.stats().syncs == 0
    await clock.advance(0.02)
    await until(lambda: journal.stats().durable == 2)
    assert journal.stats().syncs == 1
    await clock.advance(10)
    assert journal.stats().syncs == 1, "nothing new, nothing to do"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
async def test_what_the_disk_refuses_waits_in_memory(opened: Opener, code: int) -> None:
    clock, disk = ManualClock(), FailingDisk()
    journal = opened(clock=clock, disk=disk)
    told: list[str] = []
    journal.on_pressure(told.append)
    journal.append(block_of("a"))
    disk.writes = [code, code]
    assert [journal.append(block_of(name)) for name in "bcd"] == [1, 2, 3]
    assert told == [os.strerror(code)] == [journal.stats().error]
    with pytest.raises(Unavailable, match=os.strerror(code)):
        await journal.durable(4)
    assert len(await read_all(journal)) == 4
    await clock.advance(1)
    assert told == [os.strerror(code)], "the second try failed too"
    await clock.advance(1)
    assert told == [os.strerror(code), ""]
    assert journal.stats().error == ""
    await journal.durable(4)
    await journal.close()
    again = opened()
    assert again.recovered.damaged_records == 0
    assert events_of(await read_all(again)) == block_of(*"abcd").data


async def test_a_disk_without_room_for_a_segment(opened: Opener, path: Path) -> None:
    clock, disk = ManualClock(), FailingDisk()
    journal = opened(clock=clock, disk=disk)
    disk.full = True
    blocks = [block_sized(number, 9000) for number in range(40)]
    for block in blocks[:20]:
        journal.append(block)
    await clock.advance(3)
    disk.full = False
    await clock.advance(1)
    for block in blocks[20:]:
        journal.append(block)
    await journal.durable(40)
    assert events_of(await read_all(journal)) == b"".join(block.data for block in blocks)


async def test_events_that_the_disk_refuses_to_the_end_are_told(
    opened: Opener, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = FailingDisk()
    journal = opened(clock=ManualClock(), disk=disk)
    disk.full = True
    journal.append(block_of("a", "b"))
    await journal.close()
    assert "events lost" in capsys.readouterr().out
    assert opened().node != journal.node, "they may have been delivered, and their numbers are given again"


async def test_after_a_failed_sync_everything_since_the_last_is_written_again(
    opened: Opener, path: Path
) -> None:
    disk = FailingDisk()
    journal = opened(disk=disk, sync=60)
    told: list[str] = []
    journal.on_pressure(told.append)
    journal.append(block_of("a"))
    await journal.durable(1)
    first = sorted((path / "segments").glob("*.seg"))
    for name in "bcd":
        journal.append(block_of(name))
    disk.syncs = [errno.EIO]
    await journal.durable(4)
    assert told == [], "the second try held"
    files = sorted((path / "segments").glob("*.seg"))
    assert [file.stem.lstrip("0") for file in files] == ["", "1"]
    # What the first file holds beyond is void, whatever became of it.
    first[0].write_bytes(first[0].read_bytes().replace(b'"c"', b'"x"'))
    journal.append(block_of("e"))
    await journal.close()
    again = opened()
    assert events_of(await read_all(again)) == block_of(*"abcde").data
    assert again.recovered.damaged_records == 0


async def test_a_failed_sync_over_several_segments(opened: Opener, path: Path) -> None:
    disk = FailingDisk()
    journal = opened(disk=disk, sync=60)
    blocks = [block_sized(number, 9000) for number in range(30)]
    journal.append(blocks[0])
    await journal.durable(1)
    for block in blocks[1:]:
        journal.append(block)
    disk.syncs = [errno.EIO]
    await journal.durable(30)
    journal._chores.submit(int).result()  # removals are done there
    assert [int(file.stem) for file in sorted((path / "segments").glob("*.seg"))] == [0, 1]
    await journal.close()
    assert events_of(await read_all(opened())) == b"".join(block.data for block in blocks)


async def test_a_file_whose_sync_failed_is_never_synced_again(opened: Opener) -> None:
    class BadFile(FailingDisk):
        bad = 0

        def sync(self, fd: int) -> None:
            if os.fstat(fd).st_ino == self.bad:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().sync(fd)

    disk = BadFile()
    journal = opened(disk=disk, sync=60)
    journal.append(block_of("a"))
    disk.bad = os.fstat(journal._writer._fd).st_ino
    await journal.durable(1)
    journal.append(block_of("b"))
    await journal.durable(2)
    assert journal.stats().error == ""


async def test_a_disk_that_cannot_sync_says_so_and_recovers(opened: Opener, path: Path) -> None:
    clock, disk = ManualClock(), FailingDisk()
    journal = opened(clock=clock, disk=disk)
    told: list[str] = []
    journal.on_pressure(told.append)
    journal.append(block_of("a"))
    disk.syncs = [errno.EIO] * 4
    with pytest.raises(Unavailable, match="Input/output"):
        await journal.durable(1)
    assert told == [os.strerror(errno.EIO)]
    journal.append(block_of("b"))
    assert len(await read_all(journal)) == 2
    while journal.stats().error:
        await clock.advance(1)
        await journal._tip.commit.settle()
    assert told == [os.strerror(errno.EIO), ""]
    await journal.durable(2)
    await journal.close()
    assert len(list((path / "segments").glob("*.seg"))) == 1
    assert events_of(await read_all(opened())) == block_of("a", "b").data


async def test_too_much_that_is_not_on_disk_is_told(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.journal.tip._ALWAYS_ALLOWED", 2**20)
    disk = SlowDisk()
    disk.go.set()
    journal = opened(disk=disk, sync=0.001, segment=2**22)
    disk.go.clear()
    told: list[str] = []
    journal.on_pressure(told.append)
    for number in range(15):
        journal.append(block_sized(number, 100_000))
    assert told == ["the disk cannot keep up"]
    disk.go.set()
    await until(lambda: told[-1] == "")
    assert len(told) == 2


async def test_memory_holds_the_cache_and_what_is_not_on_disk(opened: Opener) -> None:
    journal = opened(cache=10_000, sync=60, segment=2**22)
    for number in range(50):
        journal.append(block_sized(number, 1000))
        await journal.durable(number + 1)
    journal.append(block_sized(50, 1000))
    assert journal.stats().cached_bytes <= 11_000
    assert len(await read_all(journal)) == 51


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_disk_that_is_really_full(opened: Opener, small_disk: Path) -> None:
    clock = ManualClock()
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(700_000))
    journal = opened(clock=clock, path=small_disk / "journal")
    told: list[str] = []
    journal.on_pressure(told.append)
    blocks = [block_sized(number, 9000) for number in range(60)]
    for block in blocks:
        journal.append(block)
    assert told == [os.strerror(errno.ENOSPC)]
    assert not [item for item in await read_all(journal) if isinstance(item, Gap)]
    ballast.unlink()
    await clock.advance(1)
    assert told == [os.strerror(errno.ENOSPC), ""]
    await journal.durable(60)
    await journal.close()
    again = opened(path=small_disk / "journal")
    assert events_of(await read_all(again)) == b"".join(block.data for block in blocks)
    await again.close()
