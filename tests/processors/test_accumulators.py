from typing import Any

import pytest

from penstock.processors.accumulators import LONGEST, MAKERS, short


@pytest.mark.parametrize(
    ("kind", "slices", "result"),
    [
        ("count", [["a", 1], [{}]], 3),
        ("sum", [[1, 2], [3.5]], 6.5),
        ("sum", [], None),
        ("sum", [[2**62, 2**62]], 2.0**63),
        ("avg", [[1, 2], [6]], 3.0),
        ("min", [[3, 2], [5, 2.5]], 2),
        ("max", [[3, 2], [5, 2.5]], 5),
        ("min", [], None),
        ("first", [["a", "b"], ["c"]], "a"),
        ("last", [["a", "b"], ["c", "d"]], "d"),
        ("first", [[{"a": [1]}]], '{"a":[1]}'),
        ("distinct", [["a", "a", 1], [True, "b"]], 4),
        ("distinct", [], 0),
        ("top", [["a", "b", "b"], [7, 7, 7]], [{"value": "7", "count": 3}, {"value": "b", "count": 2}]),
        ("percentile", [[1, 2, 3, 100]], 100),
        ("percentile", [], None),
    ],
)
def test_results(kind: str, slices: list[list[Any]], result: Any) -> None:
    accumulator = MAKERS[kind](99, 2)
    for values in slices:
        accumulator.add(values)
    assert accumulator.result() == result


def test_long_texts_are_cut() -> None:
    assert len(short("x" * 5000)) == len(short(["x" * 5000])) == LONGEST
    top = MAKERS["top"](0, 1)
    top.add(["x" * 5000, "x" * 6000])
    assert top.result() == [{"value": "x" * LONGEST, "count": 2}]
