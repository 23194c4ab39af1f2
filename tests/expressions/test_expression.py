import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from penstock.expressions import (
    MISSING,
    Condition,
    EvalError,
    Expression,
    ExpressionError,
    ExpressionField,
    compile_condition,
    compile_expression,
    plain,
)

EVENT: dict[str, Any] = {
    "level": "error", "status": 503, "duration_ms": 12.5, "message": "Pool exhausted: user=ana",
    "context": {"path": "/pay/now", "id": None, "b-c": 1}, "http.status": 404, "tags": ["a", "b"], "type": "audit",
    "ts": "2026-11-25T12:00:00Z", "int": 3, "flag": True, "empty": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('status >= 500 || level in ["warn", "fatal"]', True),
        ('level in ["a", "b", "c", "d", "error"]', True),
        ('tags in ["a", "b", "c", "d", "e"]', False),
        ('"b" in tags', True),
        ('"path" in context', True),
        ("status == 503.0", True),
        ("flag == 1", False),
        ("status in [1, 503]", True),
        ("status in [1, 2]", False),
        ("flag in [1, 2]", False),
        ("duration_ms * 2 in [1, 25]", True),
        ("nowhere in [1, 2]", False),
        ("flag == true", True),
        ("status > 502 && status < 504", True),
        ("status > 502.5", True),
        ("context.path", "/pay/now"),
        ("context['b-c']", 1),
        ('event["http.status"]', 404),
        ("event.context.path.size()", 8),
        ("tags[1]", "b"),
        ("tags[7]", MISSING),
        ('type == "audit"', True),
        ("type(status) == int", True),
        ("int", 3),
        ("context.path.startsWith('/pay')", True),
        ("message.matches('user=[a-z]+$')", True),
        ("message.lower().contains('pool')", True),
        ("timestamp(ts).getHours('Europe/Berlin')", 13),
        ("timestamp(ts) - duration('1h')", "2026-11-25T11:00:00Z"),
        ("duration_ms > 10.0 ? 'slow' : 'fast'", "slow"),
        ("tags.exists(tag, tag == 'b')", True),
        ("tags.map(tag, tag + '!')", ["a!", "b!"]),
        ("tags.filter(tag, tag != level)", ["a", "b"]),
        ("string(status) + '/' + level", "503/error"),
        ("{'a': status}.a", 503),
    ],
)
def test_reads_events(text: str, value: Any) -> None:
    assert plain(compile_expression(text)(EVENT)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nowhere == 'x'", False),
        ("nowhere != 'x'", True),
        ("nowhere == null", True),
        ("context.id == null", True),
        ("nowhere < 1", False),
        ("!(nowhere < 1)", True),
        ("nowhere.deeper.still == 1", False),
        ("has(nowhere)", False),
        ("has(context.id)", True),
        ("has(context.nowhere)", False),
        ("nowhere in ['a']", False),
        ("'a' in nowhere", False),
        ("nowhere.contains('a')", False),
        ("nowhere.startsWith('a')", False),
        ("nowhere.matches('a')", False),
        ("size(nowhere) > 3", False),
        ("nowhere.exists(x, true)", False),
        ("nowhere", False),
        ("level.path == 1", False),
    ],
)
def test_a_missing_field_is_no_error_in_a_condition(text: str, value: bool) -> None:
    assert compile_condition(text)(EVENT) is value


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("level > 1", "> does not take string and int"),
        ("nowhere + 1", "+ does not take missing and int"),
        ("status.contains('a')", "contains() does not take int and string"),
        ("status / 0", "/ by zero"),
        ("9223372036854775807 + status", "+ goes beyond 64 bits"),
        ("tags.map(x, x + 1)", "+ does not take string and int"),
        ("timestamp(level) > timestamp(ts)", "timestamp() takes RFC 3339, such as 2026-11-25T12:00:00Z"),
    ],
)
def test_what_cannot_be_worked_out_says_why(text: str, error: str) -> None:
    with pytest.raises(EvalError, match=re.escape(error)):
        compile_expression(text)(EVENT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("level > 1 || status == 503", True),
        ("status == 503 || level > 1", True),
        ("level > 1 && status == 1", False),
        ("!(level > 1 && status == 1)", True),
    ],
)
def test_the_other_side_may_decide_in_either_order(text: str, value: bool) -> None:
    assert compile_condition(text)(EVENT) is value


@pytest.mark.parametrize(
    ("text", "what", "column"),
    [
        ("status >", "ends too early", 9),
        ("level = 'x'", "write == to compare", 7),
        ("level == 'x", "the closing ' is missing", 10),
        ("foo(level)", "there is no function foo()", 1),
        ("level.startswith('a')", "did you mean startsWith?", 7),
        ("level.matches('(')", "is no pattern", 15),
        ("level.matches('(?=a)')", "look-around", 15),
        ("level and status", "write &&", 7),
        ("(level == 'x'", ") is missing", 14),
        ("status + 1", "a condition must be true or false", 8),
        ("'yes'", "a condition must be true or false", 1),
        ("timestamp('noon') < timestamp(ts)", "timestamp() takes RFC 3339", 1),
        ("size() > 1", "size() takes 1 value", 1),
        ("(" * 100, "nested", None),
        ("1" * 9000, "too long", None),
    ],
)
def test_a_mistake_points_at_its_character(text: str, what: str, column: int | None) -> None:
    with pytest.raises(ExpressionError, match=re.escape(what)) as caught:
        compile_condition(text)
    assert column is None or caught.value.column == column
    assert str(caught.value).endswith("^")


def test_what_only_the_values_make_wrong_is_left_to_the_event() -> None:
    """The other side of an || may decide."""
    assert compile_condition("1 / 0 == 1 || a")({"a": True}) is True
    with pytest.raises(EvalError, match="by zero"):
        compile_condition("1 / 0 == 1 || a")({"a": False})


@pytest.mark.parametrize(
    ("text", "fields", "whole"),
    [
        ("a == 1 && b.c == 2 && a < 3", ("a", "b.c"), False),
        ("event['x.y'] == 1", ("x.y",), False),
        ("event['x'].y == 1", ("x.y",), False),
        ("a['b.c'] == 1", ("a",), False),
        ("event['a.b'].c == 1", ("a.b",), False),
        ("event == {}", (), True),
        ("'a' in event", (), True),
        ("a.exists(x, x == b)", ("a", "b"), False),
        ("a[b]", ("a", "b"), False),
        ("true", (), False),
    ],
)
def test_says_what_it_reads(text: str, fields: tuple[str, ...], whole: bool) -> None:
    expression = compile_expression(text)
    assert (expression.fields, expression.whole) == (fields, whole)
    if not whole:
        expression.function(*[MISSING] * len(fields))


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("a.b.c", {"a": {"b": {"c": 1}}}),
        ("a.b.c", {"a.b.c": 1}),
        ("a['b.c']", {"a": {"b.c": 1}}),
        ("a.`b.c`", {"a": {"b.c": 1}}),
        ("event.a['b.c'].d", {"a": {"b.c": {"d": 1}}}),
        ("event['a.b'].c", {"a.b": {"c": 1}}),
        ("event['a.b']['c.d']", {"a.b": {"c.d": 1}}),
        ("event['a.b']", {"a": {"b": 1}}),
    ],
)
def test_a_dot_in_brackets_belongs_to_the_name(text: str, event: dict[str, Any]) -> None:
    assert compile_expression(text)(event) == 1
    assert compile_condition(f"has({text})")(event) is True


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("a.exists(x, x == '1')", 10_000),
        ("a.all(x, a.all(y, y == 'a'))", 99),  # those of the outer loop count as well
        ("a.all(x, a.all(y, a.all(z, z == 'a')))", 21),
        ("a.all(x, !(b in a))", 99),
        ("a.all(x, a == a)", 99),
        ("a.all(x, !t.contains('b'))", 909),  # 10 KiB are searched for each
        ("a.map(x, t + 'b')", 62),  # and kept
        ("a.map(x, t.upper())", 58),
    ],
)
def test_the_work_of_loops_is_bounded(text: str, most: int) -> None:
    event = {"t": "t" * 10 * 1024, "b": "b"}
    expression = compile_expression(text)
    expression({**event, "a": ["a"] * most})
    with pytest.raises(EvalError, match="the loops take more than 10,000 steps"):
        expression({**event, "a": ["a"] * (most + 1)})


@pytest.mark.parametrize(
    ("before", "after"),
    [("!(", ")"), ("-(", ")"), ("lower(", ")"), ("(", ' in ["a", "b", "c", "d", "e"])'), ("(", " >= 5)"), ("!(b || ", ")"),
     ("(true ? ", " : b)"), ("a[", "]"), ("[", "]"), ('{"k": ', "}"), ("a.all(x, ", ")"), ("(", ' + "a").contains("b")')],
)  # fmt: skip
def test_what_is_nested_deep_is_compiled_at_once(before: str, after: str) -> None:
    """Each level once: nothing that doubles with each."""
    for levels in (28, 60):
        with suppress(ExpressionError):
            compile_condition(before * levels + "a" + after * levels)


def test_is_a_value_of_the_configuration() -> None:
    adapter: TypeAdapter[Expression] = TypeAdapter(Condition)
    read = adapter.validate_python("level == 'x'")
    assert read({"level": "x"}) is True
    assert adapter.dump_python(read, mode="json") == "level == 'x'"
    assert read == adapter.validate_python("level == 'x'")
    assert read != TypeAdapter(ExpressionField).validate_python("level == 'x'")
    with pytest.raises(ValidationError, match=r"\^"):
        adapter.validate_python("level ==")
    with pytest.raises(ValidationError, match="in quotes"):
        adapter.validate_python(True)


words = st.sampled_from(
    ["a", "b.c", "event", "1", "1.5", "'x'", '"a"', "null", "true", "[1, 'a']", "{'k': 1}", "==", "!=", "<", ">=", "&&", "||", "!",
     "in", "+", "-", "*", "/", "%", "?", ":", "(", ")", "has(a)", "size(a)", "a.map(x, x)", "a.all(x, x == 1)", "a.contains('x')",
     "type(a)", "int", "timestamp(a)", "string(b)", "[", "]", ".", ","]
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=400)
@given(text=st.lists(words, max_size=9).map(" ".join) | st.text(max_size=20), a=values, c=values)
def test_nothing_but_its_own_errors_comes_of_any_text_and_any_event(text: str, a: Any, c: Any) -> None:
    for compiled in (compile_expression, compile_condition):
        try:
            expression = compiled(text)
        except ExpressionError:
            continue
        for event in ({}, {"a": a, "b": {"c": c}}):
            with suppress(EvalError):
                plain(expression(event))
