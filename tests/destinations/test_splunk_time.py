"""Times as Splunk takes them: plain decimal, and not a digit less than the event has."""

import json
import re
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch
from penstock.destinations.event_time import event_time
from penstock.destinations.splunk_time import LONGEST, Times
from penstock.testing.contract import batch_of

ARRIVED = 1_793_000_000.0
PLAIN = re.compile(rb"\d+\.\d{3,9}")

TABLE = [
    ("2026-01-02T03:04:05Z", b"1767323045.000"),
    ("2026-01-02T03:04:05", b"1767323045.000"),
    ("2026-01-02 03:04:05.5Z", b"1767323045.500"),
    ("2026-01-02T03:04:05.678Z", b"1767323045.678"),
    ("2026-01-02T03:04:05.678+02:00", b"1767315845.678"),
    ("2026-01-02T03:04:05.123456-00:30", b"1767324845.123456"),
    ("2026-01-02T03:04:05.123456789Z", b"1767323045.123456789"),
    ("20260102T030405Z", b"1767323045.000"),
    (1767323045, b"1767323045.000"),
    (1767323045.25, b"1767323045.250"),
    (1767323045123, b"1767323045.123"),
    ("1767323045.123456", b"1767323045.123456"),
    (1e-300, b"0.000"),
    (0, b"0.000"),
    (-0.0, b"0.000"),
    (None, b"1793000000.000"),
    ("yesterday", b"1793000000.000"),
    ("2026-13-02T03:04:05Z", b"1793000000.000"),
    ("2026-01-02T03:04:05 maybe", b"1793000000.000"),
    ("1969-01-02T03:04:05Z", b"1793000000.000"),
    (-5, b"1793000000.000"),
    (True, b"1793000000.000"),
    ({"at": 1}, b"1793000000.000"),
]


@pytest.mark.parametrize(("value", "text"), TABLE)
def test_each_form(value: object, text: bytes) -> None:
    times, batch = Times("timestamp", b"<"), batch_of([{}])
    assert times.of(batch, [value]) == [b"<" + text]
    assert times.of(batch, [value]) == [b"<" + text], "and when it is met again"


@given(
    st.lists(
        st.one_of(st.text(max_size=30), st.integers(), st.floats(allow_nan=False), st.none()), min_size=1
    )
)
def test_whatever_is_said_it_is_plain_decimal(values: list[object]) -> None:
    for text, value in zip(Times("t").of(batch_of([{}] * len(values)), values), values, strict=True):
        assert PLAIN.fullmatch(text)
        assert len(text) <= LONGEST
        time = event_time(value)
        assert abs(float(text) - (ARRIVED if time is None else time)) < 1e-6 * max(1.0, float(text) / 1e9)


@given(
    st.lists(st.datetimes(min_value=datetime.fromisoformat("1970-01-03")), min_size=1, max_size=20),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    st.sampled_from(["", "Z", "+00:00", "-03:30", "+14:00"]),
)
def test_ahead_says_the_same_as_reading(moments: list[datetime], timespec: str, zone: str) -> None:
    values = [moment.isoformat(timespec=timespec) + zone for moment in moments]
    times = Times("timestamp", b"<")
    lines = [json.dumps({"timestamp": value, "n": 1}, separators=(",", ":")).encode() for value in values]
    read = times.of(batch_of(lines), values)
    ahead = times.ahead(lines)
    if ahead is None:  # one is beyond what a time can be
        assert any(event_time(value) is None for value in values)
    else:
        assert [b"".join(parts) for parts in zip(*ahead, strict=True)] == read


def ahead(*lines: bytes) -> list[bytes] | None:
    parts = Times("timestamp").ahead(lines)
    return None if parts is None else [b"".join(both) for both in zip(*parts, strict=True)]


GOOD = b'{"timestamp":"2026-01-02T03:04:05.678Z","n":1}'


@pytest.mark.parametrize(
    "other",
    [
        b"{}",
        b'{"n":1}',
        b'{"timestamp":null,"n":"aaaaaaaaaaaaaaaaaaaaaaaaaaa"}',
        b'{"timestamp":"2026-01-02T03:04:05.67Z","n":1}',
        b'{"timestamp":"2026-01-02T03:04:05.6789Z","n":1}',
        b'{"timestamp":"2026-01-02T03:04:05.6a8Z","n":1}',
        b'{"timestamp":"2026-01-02T03:04:05.678z","n":1}',
        b'{"timestamp":"2026-01-02T03:04:65.678Z","n":1}',
        b'{"timestamp":"2026-01-02T03:04:05.678Z\\u0041"}',
        b'{"timestamp":"9999-12-31T23:59:59x678Z","n":1}',
        b'{ "timestamp":"2026-01-02T03:04:05.678Z","n":1}',
        b'{"Timestamp":"2026-01-02T03:04:05.678Z","n":1}',
        b'{"timestamp":"' + b"\xc3\xa9" * 20 + b'"}',
    ],
)
def test_one_that_is_written_otherwise_has_all_of_them_read(other: bytes) -> None:
    assert ahead(GOOD, GOOD) == [b"1767323045.678"] * 2
    assert ahead(GOOD, other) is None
    assert ahead(other, GOOD) is None


def test_a_zone_of_one_is_not_that_of_the_next() -> None:
    there = GOOD.replace(b"Z", b"+01:00")
    times = Times("timestamp")
    for line, text in ((GOOD, b"1767323045"), (there, b"1767319445"), (GOOD, b"1767323045")):
        parts = times.ahead([line])
        assert parts is not None
        assert parts[0] == [text]


def test_more_times_than_are_remembered() -> None:
    values = [f"2026-01-{day:02}T{hour:02}:{minute:02}:00.{minute:03}Z" for day in (1, 2, 3, 4)
              for hour in range(24) for minute in range(60)]  # fmt: skip
    batch: Batch = batch_of([{"timestamp": value} for value in values])
    times = Times("timestamp")
    read = times.of(batch, values)
    assert [Decimal(text.decode()) for text in read] == [Decimal(str(event_time(value))) for value in values]
    parts = times.ahead(batch.lines())
    assert parts is not None
    assert [b"".join(both) for both in zip(*parts, strict=True)] == read
