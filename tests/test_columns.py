import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from penstock.columns import Columns, as_text
from penstock.testing.contract import ODD_EVENTS, batch_of


def test_fields_are_read_and_inner_ones_too() -> None:
    events = [
        {"service": "api", "context": {"id": 7, "deep": {"x": "y"}}},
        {"service": None, "context": "text"},
        {"context.id": "flat", "context": {"id": "nested"}},
        {},
    ]
    columns = Columns(["service", "context.id", "context.deep.x", "if", "service"])
    assert columns.read(batch_of(events)) == [
        ["api", None, None, None],
        [7, None, "flat", None],
        ["y", None, None, None],
        [None] * 4,
        ["api", None, None, None],
    ]


def test_nothing_is_read_where_nothing_is_asked_for() -> None:
    assert Columns([]).read(batch_of([{}])) == []


def test_what_is_no_text_costs_only_its_own_event() -> None:
    lines = [
        b'{"m":"a"}',
        rb'{"m":"\ud800"}',
        b'{"n":1' + b"0" * 400 + b',"m":"b"}',
        b'{"m":' + b"[" * 2000 + b"]" * 2000 + b"}",
    ]
    (values,) = Columns(["m"]).read(batch_of(lines))
    assert values[0] == "a"
    assert values[1] in (None, "\ud800")
    assert values[2] == "b"
    assert len(values) == 4


def test_odd_events() -> None:
    (values,) = Columns(["message"]).read(batch_of(ODD_EVENTS))
    assert values == [event.get("message") for event in ODD_EVENTS]


names = st.text(st.characters(exclude_characters='"\\', exclude_categories=["Cc", "Cs"]), max_size=4)
events = st.dictionaries(names, st.integers(0, 9) | st.text("ab", max_size=3), max_size=4)


@given(st.lists(events, min_size=1, max_size=5), st.lists(names, min_size=1, max_size=3))
def test_it_is_what_json_says(events: list[dict[str, Any]], paths: list[str]) -> None:
    paths = [path for path in paths if "." not in path] or ["a"]
    found = Columns(paths).read(batch_of(json.dumps(event).encode() for event in events))
    assert found == [[event.get(path) for event in events] for path in paths]


def test_texts() -> None:
    values: list[Any] = ["a", "", True, False, 7, 1.5, None, [], {}]
    assert [as_text(value) for value in values] == [
        "a", "", "true", "false", "7", "1.5", None, None, None,
    ]  # fmt: skip
