from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Block
from penstock.delivery.batcher import Batcher
from penstock.destinations.base import BatchSize, Limits


def ranges(pieces: Iterable[Block]) -> list[tuple[int, int]]:
    return [(piece.first_seq, piece.end_seq) for piece in pieces]


def block(count: int, first_seq: int = 0, arrived: float = 100.0, size: int = 10) -> Block:
    line = b"{" + b" " * (size - 3) + b"}\n"
    return Block(line * count, count, "s", arrived, first_seq, "n")


def batcher(
    events: int = 1000,
    size: int = 2**20,
    age: float = 1.0,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Batcher:
    return Batcher(BatchSize(events, size, age), limits)


def test_a_batch_is_full_by_events() -> None:
    cutter = batcher(events=3)
    cutter.feed(block(2), 100.0, 0.0)
    assert not cutter.ready(0.5)
    cutter.feed(block(2, 2), 100.0, 0.0)
    assert cutter.ready(0.5)
    assert ranges(cutter.cut(7.0).pieces) == [(0, 2), (2, 3)]
    assert not cutter.ready(0.5)
    assert (cutter.events, cutter.size) == (1, 10)


def test_a_batch_is_full_by_bytes_as_encoded() -> None:
    cutter = batcher(size=100, limits=Limits(batch_overhead=20, event_overhead=10))
    cutter.feed(block(3), 100.0, 0.0)
    assert not cutter.ready(0.0)
    cutter.feed(block(3, 3), 100.0, 0.0)
    assert cutter.ready(0.0)
    assert cutter.cut(7.0).count == 4  # 20 + 4 * (10 + 10) = 100


def test_a_batch_is_due_by_the_age_of_its_oldest_event() -> None:
    cutter = batcher(age=1.0)
    cutter.feed(block(1, arrived=100.0), 100.25, 50.0)
    cutter.feed(block(1, 1, arrived=100.9), 100.9, 50.65)
    assert cutter.due() == 50.75
    assert not cutter.ready(50.7)
    assert cutter.ready(50.75)


def test_a_wall_clock_that_is_set_back_holds_nothing_up() -> None:
    cutter = batcher(age=1.0)
    cutter.feed(block(1, arrived=5000.0), 100.0, 50.0)
    assert cutter.due() == 51.0


def test_an_event_over_every_bound_goes_alone() -> None:
    cutter = batcher(size=5)
    cutter.feed(block(2), 100.0, 0.0)
    assert [cutter.cut(1.0).count, cutter.cut(1.0).count] == [1, 1]


def test_the_service_s_limits_win_over_the_user_s_wishes() -> None:
    cutter = batcher(events=100, limits=Limits(events=2, span=10.0))
    cutter.feed(block(1), 100.0, 0.0)
    cutter.feed(block(1, 1, arrived=111.0), 111.0, 0.0)
    assert cutter.cut(1.0).count == 1  # more than the span lies between them
    cutter.feed(block(5, 2, arrived=111.0), 111.0, 0.0)
    assert cutter.cut(1.0).count == 2


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=12),
    st.integers(1, 50),
    st.integers(1, 600),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_any_cutting_keeps_order_and_bounds(
    counts: list[int], events: int, size: int, batch_overhead: int, event_overhead: int
) -> None:
    limits = Limits(batch_overhead=batch_overhead, event_overhead=event_overhead)
    cutter = batcher(events, size, limits=limits)
    seq = 0
    for count in counts:
        cutter.feed(replace(block(count, seq), arrived=100.0), 100.0, 0.0)
        seq += count
    seen = []
    while cutter.events:
        batch = cutter.cut(1.0)
        assert batch.count == 1 or (
            batch.count <= events and batch.size + batch_overhead + batch.count * event_overhead <= size
        )
        seen += [n for first, end in ranges(batch.pieces) for n in range(first, end)]
    assert seen == list(range(seq))
    assert (cutter.size, cutter.due(), cutter.oldest) == (0, None, None)


def test_dropping_tells_what_went() -> None:
    cutter = batcher()
    cutter.feed(block(4), 100.0, 0.0)
    cutter.feed(block(4, 10), 100.0, 0.0)
    assert ranges(cutter.drop_below(12)) == [(0, 4), (10, 12)]
    assert (cutter.events, cutter.size) == (2, 20)
    assert cutter.cut(1.0).first_seq == 12


def test_it_tells_whether_more_would_make_a_full_batch() -> None:
    cutter = batcher(events=10, size=200, limits=Limits(batch_overhead=20, event_overhead=5))
    cutter.feed(block(3), 100.0, 0.0)  # 45 bytes
    assert cutter.lacks(6, 60)
    assert not cutter.lacks(7, 60)
    assert cutter.lacks(6, 104)
    assert not cutter.lacks(6, 105)
