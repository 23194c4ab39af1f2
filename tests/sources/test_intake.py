import asyncio
from collections.abc import Callable
from statistics import fmean

import pytest

from penstock.block import Block
from penstock.sources.base import LineSettings, SourceContext, SourceStats
from penstock.sources.decode import MOST_LINES, Decoder
from penstock.sources.intake import BUDGET, ENOUGH, HOLDS, LARGEST, LEAST, WAIT, Intake, estimate
from penstock.testing import ManualClock
from penstock.testing.clock import settle


class Taken:
    end = 0
    written = True

    async def durable(self) -> None: ...


class Rig:
    """An intake, its clock, and what it handed over."""

    def __init__(self, on_block: Callable[[Block], None] = lambda block: None) -> None:
        self.clock = ManualClock()
        self.blocks: list[Block] = []
        self._on_block = on_block
        context = SourceContext("app", "host-1", self.clock)
        self.intake = Intake(Decoder(LineSettings(), context, SourceStats()), self.clock)
        self.intake.start(self.accept)

    def accept(self, block: Block) -> Taken:
        self.blocks.append(block)
        self._on_block(block)
        return Taken()

    @property
    def data(self) -> bytes:
        return b"".join([block.data for block in self.blocks])


def lines(size: int, letter: bytes = b"x") -> bytes:
    line = b'{"a":"' + letter * 391 + b'"}\n'
    return line * (size // len(line))


async def test_small_chunks_wait_for_each_other_and_no_longer_than_that() -> None:
    rig = Rig()
    rig.intake.put(b'{"a":1}\n')
    arrived = rig.clock.time()
    await rig.clock.advance(WAIT * 0.9)
    rig.intake.put(b'{"a":2}\n')
    assert rig.blocks == []
    await rig.clock.advance(WAIT * 0.2)
    assert [(block.data, block.count, block.arrived) for block in rig.blocks] == [
        (b'{"a":1}\n{"a":2}\n', 2, arrived)
    ]
    assert rig.intake.held == 0
    assert rig.clock.next_due() is None


async def test_enough_is_handed_over_without_the_clock() -> None:
    rig = Rig()
    rig.intake.put(lines(ENOUGH // 2))
    await settle()
    assert rig.blocks == []
    rig.intake.put(lines(ENOUGH))
    await settle()
    assert rig.data == lines(ENOUGH // 2) + lines(ENOUGH)
    assert rig.clock.next_due() is None


async def test_blocks_stay_small_and_a_large_chunk_is_one_block() -> None:
    rig = Rig()
    for _ in range(10):
        rig.intake.put(lines(LARGEST // 4))
    rig.intake.put(lines(2 * LARGEST))
    rig.intake.put(lines(1000))
    await settle()
    sizes = [len(block.data) for block in rig.blocks]
    assert [size for size in sizes if size > LARGEST] == [len(lines(2 * LARGEST))]
    assert sum(sizes) == 10 * len(lines(LARGEST // 4)) + len(lines(2 * LARGEST)) + len(lines(1000))


async def test_order_is_that_of_arrival_and_each_is_told() -> None:
    rig = Rig()
    told: list[int] = []
    for n in range(5):
        rig.intake.put(b'{"n":%d}\n' % n + lines(ENOUGH), lambda n=n: told.append(n))  # type: ignore[misc]  # bound now
    assert rig.intake.waiting == 5
    await settle()
    assert [line for line in rig.data.split(b"\n") if b"n" in line] == [b'{"n":%d}' % n for n in range(5)]
    assert told == list(range(5))
    assert rig.intake.waiting == 0


async def test_one_who_waits_is_told_even_where_no_line_was_complete() -> None:
    rig = Rig()
    told: list[bool] = []
    rig.intake.put(b"", lambda: told.append(True))
    rig.intake.put(b"")
    await settle()
    assert told == [True]
    assert rig.blocks == []


async def test_the_loop_gets_its_turn_between_blocks() -> None:
    order: list[str] = []

    def slow(block: Block) -> None:
        order.append("block")
        rig.clock._monotonic += BUDGET  # a block takes as long as all may

    rig = Rig(slow)
    for _ in range(3):
        rig.intake.put(lines(LARGEST))
    for _ in range(3):
        await asyncio.sleep(0)
        order.append("turn")
    assert order == ["block", "turn"] * 3


async def test_shares_shrink_with_those_who_wait_and_grow_back() -> None:
    rig = Rig()
    assert rig.intake.share(LARGEST) == LARGEST
    for _ in range(50):
        rig.intake.put(lines(LEAST), lambda: None)
    assert LEAST <= rig.intake.share(LARGEST) <= HOLDS // 50
    await settle()
    assert rig.intake.share(LARGEST) <= HOLDS // 50  # they are about to come again
    rig.intake.put(lines(ENOUGH))
    await settle()
    assert rig.intake.share(LARGEST) <= HOLDS // 30
    for _ in range(30):
        rig.intake.put(lines(ENOUGH))
        await settle()
    assert rig.intake.share(LARGEST) == LARGEST
    for _ in range(10_000):
        rig.intake.put(b"\n", lambda: None)
    assert rig.intake.share(LARGEST) == LEAST
    rig.intake.flush()


async def test_full_is_said_when_it_is() -> None:
    rig = Rig()
    rig.intake.put(lines(HOLDS - 1000))
    assert not rig.intake.full
    rig.intake.put(lines(2000))
    assert rig.intake.full
    rig.intake.flush()
    assert not rig.intake.full


async def test_flush_hands_over_all_at_once() -> None:
    rig = Rig()
    told: list[bool] = []
    rig.intake.put(b"text\n")
    rig.intake.put(b'{"a":1}\n', lambda: told.append(True))
    rig.intake.flush()
    assert sum(block.count for block in rig.blocks) == 2
    assert told == [True]
    await rig.clock.advance(1)
    assert len(rig.blocks) == 1


async def test_a_block_of_short_lines_is_bounded_by_their_number() -> None:
    rig = Rig()
    called: list[int] = []
    rig.intake.put(b"{}\n" * 40_000, lambda: called.append(len(rig.blocks)))
    for _ in range(20):
        rig.intake.put(b"{}\n" * 1000)
    await settle()
    assert rig.data == b"{}\n" * 60_000
    assert max(block.count for block in rig.blocks) <= MOST_LINES * 1.1
    assert len(called) == 1
    assert sum(block.count for block in rig.blocks[: called[0]]) >= 40_000 - 1000
    assert rig.intake.held == rig.intake.waiting == 0


async def test_short_lines_behind_long_ones_are_seen() -> None:
    rig = Rig()
    data = lines(LARGEST // 4) + b"{}\n" * (LARGEST // 4)
    rig.intake.put(data, lambda: None)
    await settle()
    assert rig.data == data
    assert len(rig.blocks) > 2
    rig.intake.put(data)
    rig.intake.flush()
    assert rig.data == 2 * data


def test_the_estimate_is_exact_for_little_and_near_for_much() -> None:
    assert estimate(b"a\n" * 500) == 500
    much = lines(128 * 1024)
    # Where it looks is random, so a single one may be a third off; all together are not.
    assert fmean(estimate(much) for _ in range(400)) == pytest.approx(much.count(b"\n"), rel=0.1)
    assert estimate(b"\n" * 100_000) == 100_000
