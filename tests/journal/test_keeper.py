"""Which segments go, and when: behind the slowest, after the archive's time, and when the journal is full."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.journal.base import Cursor, Gap
from penstock.journal.cursor_saver import DELAY
from penstock.journal.disk_journal import DiskJournal
from penstock.testing import ManualClock
from penstock.testing.journal import block_of, block_sized, events_of, gaps_of, read_all

Opener = Callable[..., DiskJournal]


def fill(journal: DiskJournal, count: int) -> None:
    for _ in range(count):
        journal.append(block_sized(journal.head, 3000))


async def save(journal: DiskJournal, clock: ManualClock, cursors: dict[str, Cursor]) -> None:
    """Takes them and waits until they are on disk: only then do segments go by them."""
    journal.save_cursors(cursors)
    while journal._saver.saved != journal._saver.cursors:
        await clock.advance(DELAY)


def used(path: Path) -> int:
    return sum(file.stat().st_size for file in (path / "segments").iterdir())


def firsts(journal: DiskJournal) -> list[int]:
    journal._chores.submit(int).result()  # removals are done there
    path = journal._settings.path
    return [int(file.stem) for file in sorted((path / "segments").glob("*.seg"))]


async def test_a_segment_goes_when_the_slowest_is_past_it(opened: Opener, path: Path) -> None:
    clock = ManualClock()
    journal = opened(clock=clock)
    fill(journal, 100)
    before = firsts(journal)
    journal.save_cursors({"fast": Cursor(0, 100), "slow": Cursor(0, before[2])})
    assert firsts(journal) == before, "nobody knows yet who holds"
    journal.hold(["fast", "slow"])
    assert firsts(journal) == before[2:]
    assert journal.tail == before[2]
    await save(journal, clock, {"slow": Cursor(0, before[3] - 1)})
    assert firsts(journal) == before[2:]
    journal.save_cursors({"slow": Cursor(0, 100)})
    assert firsts(journal) == before[2:], "a process that dies now begins again below"
    await save(journal, clock, {})
    assert firsts(journal) == before[-1:], "the active one stays"


async def test_who_is_not_configured_holds_nothing(opened: Opener, path: Path) -> None:
    journal = opened()
    fill(journal, 100)
    journal.save_cursors({"here": Cursor(0, 100), "gone": Cursor(0, 5)})
    journal.hold(["here"])
    assert len(firsts(journal)) == 1
    assert await journal.read(5, 100) == [Gap(5, journal.tail, "evicted")]


async def test_a_holder_without_a_cursor_holds_everything(opened: Opener, path: Path) -> None:
    journal = opened()
    fill(journal, 100)
    before = firsts(journal)
    journal.hold(["new"])
    assert firsts(journal) == before
    journal.hold([])
    assert firsts(journal) == before[-1:]


async def test_files_are_used_again(opened: Opener, path: Path) -> None:
    clock = ManualClock()
    journal = opened(clock=clock)
    journal.hold(["a"])
    seen = set()
    for _ in range(300):
        fill(journal, 1)
        await save(journal, clock, {"a": Cursor(0, journal.head)})
        seen |= {file.stat().st_ino for file in (path / "segments").glob("*.seg")}
    assert firsts(journal)[0] > 250
    assert len(seen) <= 5
    await journal.close()
    assert len(list((path / "segments").glob("*.spare"))) <= 3


async def test_the_whole_is_bounded_and_the_oldest_go(opened: Opener, path: Path) -> None:
    journal = opened(max_bytes=2**19, sync=0)
    journal.save_cursors({"slow": Cursor(0, 0), "well": Cursor(0, 0)})
    journal.hold(["slow", "well"])
    for _ in range(500):
        fill(journal, 1)
        assert used(path) <= 2**19
        assert journal.stats().bytes <= 2**19
    assert journal.tail == firsts(journal)[0] > 300
    items = await read_all(journal)
    assert gaps_of(items) == [Gap(0, journal.tail, "evicted")]
    assert events_of(items) == b"".join(block_sized(n, 3000).data for n in range(journal.tail, 500))


async def test_blocking_lets_nothing_go_and_tells_before_it_is_full(opened: Opener, path: Path) -> None:
    clock = ManualClock()
    journal = opened(clock=clock, max_bytes=2**19, sync=0)
    told: list[str] = []
    journal.on_pressure(told.append)
    journal.block_when_full = True
    journal.save_cursors({"a": Cursor(0, 0)})
    journal.hold(["a"])
    while not told:
        fill(journal, 1)
        assert journal.head < 500
    assert told == ["the journal is full"]
    fill(journal, 4)  # what sources still held
    assert used(path) <= 2**19
    assert journal.tail == 0
    assert not gaps_of(await read_all(journal))
    await save(journal, clock, {"a": Cursor(0, journal.head)})
    assert told == ["the journal is full", ""]
    fill(journal, 20)
    assert len(told) == 2


async def test_blocking_that_is_taken_back(opened: Opener) -> None:
    journal = opened(max_bytes=2**19)
    told: list[str] = []
    journal.block_when_full = True
    fill(journal, 170)
    journal.on_pressure(told.append)
    assert told == ["the journal is full"]
    journal.block_when_full = False
    assert told == ["the journal is full", ""]
    fill(journal, 100)
    assert journal.tail > 0


async def test_the_archive_keeps_by_age(opened: Opener, path: Path) -> None:
    clock = ManualClock()
    journal = opened(clock=clock, keep_age=3600, sync=0)
    fill(journal, 50)
    before = firsts(journal)
    await clock.advance(1800)
    fill(journal, 50)
    journal.save_cursors({"a": Cursor(0, 100)})
    journal.hold(["a"])
    assert journal.tail == 0
    await clock.advance(1860)
    assert firsts(journal)[0] == before[-1], "that one ended half an hour later"
    await clock.advance(1800)
    assert len(firsts(journal)) == 1


async def test_the_archive_is_bounded_by_size(opened: Opener, path: Path) -> None:
    journal = opened(keep_age=3600, keep_bytes=2**18)
    fill(journal, 200)
    journal.save_cursors({"a": Cursor(0, 200)})
    journal.hold(["a"])
    assert len(firsts(journal)) == 5, "four of 64 KiB, and the active one"


async def test_a_bound_survives_a_restart(opened: Opener, path: Path) -> None:
    journal = opened(max_bytes=2**20)
    fill(journal, 300)
    await journal.close()
    journal = opened(max_bytes=2**19)
    fill(journal, 50)
    assert journal.stats().bytes <= 2**19
    assert journal.tail > 0
    await journal.close()
    assert used(path) <= 2**19


@pytest.mark.parametrize("count", [5, 2000])
async def test_bytes_between_and_back(opened: Opener, count: int) -> None:
    journal = opened(segment=2**20)
    for number in range(count):
        journal.append(block_sized(number, 500))
    for reopened in (False, True):
        if reopened:
            await journal.close()
            journal = opened(segment=2**20)
        assert journal.bytes_between(0, count) == count * 500
        for first, end in ((0, count // 2), (count // 3, count), (count // 5, count // 2), (3, 3)):
            assert abs(journal.bytes_between(first, end) - (end - first) * 500) <= 2**16
        assert journal.seq_back(10**9) == 0
        for back in (0, 1000, count * 200):
            seq = journal.seq_back(back)
            assert journal.bytes_between(seq, count) <= back + 1
            assert count - seq >= back // 500 - 2**16 // 500 - 1


async def test_a_record_may_be_longer_than_the_steps_of_the_index(opened: Opener) -> None:
    journal = opened(segment=2**21)
    journal.append(block_of(*["x" * 85] * 4000))  # 100 bytes an event
    for reopened in (False, True):
        if reopened:
            await journal.close()
            journal = opened(segment=2**21)
        assert journal.seq_back(100_000) == 3000
        assert journal.seq_back(0) == 4000


async def test_a_folder_that_somebody_took_away_is_made_again(opened: Opener, path: Path) -> None:
    clock = ManualClock()
    journal = opened(clock=clock)
    fill(journal, 10)
    shutil.rmtree(path)
    for _ in range(20):
        fill(journal, 10)
        await clock.advance(1.0)
    assert journal.stats().error == ""
    assert journal.stats().unwritten == 0
    assert list((path / "segments").glob("*.seg"))
