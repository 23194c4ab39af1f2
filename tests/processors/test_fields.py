from typing import Any

import pytest
from pydantic import ValidationError

from penstock.processors.fields import FieldsSettings
from penstock.testing.processing import block_of, chain_of, context, decoded, process


def fields(**settings: Any) -> FieldsSettings:
    return FieldsSettings.model_validate({"type": "fields", **settings})


@pytest.mark.parametrize(
    ("settings", "event", "after"),
    [
        ({"rename": {"a": "b"}}, {"a": 1, "b": 2}, {"b": 1}),
        ({"rename": {"a": "b"}}, {"c": 1}, {"c": 1}),
        ({"rename": {"a": "a"}}, {"a": 1}, {"a": 1}),
        ({"rename": {"a": "b", "b": "c"}}, {"a": 1}, {"c": 1}),
        ({"rename": {"a.b": "c.d"}}, {"a": {"b": 1}}, {"a": {}, "c": {"d": 1}}),
        ({"rename": {"a": "a.b"}}, {"a": 1}, {"a": {"b": 1}}),
        ({"copy": {"a": "b"}}, {"a": [1]}, {"a": [1], "b": [1]}),
        ({"remove": ["a", "b.c", "nowhere.deep"]}, {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3}}),
        ({"remove": ["a.b"]}, {"a.b": 1, "a": {"b": 2}}, {"a": {"b": 2}}),
        ({"keep": ["a", "b.c"]}, {"a": 1, "b": {"c": 2, "d": 3}, "e": 4}, {"a": 1, "b": {"c": 2}}),
        ({"keep": ["a.b"]}, {"a.b": 1, "a": {"b": 2}}, {"a.b": 1}),
        ({"keep": ["nowhere"]}, {"a": 1}, {}),
        ({"default": {"a": 1, "b": 2}}, {"a": None, "b": 0}, {"a": 1, "b": 0}),
        ({"set": {"a.b": 1}}, {"a": 5}, {"a": {"b": 1}}),
        ({"set": {"a": None}}, {}, {"a": None}),
        ({"compute": {"a": "b + 1", "c": "a * 2"}}, {"b": 1}, {"b": 1, "a": 2, "c": 4}),
        ({"compute": {"a": "nowhere"}}, {"a": 1}, {"a": 1}),
        ({"compute": {"a": 'timestamp("2026-01-01T00:00:00Z") + duration("1h")'}}, {}, {"a": "2026-01-01T01:00:00Z"}),
        ({"under": {"name": "x.y", "fields": ["a", "b.c"]}}, {"a": 1, "b": {"c": 2}}, {"b": {}, "x": {"y": {"a": 1, "c": 2}}}),
        ({"under": {"name": "x", "except": ["a"]}}, {"a": 1, "b": 2, "x": {"z": 3}}, {"a": 1, "x": {"z": 3, "b": 2}}),
        ({"flatten": "."}, {"a": {"b": {}, "c": {"d": [{"e": 1}]}}}, {"a.b": {}, "a.c.d": [{"e": 1}]}),
        ({"nest": "."}, {"a.b": 1, "a": 2, "..": 3, "c.d": 4, "c": {"e": 5}}, {"a.b": 1, "a": 2, "..": 3, "c": {"e": 5, "d": 4}}),
        ({"remove": ["a"], "set": {"a": 1}}, {"a": 0}, {"a": 1}),
    ],
)  # fmt: skip
def test_changes_fields(settings: dict[str, Any], event: dict[str, Any], after: dict[str, Any]) -> None:
    assert process(fields(**settings).build(context()), [event]) == [after]


@pytest.mark.parametrize("settings", [{}, {"on_error": "drop"}])
def test_nothing_to_do_is_a_mistake(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="has nothing to do"):
        fields(**settings)


def test_what_is_set_is_each_events_own() -> None:
    chain = chain_of(fields(set={"a": {}}).build(context()), fields(compute={"a.n": "n"}).build(context()))
    assert decoded(chain.process(block_of([{"n": 1}, {"n": 2}]))) == [
        {"n": 1, "a": {"n": 1}},
        {"n": 2, "a": {"n": 2}},
    ]


@pytest.mark.parametrize(
    ("on_error", "left", "refused"),
    [
        ("keep", [{"n": "x", "b": 1}, {"n": 1, "a": 2, "b": 1}], []),
        ("drop", [{"n": 1, "a": 2, "b": 1}], []),
        ("dead_letter", [{"n": 1, "a": 2, "b": 1}], [0]),
    ],
)
def test_what_cannot_be_computed_goes_where_the_option_says(
    on_error: str, left: list[Any], refused: list[int]
) -> None:
    chain = chain_of(fields(compute={"a": "n + 1", "b": "1"}, on_error=on_error).build(context()))
    (events,) = chain.process(block_of([{"n": "x"}, {"n": 1}]))
    assert decoded([events]) == left
    assert list(events.refused) == refused
    assert chain.stats[0].last_error == "a: + does not take string and int"
