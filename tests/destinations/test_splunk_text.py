"""Lines that Splunk takes apart into fields, read back as `KV_MODE = auto_escaped` does."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.destinations.splunk_text import splunk_line, splunk_text
from penstock.testing.contract import batch_of

ARRIVED = 1_793_000_000.25
AT = "2026-01-02T03:04:05.678Z"
PAIR = re.compile(r'([\w.:-]+)="((?:[^"\\]|\\.)*)"')


def line(event: dict[str, Any] | bytes, time_field: str = "timestamp") -> str:
    return splunk_line(event if isinstance(event, bytes) else json.dumps(event).encode(), ARRIVED, time_field)


def pairs(text: str) -> dict[str, str]:
    """What Splunk finds: names, and values whose escaped quotes and backslashes are read back."""
    return {name: re.sub(r'\\(["\\])', r"\1", value) for name, value in PAIR.findall(text)}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            {
                "timestamp": AT,
                "level": "error",
                "message": "payment failed",
                "context": {"order": 17, "ok": False},
            },
            f'{AT} level="error" payment failed order="17" ok="false"',
        ),
        (
            {"timestamp": AT, "message": "m", "context": {"trace": {"id": "4f", "deep": {"er": 1.5}}}},
            f'{AT} m trace.id="4f" trace.deep.er="1.5"',
        ),
        (
            {"timestamp": AT, "service": "shop", "message": "m", "context": {"a": "b"}, "host": "web-1"},
            f'{AT} m a="b" service="shop" host="web-1"',
        ),
        ({"message": 'say "hi"\nC:\\new'}, '2026-10-26T07:33:20.250Z say "hi"\\nC:\\new'),
        (
            {"timestamp": AT, "level": 'a"b\\c\nd', "context": {"p": 'say "hi"\r\nC:\\new\t\x1b\u2028'}},
            f'{AT} level="a\\"b\\\\c\\nd" p="say \\"hi\\"\\r\\nC:\\\\new\\t\\u001b\\u2028"',
        ),
        (
            {"timestamp": AT, "context": {"list": [1, "a", None], "none": None}},
            f'{AT} list="[1,\\"a\\",null]"',
        ),
        ({"timestamp": AT, "context": {"a b": 1, "": 2, "é=": 3}}, f'{AT} a_b="1" _="2" __="3"'),
        ({"timestamp": AT, "context": "text"}, f'{AT} context="text"'),
        ({"timestamp": AT, "message": {"a": [1]}}, f'{AT} {{"a":[1]}}'),
        ({"timestamp": 1767323045.678, "message": "m"}, f"{AT} m"),
        ({"timestamp": "2026-01-02 03:04:05+02:00", "message": "m"}, "2026-01-02T03:04:05+02:00 m"),
        ({"timestamp": "soon", "message": "m"}, "2026-10-26T07:33:20.250Z m"),
        ({}, "2026-10-26T07:33:20.250Z"),
    ],
)
def test_each_part(event: dict[str, Any], text: str) -> None:
    assert line(event) == text


def test_the_time_may_have_another_name() -> None:
    assert line({"at": AT, "timestamp": "x"}, "at") == f'{AT} timestamp="x"'


def test_what_cannot_be_taken_apart_goes_as_json() -> None:
    assert line(b'{"message":"\\ud800"}') == '2026-10-26T07:33:20.250Z {"message":"\\ud800"}'
    assert line(b'{"a":' * 3000 + b"1" + b"}" * 3000).endswith("}}}")


names = st.text("abcxyz_.:-", min_size=1, max_size=5).filter(
    lambda name: name not in ("context", "level", "message")
)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), max_size=10)


@given(st.dictionaries(names, texts), texts)
def test_values_are_read_back(context: dict[str, str], level: str) -> None:
    found = pairs(line({"timestamp": AT, "level": level, "context": context}))
    assert found == {**context, "level": level}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
events = st.dictionaries(st.sampled_from(["timestamp", "level", "message", "context", "host"]), anything)


@given(st.lists(events, min_size=1, max_size=5))
def test_an_event_is_always_one_line(given_events: list[dict[str, Any]]) -> None:
    text = splunk_text(batch_of([json.dumps(event).encode() for event in given_events])).decode()
    assert text.splitlines() == text[:-1].split("\n"), "no other line end of Unicode"
    assert len(text.splitlines()) == len(given_events)
