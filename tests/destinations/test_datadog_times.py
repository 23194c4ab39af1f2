"""What the intake makes of the times of events, and what is done about it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch
from penstock.columns import Columns
from penstock.destinations.datadog_times import Times, Timing
from penstock.testing.contract import batch_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()
MS = round(NOW * 1000)


def looked_at(*events: Any, field: str = "timestamp", cut_at: float = NOW) -> Timing | None:
    batch = Batch(batch_of(events, arrived=NOW).pieces, cut_at)
    return Times(field).of(batch, *Columns([field]).read(batch))


@pytest.mark.parametrize(
    "event",
    [
        {"timestamp": "2026-01-02T03:04:05Z"},
        {"timestamp": "2026-01-02T03:59:59.123456789Z"},
        {"timestamp": "2026-01-02T04:04:05+01:00"},
        {"timestamp": "2026-01-02T03:04:05"},
        {"timestamp": MS},
        {"date": "2026-01-02T03:04:05Z"},
        {"@timestamp": MS},
        {"eventTime": "2026-01-02T03:04:05.000Z", "timestamp": None},
        {"timestamp": "Jan  2 03:04:05"},  # we cannot read it, the intake can
    ],
)
def test_all_is_well(event: dict[str, Any]) -> None:
    assert looked_at(event) is None
    assert looked_at(event, {"timestamp": "2026-01-02T03:00:00Z"}) is None


@pytest.mark.parametrize(
    "value", [MS // 1000, NOW, str(MS // 1000), "2026-01-02 03:04:05", "2026-01-02 04:04:05+01:00", MS * 1000, MS * 10**6]
)  # fmt: skip
def test_what_the_intake_would_misread_is_said_anew(value: object) -> None:
    assert looked_at({"timestamp": "2026-01-02T03:04:05Z"}, {"timestamp": value}) == Timing({}, {1: MS})
    assert looked_at({"date": value}) == Timing({}, {0: MS})


def test_an_event_without_a_time_gets_that_of_its_arrival() -> None:
    assert looked_at({}, {"timestamp": "2026-01-02T03:04:05Z"}) == Timing({}, {0: MS})
    assert looked_at({"timestamp": None, "message": "x"}) == Timing({}, {0: MS})


def test_a_time_that_stands_where_the_intake_does_not_look() -> None:
    events = (
        {"ts": "2026-01-02T03:04:05Z"},
        {"ts": NOW},
        {"ts": "Jan  2"},
        {"timestamp": "2026-01-02T03:00:00Z"},
    )
    assert looked_at(*events, field="ts") == Timing({}, {0: MS, 1: MS})


OLD, AHEAD = (
    "older than 18 h: the service would leave it out",
    "more than 2 h ahead: the service would leave it out",
)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2026-01-01T09:04:05Z", ""),
        ("2026-01-01T09:04:04.999Z", OLD),
        ("2026-01-01T09:04:04+00:00", OLD),
        ("2026-01-02T05:04:05Z", ""),
        ("2026-01-02T05:04:06Z", AHEAD),
        ("2026-01-02T03:04:05-12:00", AHEAD),
        ("2026-01-01T04:04:05-12:00", ""),
        (MS - 19 * 3_600_000, OLD),
        ("2000-01-01T00:00:00Z", OLD),
        ("1969-12-31T00:00:00Z", OLD),
        ("0001-01-01T00:00:00Z", OLD),
    ],
)
def test_what_the_intake_would_leave_out(value: object, why: str) -> None:
    for events, index in (([{"timestamp": value}], 0), ([{"timestamp": MS}, {"timestamp": value}], 1)):
        timing = looked_at(*events)
        assert timing == (Timing({index: why}, {}) if why else None)
    timing = looked_at({"date": value})
    assert (timing.untimely if timing else {}) == ({0: why} if why else {})


def test_an_event_that_waited_long_before_it_was_sent() -> None:
    timing = looked_at({}, {"timestamp": "2026-01-02T03:04:05Z"}, cut_at=NOW + 18.5 * 3600)
    assert timing is not None
    assert set(timing.untimely) == {0, 1}


written = st.builds(
    "2026-01-{:02}T{:02}:{:02}:05{}".format,
    st.integers(1, 3),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["Z", "+00:00", "-11:30", "+09:00", "", "z", "Z\n"]),
)
same_hour = st.builds(
    "2026-01-02T03:{:02}:{:02}{}".format,
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from(["Z", ".5Z", "+09:00", ""]),
)


@given(st.lists(written, min_size=1, max_size=4) | st.lists(same_hour, min_size=1, max_size=4))
def test_a_look_at_all_finds_what_a_look_at_each_finds(values: list[str]) -> None:
    found = looked_at(*[{"timestamp": value} for value in values], cut_at=NOW + 17 * 3600)
    each = {
        index: why
        for index, value in enumerate(values)
        # The number beside it is in no hour of theirs, so that each is read.
        if (alone := looked_at({"timestamp": value}, {"timestamp": MS}, cut_at=NOW + 17 * 3600))
        and (why := alone.untimely.get(0))
    }
    assert (dict(found.untimely) if found else {}) == each
