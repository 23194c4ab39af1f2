"""Blocks through the processors into a journal in memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from penstock.admission import MOST_WAITING, Admission
from penstock.block import Block
from penstock.journal.base import Journal, JournalSettings
from penstock.journal.open import open_journal
from penstock.kept import KeptOf
from penstock.processors.chain import Chain
from penstock.processors.events import Events
from penstock.tasks import Tasks
from penstock.testing import ManualClock
from penstock.testing.processing import Each, Tally, block_of, chain_of


def numbered(count: int, first: int = 0, size: int = 1, arrived: float = 1_793_000_000.0) -> Block:
    return block_of([{"n": n, "p": "x" * size} for n in range(first, first + count)], arrived)


def marked() -> Chain:
    def work(events: Events) -> None:
        for event in events.edit():
            event["p"] = "seen"

    return chain_of(Each(work))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def journal(clock: ManualClock) -> Journal:
    journal = open_journal(JournalSettings(type="memory"), clock=clock, version="t")
    journal.hold(["d"])
    return journal


@pytest.fixture
def full() -> list[str]:
    return []


@pytest.fixture
def admission(journal: Journal, clock: ManualClock, full: list[str]) -> Admission:
    def crashed(error: BaseException) -> None:
        raise error

    return Admission(journal, clock, full.append, crashed)


async def written(journal: Journal) -> list[bytes]:
    lines: list[bytes] = []
    seq = journal.tail
    while seq < journal.head:
        for item in await journal.read(seq, 2**20):
            assert isinstance(item, Block)
            lines += item.lines()
            seq = item.end_seq
    return lines


async def test_without_processors_a_block_goes_through_as_it_is(
    admission: Admission, journal: Journal
) -> None:
    block = numbered(3)
    receipt = admission.accept(block)
    (read,) = await journal.read(0, 2**20)
    assert isinstance(read, Block)
    assert read.data is block.data
    await receipt.durable()


async def test_a_small_block_is_written_when_the_call_returns(admission: Admission, journal: Journal) -> None:
    admission.use(marked())
    receipt = admission.accept(numbered(2))
    assert journal.head == 2
    await receipt.durable()
    assert await written(journal) == [b'{"n":0,"p":"seen"}', b'{"n":1,"p":"seen"}']


async def test_blocks_keep_their_order_and_receipts_wait_for_their_last_event(
    admission: Admission, journal: Journal
) -> None:
    admission.use(marked())
    first = admission.accept(numbered(2000))
    second = admission.accept(numbered(10, 2000))
    assert 0 < journal.head < 2000
    tasks = Tasks("test")
    waiting = tasks.start(first.durable(), "first")
    await second.durable()
    assert waiting.done()
    assert [int(line.split(b":")[1].split(b",")[0]) for line in await written(journal)] == list(range(2010))


async def test_where_nothing_is_left_the_receipt_does_not_wait(
    admission: Admission, journal: Journal
) -> None:
    admission.use(chain_of(Each(lambda events: events.keep([False] * events.count))))
    await admission.accept(numbered(3)).durable()
    assert (journal.head, admission.stats[0].dropped) == (0, 3)


async def test_sources_wait_while_too_much_waits(
    admission: Admission, journal: Journal, full: list[str]
) -> None:
    admission.use(marked())
    block = numbered(2000, size=2000)
    for _ in range(1 + MOST_WAITING // len(block.data)):
        admission.accept(block)
    admission.accept(block)
    assert full == ["the processors before the journal are busy"]
    await admission.drained()
    assert full[1:] == [""]
    assert journal.head % 2000 == 0
    assert journal.head >= 2 * 2000


async def test_what_is_counted_is_told_in_time_and_at_the_end(
    admission: Admission, journal: Journal, clock: ManualClock
) -> None:
    admission.use(chain_of(Tally()))
    admission.accept(numbered(3, arrived=clock.time()))
    await clock.advance(9)
    assert await written(journal) == []
    await clock.advance(2)
    assert await written(journal) == [b'{"count":3}']
    admission.accept(numbered(2, arrived=clock.time()))
    await admission.drained()
    assert await written(journal) == [b'{"count":3}', b'{"count":2}']


async def test_another_chain_takes_over_what_waits(admission: Admission, journal: Journal) -> None:
    admission.use(marked())
    receipt = admission.accept(numbered(1000))
    admission.use(None)
    last = admission.accept(numbered(1, 1000))
    await last.durable()
    await receipt.durable()
    assert [int(line.split(b":")[1].split(b",")[0]) for line in await written(journal)] == list(range(1001))


async def test_what_came_of_a_block_with_a_mark_stands_with_it_as_one(
    admission: Admission, journal: Journal
) -> None:
    """Else a crash could leave part of the events in the journal, and no word of how far the source had read."""
    admission.use(marked())
    admission.accept(numbered(2000))
    receipt = admission.accept(replace(numbered(2000, 2000), mark=b"here"))
    assert not receipt.written
    await receipt.durable()
    assert len(await written(journal)) == 4000
    assert await KeptOf(numbered(1).source, journal).marks(0) == [b"here"]
    (last,) = await journal.read(2000, 2**20)
    assert isinstance(last, Block)
    assert (last.count, last.mark, receipt.end) == (2000, b"here", 4000)


async def test_processors_that_go_in_the_middle_of_a_block(admission: Admission, journal: Journal) -> None:
    admission.use(marked())
    receipt = admission.accept(replace(numbered(2000), mark=b"here"))
    admission.use(None)
    await receipt.durable()
    (block,) = await journal.read(0, 2**20)
    assert isinstance(block, Block)
    assert (block.count, block.mark) == (2000, b"here")


@pytest.mark.parametrize("kind", ["memory", "disk"])
async def test_a_receipt_tells_how_far_its_block_is(tmp_path: Path, clock: ManualClock, kind: str) -> None:
    settings = JournalSettings.model_validate({"type": kind, "path": tmp_path})
    journal = open_journal(settings, clock=clock, version="t")
    receipt = Admission(journal, clock, lambda _: None, lambda _: None).accept(numbered(3))
    assert receipt.written == (kind == "disk")
    assert receipt.end == 3
    await journal.close()
