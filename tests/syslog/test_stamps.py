import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from penstock.syslog.stamps import RFC3339, Calendar, nearest_year, stamp_of, zone_of


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("received", "month", "day", "year"),
    [
        ("2026-11-25", 11, 25, 2026),
        ("2027-01-01T00:00:01", 12, 31, 2026),
        ("2026-12-31T23:59:59", 1, 1, 2027),
        ("2026-07-01", 1, 1, 2026),
        ("2026-07-03", 1, 1, 2027),
        ("2026-03-01", 10, 1, 2025),
        ("2028-02-01", 2, 29, 2028),
        ("2027-06-01", 2, 29, 2028),
        ("2026-06-01", 2, 29, 0),
        ("2026-06-01", 6, 31, 0),
    ],
)
def test_the_year_is_the_one_that_is_nearest(received: str, month: int, day: int, year: int) -> None:
    assert nearest_year(month, day, at(received)) == year


@pytest.mark.parametrize(
    ("zone", "month", "clock", "minute"),
    [
        (UTC, 10, "22:14", "2026-10-11T22:14"),
        (ZoneInfo("Europe/Berlin"), 10, "22:14", "2026-10-11T20:14"),
        (ZoneInfo("Europe/Berlin"), 12, "22:14", "2026-12-11T21:14"),
        (ZoneInfo("Asia/Kolkata"), 10, "02:14", "2026-10-10T20:44"),
        (timezone(timedelta(hours=-5)), 10, "22:14", "2026-10-12T03:14"),
    ],
)
def test_a_minute_without_zone_is_in_that_of_the_calendar(
    zone: ZoneInfo, month: int, clock: str, minute: str
) -> None:
    calendar = Calendar(zone)
    for _ in range(2):  # worked out, and remembered
        assert calendar.minute(None, month, 11, clock, None, at("2026-10-12")) == minute


def test_a_zone_that_is_told_counts() -> None:
    calendar = Calendar(ZoneInfo("Europe/Berlin"))
    assert calendar.minute(2026, 10, 11, "22:14", UTC, 0) == "2026-10-11T22:14"


@pytest.mark.parametrize(("year", "month", "day"), [(2026, 2, 30), (2026, 13, 1), (0, 1, 1), (None, 4, 31)])
def test_a_day_that_is_not_gives_nothing(year: int | None, month: int, day: int) -> None:
    assert not Calendar(UTC).minute(year, month, day, "22:14", None, at("2026-10-12"))


@pytest.mark.parametrize(("year", "hours"), [(1, 5), (9999, -5)])
def test_a_day_before_or_after_all_time_gives_nothing(year: int, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    month, day, clock = (1, 1, "00:00") if year == 1 else (12, 31, "23:59")
    assert not Calendar(zone).minute(year, month, day, clock, None, 0)


def test_the_year_is_chosen_anew_each_day() -> None:
    calendar = Calendar(UTC)
    assert calendar.minute(None, 1, 1, "00:00", None, at("2026-07-01")) == "2026-01-01T00:00"
    assert calendar.minute(None, 1, 1, "00:00", None, at("2026-07-05")) == "2027-01-01T00:00"


def test_no_more_minutes_are_remembered_than_a_few() -> None:
    calendar = Calendar(UTC)
    for day in range(1, 29):
        for minute in range(0, 1440, 5):
            calendar.minute(None, 10, day, f"{minute // 60:02}:{minute % 60:02}", None, 0)
    assert len(calendar._minutes) < 3000


def is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def test_only_days_that_are_pass_as_they_stand() -> None:
    days = [
        f"{year}-{month:02}-{day:02}T22:14:15Z"
        for year in (1900, 2000, 2024, 2026, 2100)
        for month in range(14)
        for day in range(33)
    ]
    assert [day for day in days if re.fullmatch(RFC3339, day)] == [day for day in days if is_time(day)]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2003-10-11T22:14:15.003Z", True),
        ("2003-08-24T05:14:15.000003-07:00", True),
        ("2003-08-24T05:14:15.123456789+14:00", True),
        ("1985-04-12T19:20:50.52-04:00", True),
        ("2003-08-24T05:14:15", False),
        ("2003-08-24T24:14:15Z", False),
        ("2003-08-24T05:60:15Z", False),
        ("2003-08-24T05:14:60Z", False),
        ("2003-08-24T05:14:15.Z", False),
        ("2003-08-24T05:14:15+0200", False),
        ("2003-08-24T05:14:15+24:00", False),
        ("2003-08-24 05:14:15Z", False),
        ("٢٠٠٣-08-24T05:14:15Z", False),
    ],
)
def test_what_passes_as_it_stands(text: str, taken: bool) -> None:
    assert bool(re.fullmatch(RFC3339, text)) is taken


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Z", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("+02:00", 2),
        ("-0530", -5.5),
        ("CEST", None),
        ("+99:00", None),
        ("", None),
    ],
)
def test_zones(text: str, hours: float | None) -> None:
    zone = zone_of(text)
    assert (zone and zone.utcoffset(None)) == (None if hours is None else timedelta(hours=hours))


def test_a_time_of_ours() -> None:
    assert stamp_of(1_790_000_000.5) == "2026-09-21T14:13:20.500Z"
