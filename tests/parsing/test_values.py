from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.timestamps import Timestamps
from penstock.parsing.values import NOT_TEXT, Casts, Kind, typed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("-12", -12), ("999999999999999999", 999999999999999999), ("1.50", 1.5), ("-0.5", -0.5), ("1.5e3", 1500.0),
        ("true", True), ("false", False),
    ],
)  # fmt: skip
def test_numbers_and_booleans(text: str, value: object) -> None:
    made = typed(text)
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "007",
        "00",
        "12e4567",
        "1e5",
        "9" * 19,
        "1.",
        ".5",
        "+1",
        "0x1f",
        "1_000",
        "1.2.3",
        "True",
        "nan",
        "٣",
        "²",
        "--1",
        "tr",
        "1" + "0" * 5000,
    ],
)
def test_names_stay_names(text: str) -> None:
    assert typed(text) is text


@given(st.text(max_size=30))
def test_what_begins_otherwise_is_text(text: str) -> None:
    assert text[:1] in NOT_TEXT or typed(text) is text


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "0012", 12), ("int", "-5", -5), ("int", "5.0", "5.0"), ("int", "", ""), ("int", "9" * 30, "9" * 30),
        ("float", "5", 5.0), ("float", ".5e-3", 0.0005), ("float", "1e999", "1e999"), ("float", "inf", "inf"), ("float", "nan", "nan"),
        ("bool", "Yes", True), ("bool", "0", False), ("bool", "2", "2"),
        ("timestamp", "25/Nov/2026:10:00:00 +0100", "2026-11-25T09:00:00Z"), ("timestamp", "soon", "soon"),
        ("string", "12", "12"),
    ],
)  # fmt: skip
def test_casts_change_what_they_can(kind: Kind, text: str, value: object) -> None:
    fields: dict[str, Any] = {"a": text, "b": text}
    Casts({"a": kind, "gone": kind}, Timestamps()).apply(fields, 0.0)
    assert fields == {"a": value, "b": text}


def test_casts_leave_what_is_no_text() -> None:
    fields: dict[str, Any] = {"a": [1]}
    Casts({"a": "int"}, Timestamps()).apply(fields, 0.0)
    assert fields == {"a": [1]}
