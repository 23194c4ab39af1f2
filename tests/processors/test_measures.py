from typing import Any

import pytest
from pydantic import ValidationError

from penstock.processors.measures import MOST_DISTINCT, MeasureSettings, maker

VALUES = [3, "text", 1.5, None, True, {"a": 1}, float("inf"), 3, 2**200, [1]]


@pytest.mark.parametrize(
    ("written", "value", "of_nothing"),
    [
        ("count", 10, 0),
        ({"sum": "n"}, 7.5, None),
        ({"avg": "n"}, 2.5, None),
        ({"min": "n"}, 1.5, None),
        ({"max": "n"}, 3, None),
        ({"first": "n"}, 3, None),
        ({"last": "n"}, [1], None),
        ({"distinct": "n"}, 8, 0),
        ({"percentile": "n", "q": 0}, 1.5, None),
        ({"function": "percentile", "field": "n", "q": 100}, 3, None),
    ],
)
def test_what_it_comes_to(written: Any, value: Any, of_nothing: Any) -> None:
    make = maker(MeasureSettings.model_validate(written))
    measure = make()
    assert measure.value() == of_nothing
    for one in VALUES:
        measure.add(one)
    assert measure.value() == (pytest.approx(value, rel=0.01) if isinstance(value, int | float) else value)


def test_distinct_is_bounded() -> None:
    measure = maker(MeasureSettings.model_validate({"distinct": "n"}))()
    for number in range(MOST_DISTINCT + 100):
        measure.add(number)
    assert measure.value() == MOST_DISTINCT


@pytest.mark.parametrize(
    ("written", "why"),
    [("sum", "needs a field"), ({"median": "n"}, "Input should be"), ({"sum": "n", "max": "n"}, "function")],
)
def test_what_is_wrong_is_told(written: Any, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        MeasureSettings.model_validate(written)
