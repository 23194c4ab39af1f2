from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.delivery.ledger import Books
from penstock.journal.base import Cursor


def books(start: int = 0) -> Books:
    return Books(Cursor(start=start, done=start))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.randoms(use_true_random=False), st.data())
def test_settled_in_any_order_the_accounts_add_up(
    sizes: list[int], random: object, data: st.DataObject
) -> None:
    ledger = books(5)
    runs, at = [], 5
    for size in sizes:
        runs.append((at, at + size))
        at += size
    settled = data.draw(st.permutations(runs))[: data.draw(st.integers(0, len(runs)))]
    for index, (first, end) in enumerate(settled):
        ways: list[Callable[[int, int], None]] = [
            ledger.delivered,
            ledger.foreign,
            ledger.filtered,
            partial(ledger.dropped, reason="queue_full"),
            partial(ledger.dead_lettered, reason="refused"),
        ]
        settle = ways[index % 5]
        settle(first, end)
    told = ledger.ledger(at)
    assert told.imbalance == 0
    assert told.pending == sum(end - first for first, end in runs if (first, end) not in settled)
    left = sorted(set(runs) - set(settled))
    covered = {seq for first, end in ledger.open_runs(at) for seq in range(first, end)}
    assert covered == {seq for first, end in left for seq in range(first, end)}
    # What is saved is all there is to know.
    again = Books(ledger.cursor())
    assert again.ledger(at) == told
    assert again.open_runs(at) == ledger.open_runs(at)


@pytest.mark.parametrize("twice", [(0, 5), (4, 6), (10, 12), (11, 15), (0, 30)])
def test_no_event_is_settled_twice(twice: tuple[int, int]) -> None:
    ledger = books()
    ledger.delivered(0, 5)
    ledger.delivered(10, 15)
    with pytest.raises(AssertionError, match="settled twice"):
        ledger.delivered(*twice)


def test_neighbours_are_joined() -> None:
    ledger = books()
    ledger.delivered(10, 20)
    ledger.delivered(30, 40)
    ledger.delivered(20, 30)
    assert ledger.cursor().beyond == ((10, 40),)
    ledger.delivered(0, 10)
    assert (ledger.done, ledger.cursor().beyond) == (40, ())
