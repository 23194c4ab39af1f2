from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from penstock.parsing.instants import Bounded, Known, Seconds, hour_of, second_of, with_fraction

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("year", "month", "day", "clock", "zone", "expected"),
    [
        (2026, 11, 25, (10, 0, 0), UTC, "2026-11-25T10:00:00"),
        (2026, 1, 1, (1, 0, 0), EAST, "2025-12-31T23:00:00"),
        (None, 12, 31, (23, 59, 59), UTC, "2026-12-31T23:59:59"),
        (None, 1, 1, (0, 0, 0), UTC, "2027-01-01T00:00:00"),
        (2016, 12, 31, (23, 59, 60), UTC, "2017-01-01T00:00:00"),
        (2026, 2, 29, (0, 0, 0), UTC, None),
        (2026, 11, 25, (24, 0, 0), UTC, None),
        (1, 1, 1, (0, 0, 0), EAST, None),
        (9999, 12, 31, (23, 59, 60), UTC, None),
    ],
)
def test_second(
    year: int | None, month: int, day: int, clock: tuple[int, int, int], zone: tzinfo, expected: str
) -> None:
    assert second_of(year, month, day, clock, zone, NOW) == expected


def test_a_fraction_is_as_it_was_written_up_to_nanoseconds() -> None:
    assert with_fraction("2026-11-25T10:00:00", "") == "2026-11-25T10:00:00Z"
    assert with_fraction("2026-11-25T10:00:00", "120") == "2026-11-25T10:00:00.120Z"
    assert with_fraction("2026-11-25T10:00:00", "1234567899") == "2026-11-25T10:00:00.123456789Z"


@pytest.mark.parametrize(
    ("hour", "half", "expected"), [(12, "a", 0), (1, "A", 1), (12, "P", 12), (11, "p", 23), (13, "", 13)]
)
def test_hours_of_half_days(hour: int, half: str, expected: int) -> None:
    assert hour_of(hour, half) == expected


@pytest.mark.parametrize("hour", [0, 13])
def test_there_is_no_such_hour_of_half_a_day(hour: int) -> None:
    assert hour_of(hour, "p") > 23


def test_what_is_known_is_worked_out_once_and_forgotten_when_it_is_much() -> None:
    asked: list[int] = []

    def work(key: int) -> int:
        asked.append(key)
        return key

    known: Known[int, int] = Known(work)
    assert [known[1], known[1], known[2]] == [1, 1, 2]
    assert asked == [1, 2]
    bounded: Bounded[int, int] = Bounded()
    for number in range(10_000):
        bounded[number] = number
    assert len(bounded) <= 4096
    assert bounded[9_999] == 9_999


def test_seconds_are_worked_out_anew_on_another_day() -> None:
    seconds: Seconds[str] = Seconds(lambda text, received: f"{text} {received // 86_400:.0f}")
    assert seconds.of("a", 100.0) == seconds.of("a", 200.0) == "a 0"
    assert seconds.of("a", 86_500.0) == "a 1"
