import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.json_text import JsonText
from penstock.parsing.values import Casts


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"a":1,"b":{"c":[true,null]}}', {"a": 1, "b": {"c": [True, None]}}),
        (' {"a":1}\n', {"a": 1}),
        ('@cee: {"a":1}', {"a": 1}),
        ('{"a":1,"a":2}', {"a": 2}),
        ('{"a":' + "[" * 99 + "]" * 99 + "}", {"a": json.loads("[" * 99 + "]" * 99)}),
        ('{"a":"' + "[{" * 200 + '"}', {"a": "[{" * 200}),
        ("{}", {}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_objects(text: str, fields: dict[str, Any]) -> None:
    assert JsonText().parse(text, 0.0) == fields


@pytest.mark.parametrize(
    "text",
    [
        "", "text", "[1]", "1", '{"a":1', '{"a":1} {"b":2}', '{"a":1e400}', r'{"a":"\ud800"}', '{"a":"\ud800"}', '{"a":NaN}', '{"a":"\0"}',
        '{"a":' + "[" * 100 + "]" * 100 + "}", '{"a":' * 100_000, "@cee:",
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert JsonText().parse(text, 0.0) is None


def test_fields_of_other_kinds() -> None:
    parser = JsonText(Casts({"at": "timestamp", "n": "int"}))
    assert parser.parse('{"at":1764064800123,"n":"7"}', 0.0) == {"at": "2025-11-25T10:00:00.123Z", "n": 7}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_reads_what_json_writes(fields: dict[str, Any]) -> None:
    assert JsonText().parse(json.dumps(fields), 0.0) == fields
