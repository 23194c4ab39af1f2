"""Types that never go together are told before any event comes; what a field may hold is left to the event."""

import re

import pytest

from penstock.expressions import EvalError, ExpressionError, compile_expression


@pytest.mark.parametrize(
    ("text", "what", "column"),
    [
        ("size(a) > '3'", "> does not take int and string", 9),
        ("a == 1 && size(a) > '3'", "> does not take int and string", 19),
        ("1 + 'a'", "+ does not take int and string", 3),
        ("a.lower() - 1", "- does not take string and int", 11),
        ("timestamp(a) > '2026-01-01T00:00:00Z'", "> does not take timestamp and string", 14),
        ("duration('1h') > 5", "> does not take duration and int", 16),
        ("a % 2.0", "% does not take double", 3),
        ("null < 1", "< does not take null and int", 6),
        ("-'a'", "- does not take string", 1),
        ("a in 'abc'", "in looks into a list or a map, not string: write text.contains(part)", 3),
        ("'a' == 1", "== compares string with int, which are never equal", 5),
        ("event == 'x'", 'event is the whole event, event["event"] a field of that name', 7),
        ("a || 'x'", "|| takes conditions, and this is string", 6),
        ("!size(a)", "! takes a condition, and this is int", 2),
        ("a.size() ? 1 : 2", "? takes a condition, and this is int", 3),
        ("[1].contains(1)", "contains() takes string here, not list: write part in list", 1),
        ("a.contains(1)", "contains() takes string here, not int", 12),
        ("a.matches(5)", "matches() takes string here, not int", 11),
        ("size(1)", "size() takes bytes or list or map or string here, not int", 6),
        ("a.exists(x, x + 'a' - 1 == 2)", "- does not take string and int", 21),
        ("a.filter(x, 'a')", "filter() takes a condition, and this is string", 13),
        ("'a'.map(x, x)", "map() goes through a list or a map, not string", 5),
        ("'abc'[0]", "string has no fields and no elements: write text.charAt(0)", 6),
        ("size(a).b", "int has no fields", 8),
        ("a.getHours('Europe/Nowhere')", "is no time zone", 12),
        ("[a, 1 + 'a']", "+ does not take int and string", 7),
        ("{'k': 1 + 'a'}", "+ does not take int and string", 9),
    ],
)
def test_a_mistake_is_told_where_it_stands(text: str, what: str, column: int) -> None:
    with pytest.raises(ExpressionError, match=re.escape(what)) as caught:
        compile_expression(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "a > 'x'", "a == 1", "a + b", "1 == 1.0", "2u < 3", "1 + 1.5", "type(a) == int", "int == 1", "null == 'a'", "a == null",
        "a.map(x, x + 1)", "{'k': 1}.k == 'a'", "[1, 'a'][0] > 2", "a ? 1 : 'b'", "(a ? 1 : 'b') + 2", "dyn(1) == 'a'",
        "timestamp(a) - timestamp(b) > duration('1h')", "duration('1h') + timestamp(a) > now()", "size(null)",
        "event.event == 'x'", "a.exists(event, event == 'x')",
    ],
)  # fmt: skip
def test_what_an_event_may_make_right_is_taken(text: str) -> None:
    compile_expression(text)


def test_unchecked_it_is_left_to_the_event() -> None:
    """As CEL's own tests ask."""
    assert compile_expression("1 == 'a'", checked=False)({}) is False
    with pytest.raises(EvalError):
        compile_expression("a + (1 > 'a' ? 1 : 2)", checked=False)({"a": 1})
