from typing import Any

import pytest

from penstock.processors.fields_at import Place


@pytest.mark.parametrize(
    ("path", "event", "found"),
    [
        ("a", {"a": 1}, 1),
        ("a", {"b": 1}, None),
        ("a", {"a": None}, None),
        ("a.b", {"a": {"b": 1}}, 1),
        ("a.b", {"a.b": 2, "a": {"b": 1}}, 2),
        ("a.b", {"a": 1}, None),
        ("a.b", {"a": {}}, None),
        ("a.b.c", {"a": {"b": {"c": [1]}}}, [1]),
        ("a.b.c", {"a": {"b": [1]}}, None),
    ],
)
def test_finds_a_field(path: str, event: dict[str, Any], found: object) -> None:
    place = Place(path)
    inner = place.within(event)
    assert (None if inner is None else inner[place.name]) == found


@pytest.mark.parametrize(
    ("path", "event", "after"),
    [
        ("a", {}, {"a": "x"}),
        ("a.b", {}, {"a": {"b": "x"}}),
        ("a.b", {"a": {"c": 1}}, {"a": {"c": 1, "b": "x"}}),
        ("a.b", {"a": 1}, {"a": {"b": "x"}}),
        ("a.b", {"a.b": 1}, {"a.b": "x"}),
        ("a.b.c", {"a": {"b": None}}, {"a": {"b": {"c": "x"}}}),
    ],
)
def test_makes_a_field(path: str, event: dict[str, Any], after: dict[str, Any]) -> None:
    place = Place(path)
    place.make(event)[place.name] = "x"
    assert event == after
