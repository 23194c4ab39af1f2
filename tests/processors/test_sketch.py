import math

from hypothesis import given
from hypothesis import strategies as st

from penstock.processors.sketch import ERROR, MOST, Sketch

numbers = st.lists(
    st.floats(-1e8, 1e8, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-6), min_size=1, max_size=200
)


@given(values=numbers, percent=st.floats(0, 100))
def test_a_percentile_is_within_one_percent(values: list[float], percent: float) -> None:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    exact = sorted(values)[math.floor(percent / 100 * (len(values) - 1))]
    found = sketch.percentile(percent)
    assert found is not None
    assert abs(found - exact) <= abs(exact) * (ERROR + 1e-9)


def test_of_nothing_there_is_none() -> None:
    assert Sketch().percentile(50) is None


def test_memory_is_bounded_and_high_percentiles_stay_right() -> None:
    sketch = Sketch()
    for power in range(-300, 300):
        for step in range(1, 10):
            sketch.add(step * 10.0**power)
    assert len(sketch._above) <= MOST
    assert math.isclose(sketch.percentile(100) or 0, 9e299, rel_tol=0.011)
