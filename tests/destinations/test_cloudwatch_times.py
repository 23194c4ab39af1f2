import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch
from penstock.destinations.cloudwatch_events import escaped_lines
from penstock.destinations.cloudwatch_times import LeadingMillis, arrivals, millis
from penstock.destinations.event_time import event_time
from penstock.testing.contract import batch_of

THEN = 1_767_323_045_000  # 2026-01-02T03:04:05Z

dates = st.datetimes().map(lambda then: then.isoformat()) | st.datetimes(timezones=st.timezones()).map(
    lambda then: then.isoformat()
)
usual = st.builds("2026-01-02T03:04:{:02d}.{:03d}Z".format, st.integers(0, 60), st.integers(0, 999))
odd = st.none() | st.integers() | st.floats() | st.text() | st.lists(st.integers()) | st.just({"a": 1})


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-02T03:04:05.678Z", THEN + 678),
        ("2026-01-02T03:04:05Z", THEN),
        ("2026-01-02T03:04:05", THEN),
        ("2026-01-02T03:04:05.5Z", THEN + 500),
        ("2026-01-02T03:04:05.6789Z", THEN + 678),
        ("2026-01-02T03:04:05.678901234Z", THEN + 678),
        ("2026-01-02T03:04:05.678901+00:00", THEN + 678),
        ("2026-01-02T05:04:05.678+02:00", THEN + 678),
        ("2026-01-02T05:04:05+02:00", THEN),
        ("2026-01-02 03:04:05.678", THEN + 678),
        ("1767323045678", THEN + 678),
        ("2026-01-02T03:04:05.67Z5", 7000),
        ("2026-01-02T03:04:05.678Z5", 7000),
        ("2026-01-02T03:04:05.6x8Z", 7000),
        ("2026-01-02T03:04:61.678Z", 7000),
        ("", 7000),
    ],
)
def test_a_date_has_its_time_alone_and_among_others(text: str, time: int) -> None:
    assert millis(batch_of([{}], arrived=7.0), [text]) == [time]
    assert millis(batch_of([{}] * 2, arrived=7.0), [text, "2026-01-02T03:04:05.001Z"]) == [time, THEN + 1]
    assert millis(batch_of([{}] * 2, arrived=7.0), ["2026-01-02T03:04:05.001001Z", text]) == [THEN + 1, time]
    assert millis(batch_of([{}] * 2, arrived=7.0), [text, None]) == [time, 7000]


@given(
    st.lists(usual | dates, min_size=1, max_size=5) | st.lists(usual | dates | odd, min_size=1, max_size=5)
)
def test_it_is_what_the_event_says_to_the_millisecond(values: list[object]) -> None:
    times = millis(batch_of([{}] * len(values), arrived=7.0), values)
    for time, value in zip(times, values, strict=True):
        seconds = event_time(value)
        assert -0.01 <= (7000 if seconds is None else seconds * 1000) - time < 1.01


def test_arrival() -> None:
    first, second = batch_of([{}, {}], arrived=5.0012), batch_of([{}], arrived=7.0)
    batch = Batch((*first.pieces, *second.pieces), 9.0)
    assert arrivals(batch) == [5001, 5001, 7000]
    assert millis(batch, [None, "soon", 1767323045]) == [5001, 5001, THEN]


@given(st.lists(usual | dates, min_size=1, max_size=5))
def test_times_that_lead_are_those_that_are_read(values: list[str]) -> None:
    batch = batch_of([{"timestamp": value} for value in values], arrived=7.0)
    found = LeadingMillis("timestamp").of(escaped_lines(batch.data))
    assert found in (None, millis(batch, values))


def test_times_that_lead_are_found() -> None:
    batch = batch_of([{"timestamp": f"2026-01-02T03:04:0{n}.678901Z"} for n in range(3)])
    assert LeadingMillis("timestamp").of(escaped_lines(batch.data)) == [
        THEN - 5000 + 678 + 1000 * n for n in range(3)
    ]
