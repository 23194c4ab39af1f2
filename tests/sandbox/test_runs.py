from hypothesis import given
from hypothesis import strategies as st

from penstock.sandbox.runs import Runs


@given(st.lists(st.integers(0, 60)))
def test_it_agrees_with_a_set(numbers: list[int]) -> None:
    runs = Runs()
    seen: set[int] = set()
    for number in numbers:
        assert runs.add(number) == (number not in seen)
        seen.add(number)
    assert runs.size == len(seen)
    assert [number for first, last in runs for number in range(first, last + 1)] == sorted(seen)
    holes = {number for first, last in runs.holes() for number in range(first, last + 1)}
    assert holes == (set(range(min(seen), max(seen))) - seen if seen else set())


def test_what_follows_each_other_is_one_run() -> None:
    runs = Runs()
    for number in (*range(0, 1000, 2), *range(1, 1000, 2)):
        runs.add(number)
    assert (len(runs), list(runs), list(runs.holes())) == (1, [(0, 999)], [])
