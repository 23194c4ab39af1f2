"""What differs is told by field, and only that."""

from typing import Any

import pytest

from penstock.cli.compared import differences


@pytest.mark.parametrize(
    ("wanted", "got", "told"),
    [
        ([{"a": 1, "b": 2}], [{"b": 2, "a": 1}], []),
        ([{"l": [{"a": 1, "b": 2}]}], [{"l": [{"b": 2, "a": 1}]}], []),
        ([{"n": 1}], [{"n": 1.0}], []),
        ([{"n": [1]}], [{"n": [1.0]}], []),
        ([{"n": 1}], [{"n": True}], ["event 1: n is true, wanted 1"]),
        ([{"n": 0}], [{"n": None}], ["event 1: n is null, wanted 0"]),
        ([{"n": 1}], [{"n": "1"}], ['event 1: n is "1", wanted 1']),
        ([{"a": {"b": 1}}], [{"a": 1}], ['event 1: a is 1, wanted {"b":1}']),
        ([{"a": {"b": [1, {"c": 2}]}}], [{"a": {"b": [1, {"c": 3}]}}], ["event 1: a.b.1.c is 3, wanted 2"]),
        ([{"a": [1]}], [{"a": [1, 2]}], ["event 1: a is [1,2], wanted [1]"]),
        ([{"a": 1}], [{}], ["event 1: a is missing, wanted 1"]),
        ([{}], [{"a": {"b": 1}}], ['event 1: a is {"b":1}, wanted nothing']),
        ([{"a": 1}, {"a": 2}, {"a": 3}], [{"a": 2}, {"a": 3}], ['did not come: {"a":1}']),
        ([{"a": 2}, {"a": 3}], [{"a": 1}, {"a": 2}, {"a": 3}], ['came as well: {"a":1}']),
        ([{"a": 1}, {"a": 1}], [{"a": 1}], ['did not come: {"a":1}']),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 5}], ["event 2: a is 5, wanted 2"]),
        ([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}], ['did not come: {"a":2}', 'came as well: {"a":2}']),
    ],
)
def test_differences(wanted: list[Any], got: list[Any], told: list[str]) -> None:
    assert sorted(differences(wanted, got)) == sorted(told)


def test_partly_looks_at_the_fields_it_was_told_of_however_deep() -> None:
    wanted = [{"a": {"b": 1}, "l": [{"x": 1}]}]
    got = [{"a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 2}], "more": 1}]
    assert not list(differences(wanted, got, partly=True))
    got[0]["l"] = [{"x": 2, "y": 2}]
    assert list(differences(wanted, got, partly=True)) == ["event 1: l.0.x is 2, wanted 1"]
