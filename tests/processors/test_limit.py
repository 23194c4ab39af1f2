from typing import Any

import pytest

from penstock.processors.limit import LimitSettings
from penstock.testing.processing import context, process


@pytest.mark.parametrize(
    ("settings", "event", "after"),
    [
        ({"max_length": 3}, {"a": "abc"}, {"a": "abc"}),
        ({"max_length": 3}, {"a": "abcd"}, {"a": "abc…[cut]"}),
        ({"max_length": 3, "mark": ""}, {"a": "äöüß"}, {"a": "äöü"}),
        ({"max_length": 3}, {"a": ["abcd", {"b": "abcd"}, 12345, None]}, {"a": ["abc…[cut]", {"b": "abc…[cut]"}, 12345, None]}),
        ({"max_length": 3, "fields": ["a.b"]}, {"a": {"b": "abcd"}, "c": "abcd"}, {"a": {"b": "abc…[cut]"}, "c": "abcd"}),
        ({"max_length": 3, "fields": ["a"]}, {"a": {"b": ["abcd"]}}, {"a": {"b": ["abc…[cut]"]}}),
        ({"max_length": 3, "fields": ["nowhere", "n"]}, {"n": 123456}, {"n": 123456}),
        ({"max_length": 3}, {"a long name stays": 1}, {"a long name stays": 1}),
    ],
)  # fmt: skip
def test_cuts_long_text_only(settings: dict[str, Any], event: dict[str, Any], after: dict[str, Any]) -> None:
    processor = LimitSettings.model_validate({"type": "limit", **settings}).build(context())
    assert process(processor, [event]) == [after]
