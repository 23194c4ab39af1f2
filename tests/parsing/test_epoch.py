from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.epoch import from_epoch


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1764064800, "2025-11-25T10:00:00Z"),
        (1764064800.5, "2025-11-25T10:00:00.5Z"),
        (1764064800123, "2025-11-25T10:00:00.123Z"),
        (1764064800123456, "2025-11-25T10:00:00.123456Z"),
        (1764064800123456789, "2025-11-25T10:00:00.123456789Z"),
        (1764064800000.0, "2025-11-25T10:00:00.0000Z"),
        (1.764064800123456e18, "2025-11-25T10:00:00.123456000Z"),
        ("1764064800.000000001", "2025-11-25T10:00:00.000000001Z"),
        ("1764064800123.456", "2025-11-25T10:00:00.123456Z"),
        (99_999_999_999, "5138-11-16T09:46:39Z"),
        (100_000_000_000, "1973-03-03T09:46:40.000Z"),
        (100_000_000, "1973-03-03T09:46:40Z"),
    ],
)
def test_the_size_tells_the_unit(value: float | str, expected: str) -> None:
    assert from_epoch(value) == expected


@pytest.mark.parametrize(
    "value", [0, 99_999_999, -1, 10**20, float("nan"), float("inf"), "", "1e9", " 1764064800", "٣" * 10]
)
def test_what_is_none(value: float | str) -> None:
    assert from_epoch(value) is None


@given(st.integers(10**8, 10**11 - 1))
def test_seconds_are_those_of_the_library(seconds: int) -> None:
    expected = datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    assert from_epoch(seconds) == from_epoch(str(seconds)) == expected
    assert from_epoch(f"{seconds}.25") == expected.replace("Z", ".25Z")
