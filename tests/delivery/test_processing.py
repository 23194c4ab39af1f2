"""A chain of one destination: whatever its processors do, and wherever it is cut, every event is settled once."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from time import perf_counter

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from penstock.block import Batch, Block
from penstock.delivery.deadletters import DeadLetterStore
from penstock.delivery.decision import Dead
from penstock.delivery.job import Job
from penstock.delivery.ledger import Books
from penstock.delivery.processing import Processing
from penstock.delivery.settings import DeadLetterSettings
from penstock.delivery.settlement import Settlement
from penstock.delivery.share import Share
from penstock.delivery.stats import DestinationStats
from penstock.journal.base import Cursor
from penstock.processors.aggregate import AggregateSettings
from penstock.processors.base import Processor
from penstock.processors.chain import Chain
from penstock.processors.events import Events, Held
from penstock.processors.pace import SLICE
from penstock.tasks import Tasks
from penstock.testing import ManualClock
from penstock.testing.processing import chain_of, context

START = 1_793_000_040.0
"""A window of a minute begins here."""


class Rig:
    """A chain, the books behind it, and what came out."""

    def __init__(
        self,
        *processors: Processor,
        cursor: Cursor = Cursor(0, 0),  # noqa: B008 - frozen
        folder: Path | None = None,
    ) -> None:
        self.clock = ManualClock(START)
        self.books = Books(cursor)
        self.settlement = Settlement(
            DestinationStats("d", "table", self.books.ledger(cursor.start)),
            self.books,
            DeadLetterStore(folder, DeadLetterSettings(), self.clock),
            self.clock,
            lambda _: None,
        )
        self.processing = Processing(chain_of(*processors), Share(), self.settlement, self.clock, "node")
        self.fed: list[Block] = []

    async def process(self, *blocks: Block) -> None:
        for block in blocks:
            await self.processing.process(block, self.fed.append, lambda: False)

    async def tick(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        self.processing.tick(self.fed.append)

    def events(self) -> list[dict[str, object]]:
        return [orjson.loads(line) for block in self.fed for line in block.lines()]

    def ids(self) -> list[str]:
        return [block.event_id(index) for block in self.fed for index in range(block.count)]

    def deliver(self) -> None:
        if self.fed:
            self.settlement.delivered(Batch(tuple(self.fed), self.clock.time()), {})

    def account(self, head: int) -> tuple[int, int, dict[str, int], int]:
        """Delivered, filtered, dead-lettered, pending; the ledger must add up."""
        ledger = self.books.ledger(head)
        assert ledger.imbalance == 0
        return ledger.delivered, ledger.filtered, dict(ledger.dead_lettered), ledger.pending


class Each:
    """A processor of one function."""

    def __init__(self, work: Callable[[Events], None]) -> None:
        self.process = work


def leave_out(wanted: Callable[[int], bool]) -> Each:
    return Each(lambda events: events.keep([wanted(event["n"]) for event in events.read()]))


def refuse(unwanted: Callable[[int], bool]) -> Each:
    return Each(
        lambda events: events.refuse(
            {i: "bad" for i, event in enumerate(events.read()) if unwanted(event["n"])}
        )
    )


def windows(**options: object) -> Processor:
    return AggregateSettings.model_validate({"type": "aggregate", **options}).build(
        context(ManualClock(START))
    )


def block(numbers: Sequence[int], arrived: float) -> Block:
    data = b"".join([b'{"n":%d,"mod":%d}\n' % (n, n % 3) for n in numbers])
    return Block(data, len(numbers), "s", arrived, numbers[0], "node")


async def test_a_window_stands_for_all_its_events_and_those_left_out_between_them() -> None:
    rig = Rig(leave_out(lambda n: n % 2 == 1), windows())
    await rig.process(*[block([n], START + n) for n in range(9)])
    assert rig.account(9) == (0, 1, {}, 8), "0 was left out before anything was held"
    assert rig.books.cursor().beyond == (), "no holes in the books while the window is open"
    await rig.process(block([9], START + 60))
    assert [event["count"] for event in rig.events()] == [4]
    rig.deliver()
    assert rig.account(10) == (1, 8, {}, 1)
    assert rig.books.done == 9


async def test_all_filtered() -> None:
    rig = Rig(leave_out(lambda _: False), windows())
    await rig.process(block(range(20), START))
    assert (rig.fed, rig.account(20), rig.processing.due()) == ([], (0, 20, {}, 0), None)


async def test_a_window_in_which_nothing_was_counted_is_filtered() -> None:
    rig = Rig(windows(where="n > 100"))
    await rig.process(block(range(20), START), block(range(20, 30), START + 60))
    assert (rig.fed, rig.account(30)) == ([], (0, 20, {}, 10))


async def test_what_is_refused_before_the_window_is_settled_apart(tmp_path: Path) -> None:
    rig = Rig(refuse(lambda n: n in (0, 4)), windows(), folder=tmp_path)
    await rig.process(block(range(6), START), block(range(6, 9), START + 60))
    assert rig.account(9) == (0, 0, {"unprocessed": 2}, 7)
    assert rig.ids() == ["node-1.1"]
    rig.deliver()
    assert rig.account(9) == (1, 3, {"unprocessed": 2}, 3)


async def test_one_event_may_become_more_summaries_than_there_were_events() -> None:
    rig = Rig(windows(by=["n"]), Each(lambda events: events.insert({0: [{"more": 1}]})))
    await rig.process(block([0], START), block([1], START + 60))
    assert rig.ids() == ["node-0.1", "node-0.2"]
    rig.deliver()
    assert rig.account(2) == (1, 0, {}, 1)


async def test_an_event_that_became_several_counts_once_beside_one_left_out() -> None:
    rig = Rig(
        leave_out(lambda n: n == 2), Each(lambda events: events.insert({0: [{"more": 1}, {"more": 2}]}))
    )
    await rig.process(block([0, 1, 2, 3], START))
    rig.deliver()
    assert rig.account(4) == (1, 3, {}, 0)


async def test_a_summary_left_out_behind_the_window_is_filtered() -> None:
    rig = Rig(windows(), leave_out(lambda _: False))
    await rig.process(block([0, 1], START))
    rig.processing = Processing(
        chain_of(windows(), Each(lambda events: events.keep([0] * events.count))),
        Share(),
        rig.settlement,
        rig.clock,
        "node",
    )
    await rig.process(block([0, 1], START), block([2], START + 60))
    assert (rig.fed, rig.account(3)) == ([], (0, 2, {}, 1))


async def test_a_summary_has_no_original_that_could_be_a_dead_letter() -> None:
    rig = Rig(windows(), Each(lambda events: events.refuse(dict.fromkeys(range(events.count), "bad"))))
    await rig.process(block([0, 1], START), block([2], START + 60))
    assert [event["count"] for event in rig.events()] == [2]


async def test_several_parts_with_several_fates_count_as_the_worst(tmp_path: Path) -> None:
    rig = Rig(windows(by=["mod"]), folder=tmp_path)
    await rig.process(block(range(9), START), block([9], START + 60))
    (fed,) = rig.fed
    one, rest = fed.cut(1)
    rig.settlement.delivered(Batch((one,), START), {})
    assert rig.account(10) == (0, 0, {}, 10)
    whole = Batch((rest,), START)
    assert await rig.settlement.bury(Job(whole), [Dead(whole, "refused", "no")])
    assert rig.account(10) == (0, 6, {"refused": 3}, 1)


async def test_what_is_let_go_by_the_slice_that_it_is_kept_from() -> None:
    def hold_and_release(events: Events) -> None:
        held = Held()
        count = events.count
        events.hold(held)
        events.release(held, [{"count": count}])

    rig = Rig(Each(hold_and_release))
    await rig.process(block(range(5), START))
    rig.deliver()
    assert rig.account(5) == (1, 4, {}, 0)


async def test_summaries_of_no_event_have_ids_of_their_own() -> None:
    def note(events: Events) -> None:
        events.emit([{"note": events.count}])

    rig = Rig(Each(note), Each(note))
    await rig.process(block([0, 1], START), block([2], START))
    ids = rig.ids()
    assert len(ids) == 9, "the second notes what the first has made as well"
    assert max(Counter(ids).values()) == 1
    rig.deliver()
    assert rig.account(3) == (3, 0, {}, 0)


async def test_a_window_takes_what_another_processor_has_made() -> None:
    def note(events: Events) -> None:
        events.emit([{"mod": 0}])

    rig = Rig(Each(note), windows())
    await rig.process(block([0, 1], START), block([2], START))
    assert (rig.fed, rig.account(3)) == ([], (0, 0, {}, 3)), "nothing is settled before the window is told"
    await rig.tick(62)
    assert [event["count"] for event in rig.events()] == [5]
    assert rig.ids() == ["node-0.1"]
    rig.deliver()
    assert rig.account(3) == (1, 2, {}, 0)


async def test_what_json_does_not_have_is_refused_and_harms_no_other(tmp_path: Path) -> None:
    def spoil(events: Events) -> None:
        for event in events.edit():
            if event["n"] == 1:
                event["n"] = object()

    rig = Rig(Each(spoil), folder=tmp_path)
    await rig.process(block(range(3), START))
    rig.deliver()
    assert [event["n"] for event in rig.events()] == [0, 2]
    assert rig.account(3) == (2, 0, {"unprocessed": 1}, 0)
    (stats,) = rig.processing.stats
    assert (stats.events_out, stats.dropped, stats.errors) == (2, 1, 1)
    assert "JSON does not have" in stats.last_error


async def test_time_tells_a_window_when_no_event_comes() -> None:
    rig = Rig(windows())
    await rig.process(block([0, 1], START))
    await rig.tick(61)
    assert rig.fed == []
    await rig.tick(1)
    assert rig.ids() == ["node-0.1"]
    assert list(rig.processing.runs()) == [(0, 2)]
    rig.deliver()
    assert (rig.account(2), list(rig.processing.runs())) == ((1, 1, {}, 0), [])


async def test_a_disk_that_refuses_dead_letters_loses_nothing_when_it_stops(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file is in the way")
    rig = Rig(refuse(lambda n: n == 0), windows(), folder=tmp_path / "folder")
    work = asyncio.create_task(rig.processing.process(block([0, 1], START), rig.fed.append, lambda: True))  # noqa: TID251 - awaited below
    while not work.done():
        await asyncio.sleep(0.001)
        await rig.clock.advance(1)
    assert (rig.fed, rig.account(2)) == ([], (0, 0, {}, 2))


def pieces_of(some: Block, random: Random) -> Iterator[Block]:
    while some.count > 1 and random.random() < 0.7:
        piece, some = some.cut(random.randint(1, some.count - 1))
        yield piece
    yield some


@pytest.mark.parametrize("seed", range(40))
async def test_killed_and_read_again_it_makes_the_same_windows(seed: int) -> None:
    """Cut anywhere, killed anywhere, after any part of what came out was settled."""
    random = Random(seed)

    def made() -> Sequence[Processor]:
        return leave_out(lambda n: n % 5 > 1), windows(
            by=["mod"], compute={"count": "count", "sum": {"sum": "n"}}
        )

    blocks, seq, at = [], 0, START
    for _ in range(30):
        count = random.randint(1, 12)
        blocks.append(block(range(seq, seq + count), at))
        seq, at = seq + count, at + random.choice([0.0, 5.0, 20.0, 70.0])
    blocks.append(block([seq], at + 60))
    truth = Rig(*made())
    await truth.process(*blocks)
    expected = dict(zip(truth.ids(), truth.events(), strict=True))

    got: dict[str, dict[str, object]] = {}
    rig = Rig(*made())
    for life in range(6):
        rig = Rig(*made(), cursor=rig.books.cursor())
        runs = rig.books.open_runs(seq + 1)
        # The journal is read from what is open; each block is cut otherwise than before.
        todo = [
            piece
            for whole in blocks
            for first, end in runs
            if (part := _between(whole, first, end)) is not None
            for piece in pieces_of(part, random)
        ]
        for piece in todo if life == 5 else todo[: random.randint(0, len(todo))]:
            await rig.process(piece)
        for number, event_id in enumerate(rig.ids()):
            event = rig.events()[number]
            assert got.setdefault(event_id, event) == event, "an id names two summaries"
        settled = rig.fed if life == 5 else [one for one in rig.fed if random.random() < 0.5]
        if settled:
            rig.settlement.delivered(Batch(tuple(settled), at), {})
        rig.account(seq + 1)
    assert got == expected
    delivered, filtered, dead, pending = rig.account(seq + 1)
    assert (delivered, dead) == (len(expected), {})
    assert delivered + filtered + pending == seq + 1


def _between(whole: Block, first: int, end: int) -> Block | None:
    first, end = max(first, whole.first_seq), min(end, whole.end_seq)
    if first >= end:
        return None
    if first > whole.first_seq:
        whole = whole.cut(first - whole.first_seq)[1]
    return whole.cut(end - first)[0] if end < whole.end_seq else whole


fates = st.lists(
    st.sampled_from(["keep", "drop", "refuse", "two", "three", "change"]), min_size=1, max_size=30
)


@effort(max_examples=150, deadline=None)
@given(fates=fates, cuts=st.randoms(use_true_random=False), window=st.booleans())
def test_whatever_becomes_of_events_each_is_settled_once(
    fates: list[str], cuts: Random, window: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def work(events: Events) -> None:
        for event in events.edit():
            event["seen"] = True
        ways = [fates[event["n"]] for event in events.read()]
        events.refuse({n: "bad" for n, way in enumerate(ways) if way == "refuse"})
        ways = [way for way in ways if way != "refuse"]
        more = {"two": 1, "three": 2}
        events.insert({n: [{"n": -1}] * more[way] for n, way in enumerate(ways) if way in more})
        events.keep([event["n"] < 0 or fates[event["n"]] != "drop" for event in events.read()])

    async def run() -> None:
        folder = tmp_path_factory.mktemp("dead")
        rig = Rig(Each(work), *([windows()] if window else []), folder=folder)
        for piece in pieces_of(block(range(len(fates)), START), cuts):
            await rig.process(piece)
        await rig.tick(62)
        for fed in rig.fed:
            for piece in pieces_of(fed, cuts):
                rig.settlement.delivered(Batch((piece,), START), {})
        delivered, filtered, dead, pending = rig.account(len(fates))
        assert (pending, dead.get("unprocessed", 0)) == (0, fates.count("refuse"))
        assert delivered + filtered == len(fates) - fates.count("refuse")
        assert window or filtered == fates.count("drop")
        assert rig.books.done == len(fates)

    asyncio.run(run())


def test_a_chain_is_told_by_its_processors() -> None:
    rig = Rig(windows())
    assert isinstance(rig.processing._chain, Chain)
    assert [stats.name for stats in rig.processing.stats] == ["1"]


async def test_the_loop_goes_on_however_small_the_blocks_are() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    def work(_: Events) -> None:
        until = perf_counter() + SLICE / 4
        while perf_counter() < until:
            pass

    tasks = Tasks("test")
    tasks.start(count(), "else")
    rig = Rig(Each(work))
    await rig.process(*[block([n], START) for n in range(40)])
    await tasks.stop()
    assert turns >= 9
