from pathlib import Path

import pytest

from penstock.journal.base import Cursor, Gap, JournalSettings
from penstock.journal.memory_journal import MemoryJournal
from penstock.testing.journal import block_of, block_sized, events_of, gaps_of, read_all


def memory(**settings: object) -> MemoryJournal:
    return MemoryJournal(JournalSettings.model_validate({"type": "memory", **settings}))


async def test_it_gives_back_what_was_put_in() -> None:
    journal = memory()
    seen: list[int] = []
    journal.on_append(lambda: seen.append(journal.head))
    assert [journal.append(block_of(*group)) for group in ("abc", "d", "ef")] == [0, 3, 4]
    assert seen == [3, 4, 6]
    await journal.durable(6)
    for seq in range(6):
        assert events_of(await read_all(journal, seq)) == block_of(*"abcdef"[seq:]).data
    [first, *_] = await journal.read(0, 1)
    assert (await journal.read(0, 1))[0] is first
    assert await journal.read(6, 1) == []


async def test_what_all_have_goes_at_once() -> None:
    journal = memory()
    for group in ("abc", "d", "ef"):
        journal.append(block_of(*group))
    journal.save_cursors({"a": Cursor(0, 6), "b": Cursor(0, 3)})
    assert journal.tail == 0
    journal.hold(["a", "b"])
    assert journal.tail == 3
    journal.save_cursors({"b": Cursor(0, 6)})
    assert (journal.tail, journal.head, journal.stats().bytes) == (6, 6, 0)
    assert journal.append(block_of("g")) == 6
    assert events_of(await read_all(journal, 6)) == block_of("g").data


async def test_the_oldest_go_when_it_is_full() -> None:
    journal = memory(max_bytes=10_000)
    journal.hold(["a"])
    for number in range(30):
        journal.append(block_sized(number, 1000))
        assert journal.stats().bytes <= 10_000
    items = await read_all(journal)
    assert gaps_of(items) == [Gap(0, 20, "evicted")]
    assert events_of(items) == b"".join(block_sized(number, 1000).data for number in range(20, 30))


async def test_blocking_lets_nothing_go() -> None:
    journal = memory(max_bytes=10_000)
    journal.hold(["a"])
    told: list[str] = []
    journal.on_pressure(told.append)
    journal.block_when_full = True
    for number in range(12):
        journal.append(block_sized(number, 1000))
    assert told == ["the journal is full"]
    assert len(await read_all(journal)) == 12
    journal.save_cursors({"a": Cursor(0, 6)})
    assert told == ["the journal is full", ""]


@pytest.mark.parametrize(
    ("given", "bound"), [({}, 2**28), ({"max_bytes": "1GiB"}, 2**30), ({"max_bytes": 5}, 5)]
)
def test_it_has_a_bound_fit_for_memory(given: dict[str, object], bound: int) -> None:
    assert memory(**given).stats().max_bytes == bound


def test_bytes_between_and_back() -> None:
    journal = memory()
    for number in range(3000):
        journal.append(block_sized(number, 500))
    journal.hold(["a"])
    journal.save_cursors({"a": Cursor(0, 2000)})
    assert journal.bytes_between(2000, 3000) == 500_000
    assert journal.seq_back(10_000) == 2980
    assert journal.seq_back(10**9) == 2000
    assert journal.seq_back(0) == 3000


async def test_what_is_lost_at_stop_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    journal = memory()
    journal.append(block_of("a", "b"))
    journal.hold(["a"])
    journal.save_cursors({"a": Cursor(0, 1)})
    await journal.close()
    assert "events=1" in capsys.readouterr().out
