from typing import Any

import pytest

from penstock.processors.events import Events
from penstock.processors.filter import FilterSettings
from penstock.testing.processing import block_of, chain_of, context, decoded, process

EVENTS: list[dict[str, Any]] = [
    {"n": 1, "level": "info"},
    {"n": "two"},
    {"n": 3, "level": "error"},
    {"level": None},
]


def filtering(where: str, **more: Any) -> FilterSettings:
    return FilterSettings.model_validate({"type": "filter", "where": where, **more})


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("true", [0, 1, 2, 3]),
        ("false", []),
        ('level == "error"', [2]),
        ('level != "error"', [0, 1, 3]),
        ("has(level)", [0, 2, 3]),
        ("has(nowhere)", []),
        ("level == null", [1, 3]),
        ('"n" in event && event["n"] == 3', [2]),
        ('n == 1 || level == "error"', [0, 2]),
    ],
)
@pytest.mark.parametrize("decode", [False, True])
def test_lets_through_what_the_condition_holds_for(where: str, left: list[int], decode: bool) -> None:
    events = Events(block_of(EVENTS))
    if decode:
        events.edit()
    filtering(where).build(context()).process(events)
    assert decoded([events]) == [EVENTS[index] for index in left]


@pytest.mark.parametrize(
    ("on_error", "left", "refused"),
    [("keep", [1, 2], []), ("drop", [2], []), ("dead_letter", [2], [1])],
)
def test_what_cannot_be_said_goes_where_the_option_says(
    on_error: str, left: list[int], refused: list[int]
) -> None:
    chain = chain_of(filtering("n > 2", on_error=on_error).build(context()))
    (events,) = chain.process(block_of(EVENTS))
    assert decoded([events]) == [EVENTS[index] for index in left]
    assert list(events.refused) == refused
    (stats,) = chain.stats
    assert (stats.errors, stats.dropped) == (1, len(EVENTS) - len(left))
    assert "string" in stats.last_error


def test_nothing_is_touched_where_all_is_let_through() -> None:
    events = Events(block_of(EVENTS))
    filtering('level != "debug"').build(context()).process(events)
    assert not events.changed


def test_dead_letters_are_behind_the_journal_only() -> None:
    assert not filtering("true").misplaced()
    assert "dead letters" in filtering("true", on_error="dead_letter").misplaced()


def test_one_expression_is_asked_of_each_event_once() -> None:
    assert process(filtering("n == 1").build(context()), EVENTS[:1]) == EVENTS[:1]
