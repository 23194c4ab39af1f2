from collections import Counter
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.expressions import MISSING
from penstock.processors.accumulators import MAKERS
from penstock.processors.groups import Groups, Value


def value(kind: str, field: str) -> Value:
    return Value(kind, field, partial(MAKERS[kind], 50, 3))


def groups(*by: str, most: int = 100, **compute: str) -> Groups:
    values = [Value("count", "", partial(MAKERS["count"], 0, 0))]
    return Groups(by, values + [value(kind, field) for kind, field in compute.items()], most)


keys = st.sampled_from(["a", "b", 1, 1.5, True, None, MISSING])


@given(st.lists(st.lists(st.tuples(keys, keys, st.integers(-5, 5)), min_size=1), max_size=4))
def test_counts_and_sums_as_one_by_one(slices: list[list[tuple[Any, Any, int]]]) -> None:
    made = groups("x", "y", sum="n")
    expected: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for some in slices:
        made.add(list(zip(*some, strict=True)), len(some))
        for x, y, n in some:
            expected[repr(x), repr(y)] += 1
            sums[repr(x), repr(y)] += n
    rows = {(repr(row.get("x", MISSING)), repr(row.get("y", MISSING))): row for row in made.rows()}
    assert {key: row["count"] for key, row in rows.items()} == dict(expected)
    assert {key: row["sum"] for key, row in rows.items()} == dict(sums)


def test_true_is_not_1() -> None:
    made = groups("x")
    made.add([[True, 1, 1.0, False, 0]], 5)
    rows = [(type(row["x"]), row["x"], row["count"]) for row in made.rows()]
    assert rows == [(bool, True, 1), (int, 1, 2), (bool, False, 1), (int, 0, 1)]


def test_objects_and_long_texts_are_groups_too() -> None:
    made = groups("x")
    made.add([[{"a": 1}, [2], "y" * 5000, "y" * 6000]], 4)
    assert [(row["x"][:7], row["count"]) for row in made.rows()] == [
        ('{"a":1}', 1),
        ("[2]", 1),
        ("yyyyyyy", 2),
    ]


def test_further_groups_are_one() -> None:
    made = groups("x", most=2, sum="n")
    made.add([["a", "b", "c", "d"], [1, 2, 3, 4]], 4)
    made.add([["d", "a"], [5, 6]], 2)
    assert made.rows() == [
        {"x": "a", "count": 2, "sum": 7},
        {"x": "b", "count": 1, "sum": 2},
        {"other": True, "count": 3, "sum": 12},
    ]


@pytest.mark.parametrize(
    ("column", "wrong", "total"),
    [
        ([1, "2", 3], 1, 4),
        ([True, [], {}], 3, None),
        ([None, MISSING, 2], 0, 2),
        ([1e308, -1e308, 10**400, 5], 3, 5),
        (["only", "text"], 2, None),
    ],
)
def test_what_is_no_number_is_told(column: list[Any], wrong: int, total: float | None) -> None:
    made = groups(sum="n", last="n")
    odd = made.add([column], len(column))
    assert odd == ({"n": wrong} if wrong else {})
    (row,) = made.rows()
    assert row.get("sum") == total
    assert row["count"] == len(column)
