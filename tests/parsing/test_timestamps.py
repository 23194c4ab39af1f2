from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.timestamps import Timestamps, normalise

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()

SHAPES = [
    ("2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z"),
    ("2026-11-25T10:00:00.123Z", "2026-11-25T10:00:00.123Z"),
    ("2026-11-25T10:00:00.123456789Z", "2026-11-25T10:00:00.123456789Z"),
    ("2026-11-25T10:00:00.1234567891Z", "2026-11-25T10:00:00.123456789Z"),
    ("2026-11-25t10:00:00z", "2026-11-25T10:00:00Z"),
    ("2026-11-25T10:00Z", "2026-11-25T10:00:00Z"),
    ("2026-11-25T10:00:00+01:00", "2026-11-25T09:00:00Z"),
    ("2026-11-25T10:00:00.5-0330", "2026-11-25T13:30:00.5Z"),
    ("2026-11-25T10:00:00+01", "2026-11-25T09:00:00Z"),
    ("2026-11-25T10:00:00+01:00[Europe/Berlin]", "2026-11-25T09:00:00Z"),
    ("2026-11-25 10:00:00,123", "2026-11-25T10:00:00.123Z"),
    ("2026-11-25 10:00:00,123 +0100", "2026-11-25T09:00:00.123Z"),
    ("2026-11-25 10:00:00.123 CET", "2026-11-25T09:00:00.123Z"),
    ("2026-11-25_10:00:00", "2026-11-25T10:00:00Z"),
    ("2026-11-25 10:00:00.123456789 +0000 UTC", "2026-11-25T10:00:00.123456789Z"),
    ("2026-11-25 10:00:00.123456789 +0100 CET m=+0.000012", "2026-11-25T09:00:00.123456789Z"),
    ("20261125T100000Z", "2026-11-25T10:00:00Z"),
    ("20261125T100000.5+0100", "2026-11-25T09:00:00.5Z"),
    ("20171223-22:15:29:606", "2017-12-23T22:15:29.606Z"),
    ("2026/11/25 10:00:00", "2026-11-25T10:00:00Z"),
    ("2026.11.25 10:00:00", "2026-11-25T10:00:00Z"),
    ("2026-1-5 9:05:07", "2026-01-05T09:05:07Z"),
    ("25/Nov/2026:10:00:00 +0100", "2026-11-25T09:00:00Z"),
    ("[25/Nov/2026:10:00:00 +0100]", "2026-11-25T09:00:00Z"),
    ("Wed, 25 Nov 2026 10:00:00 GMT", "2026-11-25T10:00:00Z"),
    ("Wed, 25 Nov 2026 10:00:00 -0500 (EST)", "2026-11-25T15:00:00Z"),
    ("25 Nov 2026 10:00 PST", "2026-11-25T18:00:00Z"),
    ("Wednesday, 25-Nov-2026 10:00:00", "2026-11-25T10:00:00Z"),
    ("Wed Nov 25 10:00:00 2026", "2026-11-25T10:00:00Z"),
    ("Wed Nov 25 10:00:00.123456 2026", "2026-11-25T10:00:00.123456Z"),
    ("Wed Nov 25 10:00:00 CET 2026", "2026-11-25T09:00:00Z"),
    ("Nov 25, 2026 10:00:00 AM", "2026-11-25T10:00:00Z"),
    ("Nov 25, 2026, 12:30:00 PM", "2026-11-25T12:30:00Z"),
    ("November 25, 2026 12:30 am", "2026-11-25T00:30:00Z"),
    ("Nov 25 10:00:00", "2026-11-25T10:00:00Z"),
    ("Nov  5 10:00:00.25", "2026-11-05T10:00:00.25Z"),
    ("Jan  1 00:00:01", "2027-01-01T00:00:01Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ("1764064800", "2025-11-25T10:00:00Z"),
    ("1764064800.123", "2025-11-25T10:00:00.123Z"),
    ("1764064800123456789", "2025-11-25T10:00:00.123456789Z"),
]
NO_TIMES = [
    "", "-", "now", "2026-11-25", "10:00:00", "12", "404", "03/04/2026 10:00:00", "2026-02-30T10:00:00Z", "2026-11-25T24:00:00Z",
    "2026-11-25T10:60:00Z", "2026-11-25T10:00:61Z", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z",
    "2026-11-25T10:00:00 IST", "2026-11-25T10:00:00+25:00", "2026-11-25T10:00:00Z and more", "Nov 25, 2026 13:00:00 PM",
    "Feb 30 10:00:00", "٢٠٢٦-11-25T10:00:00Z", "9" * 30, "2026-11-25T10:00:00." + "1" * 60 + "Z", "\0", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_shapes(text: str, expected: str) -> None:
    """And the second look, when it is known, says the same."""
    times = Timestamps()
    assert [times.normalise(text, NOW) for _ in range(3)] == [expected] * 3
    assert times.normalise(expected, NOW) == expected


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time(text: str) -> None:
    times = Timestamps()
    assert [times.normalise(text, NOW) for _ in range(2)] == [None, None]


@pytest.mark.parametrize("value", [None, True, [], {}, float("nan"), float("inf"), -1.0, 10**30, 5])
def test_values_that_are_no_time(value: object) -> None:
    assert normalise(value, NOW) is None


def test_numbers() -> None:
    assert normalise(1764064800.25, NOW) == "2025-11-25T10:00:00.25Z"
    assert normalise(1764064800123, NOW) == "2025-11-25T10:00:00.123Z"


def test_a_time_without_zone_is_in_the_one_that_is_given() -> None:
    """Summer time and all; a zone that is written wins."""
    berlin = ZoneInfo("Europe/Berlin")
    assert normalise("2026-07-25 10:00:00,5", NOW, zone=berlin) == "2026-07-25T08:00:00.5Z"
    assert normalise("2026-11-25 10:00:00", NOW, zone=berlin) == "2026-11-25T09:00:00Z"
    assert normalise("2026-11-25 10:00:00Z", NOW, zone=berlin) == "2026-11-25T10:00:00Z"


def test_the_year_of_a_time_without_one_follows_the_day_of_receipt() -> None:
    times = Timestamps()
    new_year = datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC).timestamp()
    assert times.normalise("Dec 31 23:59:59", NOW) == "2026-12-31T23:59:59Z"
    assert times.normalise("Mar  1 00:00:00", NOW) == "2027-03-01T00:00:00Z"
    assert times.normalise("Dec 31 23:59:59", new_year) == "2026-12-31T23:59:59Z"
    later = datetime(2027, 9, 1, tzinfo=UTC).timestamp()
    assert times.normalise("Dec 31 23:59:59", later) == "2027-12-31T23:59:59Z"


def test_formats_are_tried_in_order_and_nothing_else() -> None:
    times = Timestamps(formats=["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"])
    assert times.normalise("03/04/2026 10:00:00", NOW) == "2026-04-03T10:00:00Z"
    assert times.normalise("12/31/2026 10:00:00", NOW) == "2026-12-31T10:00:00Z"
    assert times.normalise("2026-11-25T10:00:00Z", NOW) is None
    assert times.normalise(1764064800, NOW) is None


def test_what_is_remembered_is_bounded() -> None:
    times = Timestamps()
    for number in range(10_000):
        times.normalise(f"{number} is no time", NOW)
        times.normalise(
            f"2026-11-25T10:{number // 60 % 60:02}:{number % 60:02}.{number:04}+{number % 24:02}:00", NOW
        )
    for known in (times._seconds.known, times._dates, times._rests):
        assert len(known) <= 4096


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.timezones()),  # noqa: DTZ001 - the zone comes beside
    st.sampled_from(["T", " "]),
)
def test_iso_in_any_zone_is_the_same_moment(moment: datetime, sign: str) -> None:
    offset = moment.utcoffset()
    if offset is None or offset.seconds % 60:
        return  # RFC 3339 cannot write it
    made = normalise(moment.isoformat(sign), NOW)
    assert made is not None
    assert made.endswith("Z")
    assert datetime.fromisoformat(made) == datetime.fromisoformat(moment.isoformat())


@given(st.one_of(st.text(max_size=80), st.from_regex(r"[0-9T:.,/ +Z-]{10,40}"), st.integers(), st.floats()))
def test_never_raises(value: object) -> None:
    made = normalise(value, NOW)
    assert made is None or normalise(made, NOW) == made
