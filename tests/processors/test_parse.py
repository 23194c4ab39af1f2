from typing import Any

import pytest

from penstock.processors.base import Processor
from penstock.processors.parse import ParseSettings
from penstock.testing.processing import block_of, chain_of, context, decoded, process

GOOD = {"message": '{"a":1,"message":"inner"}', "a": 0}
BAD = {"message": "not json", "a": 0}


def parse(**options: Any) -> Processor:
    return ParseSettings.model_validate({"type": "parse", "format": "json", **options}).build(context())


@pytest.mark.parametrize(
    ("options", "after"),
    [
        ({}, {"message": "inner", "a": 1}),
        ({"keep": False}, {"message": "inner", "a": 1}),
        ({"existing": "keep"}, {"message": "inner", "a": 0}),
        ({"target": "found"}, {"message": GOOD["message"], "a": 0, "found": {"a": 1, "message": "inner"}}),
        ({"target": "x.y", "keep": False}, {"a": 0, "x": {"y": {"a": 1, "message": "inner"}}}),
        ({"target": "a"}, {"message": GOOD["message"], "a": {"a": 1, "message": "inner"}}),
        ({"target": "a", "existing": "keep"}, GOOD),
        ({"target": "message"}, {"message": {"a": 1, "message": "inner"}, "a": 0}),
        ({"target": "message", "keep": False}, {"message": {"a": 1, "message": "inner"}, "a": 0}),
    ],
)
def test_where_it_goes(options: dict[str, Any], after: dict[str, Any]) -> None:
    assert process(parse(**options), [GOOD]) == [after]


def test_an_object_that_is_there_is_added_to() -> None:
    event = {"message": '{"a":1,"b":2}', "found": {"b": 0, "c": 3}}
    assert process(parse(target="found", keep=False), [event]) == [{"found": {"a": 1, "b": 2, "c": 3}}]
    assert process(parse(target="found", keep=False, existing="keep"), [event]) == [
        {"found": {"a": 1, "b": 0, "c": 3}}
    ]


def test_the_text_may_be_inside_an_object() -> None:
    event = {"raw": {"text": '{"a":1}', "more": 2}}
    assert process(parse(field="raw.text", keep=False), [event]) == [{"raw": {"more": 2}, "a": 1}]
    assert process(parse(field="raw.text"), [event]) == [event | {"a": 1}]
    assert process(parse(field="raw.text"), [{"raw.text": '{"a":1}'}]) == [{"raw.text": '{"a":1}', "a": 1}]


@pytest.mark.parametrize(
    "event", [{}, {"message": None}, {"message": 7}, {"message": ["x"]}, {"message": {"a": 1}}]
)
@pytest.mark.parametrize("on_failure", ["mark", "drop", "dead_letter"])
def test_without_a_text_an_event_goes_on_as_it_is(event: dict[str, Any], on_failure: str) -> None:
    assert process(parse(on_failure=on_failure), [event, GOOD]) == [event, {"message": "inner", "a": 1}]
    assert process(parse(on_failure=on_failure, field="message.x"), [event]) == [event]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, [BAD | {"parse_error": "json"}]),
        ({"mark": "odd", "keep": False}, [BAD | {"odd": "json"}]),
        ({"on_failure": "keep", "keep": False, "target": "x"}, [BAD]),
        ({"on_failure": "drop"}, []),
        ({"on_failure": "dead_letter"}, []),
    ],
)
def test_what_becomes_of_another_format(options: dict[str, Any], left: list[dict[str, Any]]) -> None:
    """It is counted, and its neighbours are none the wiser."""
    chain = chain_of(parse(**options))
    flows = chain.process(block_of([BAD, {"message": '{"a":1}'}, BAD]))
    good = [event for event in decoded(flows) if event not in left]
    assert len(good) == 1
    assert 1 in (good[0].get("a"), good[0].get("x", {}).get("a"))
    assert [event for event in decoded(flows) if event in left] == left * 2
    (stats,) = chain.stats
    assert (stats.errors, stats.last_error) == (2, "the text of message is not of the format json")
    refused = {0, 2} if options.get("on_failure") == "dead_letter" else set()
    assert set(flows[-1].refused) == refused


def test_events_are_left_alone_where_nothing_was_found() -> None:
    """Not even written anew."""
    line = b'{ "message" : "not json" }'
    flows = chain_of(parse(on_failure="keep")).process(block_of([line]))
    assert flows[-1].data() == line + b"\n"


def test_a_text_that_is_too_long_is_not_looked_at() -> None:
    events = [{"message": '{"a":"12345"}'}, {"message": '{"a":"1"}'}]
    assert process(parse(max_length=10, keep=False), events) == [
        events[0] | {"parse_error": "json"},
        {"a": "1"},
    ]


@pytest.mark.parametrize("value", [1764064800, 1764064800.0, "1764064800", "25/Nov/2025:10:00:00 +0000"])
def test_numbers_are_times_too(value: object) -> None:
    (event,) = process(parse(format="timestamp", field="at"), [{"at": value}])
    assert event["timestamp"].removesuffix("Z").removesuffix(".000000000") == "2025-11-25T10:00:00"


def test_the_year_is_that_of_the_arrival() -> None:
    processor = parse(format="syslog")
    for arrived, year in ((1_793_000_000.0, 2026), (1_830_000_000.0, 2028)):
        block = block_of([{"message": "<13>Jan  1 00:00:00 box app: x"}], arrived)
        (event,) = decoded(chain_of(processor).process(block))
        assert event["timestamp"] == f"{year + (year == 2026)}-01-01T00:00:00Z"
