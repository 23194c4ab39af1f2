import math

from hypothesis import example, given
from hypothesis import strategies as st

from penstock.processors.sketches import (
    CAPACITY,
    ERROR,
    MOST_BUCKETS,
    SAMPLE,
    Distinct,
    Frequent,
    Percentiles,
)

numbers = st.floats(-1e6, 1e6).filter(lambda n: not 0 < abs(n) < 1e-2) | st.integers(-1000, 1000)


@given(
    st.lists(st.lists(numbers, min_size=1), min_size=1, max_size=4),
    st.sampled_from([1, 25, 50, 90, 99, 99.9, 100]),
)
@example([[-1.0, 0, 1.0]], 50)
@example([[-5.0, -1.0]], 1)
def test_a_percentile_is_within_its_error(slices: list[list[float]], q: float) -> None:
    sketch = Percentiles()
    for some in slices:
        sketch.add(some)
    every = sorted(number for some in slices for number in some)
    exact = every[max(1, math.ceil(q / 100 * len(every))) - 1]
    assert abs(sketch.at(q) - exact) <= abs(exact) * ERROR * 1.0001


def test_percentiles_of_all_sizes_take_bounded_room() -> None:
    sketch = Percentiles()
    sketch.add([10.0 ** (n / 100) for n in range(-30000, 30000)])
    assert len(sketch._above) == MOST_BUCKETS
    assert abs(sketch.at(99) / 10.0**293.99 - 1) < ERROR
    assert sketch.at(100) == 10.0**299.99


def test_huge_numbers_stay_finite() -> None:
    sketch = Percentiles()
    sketch.add([1.79e308, 1.79e308, -1.79e308])
    assert math.isfinite(sketch.at(1))
    assert math.isfinite(sketch.at(66))


def test_few_different_values_are_counted_exactly() -> None:
    sketch = Distinct()
    for _ in range(3):
        sketch.add(str(n) for n in range(SAMPLE))
    assert sketch.count() == SAMPLE


def test_many_are_estimated_whatever_the_order_of_slices() -> None:
    forth, back = Distinct(), Distinct()
    for start in range(0, 50_000, 1000):
        forth.add(str(n) for n in range(start, start + 1500))
    for start in reversed(range(0, 50_000, 1000)):
        back.add(str(n) for n in range(start, start + 1500))
    assert abs(forth.count() / 50_500 - 1) < 0.15
    assert forth.count() == back.count()


def test_the_most_frequent_survive_a_crowd() -> None:
    sketch = Frequent()
    for start in range(0, 20 * CAPACITY, CAPACITY):
        sketch.add(
            [*(f"rare {n}" for n in range(start, start + CAPACITY)), *["often"] * 300, *["second"] * 200]
        )
    (first, often), (second, less) = sketch.most(2)
    assert (first, second) == ("often", "second")
    assert 5900 <= often <= 6000
    assert 3900 <= less <= 4000
    assert len(sketch._counts) <= 2 * CAPACITY
