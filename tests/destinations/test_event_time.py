from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch
from penstock.destinations.event_time import event_time, event_times, iso
from penstock.testing.contract import batch_of

THEN = 1_767_323_045.0  # 2026-01-02T03:04:05Z


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-01-02T03:04:05Z", THEN),
        ("2026-01-02T03:04:05.678Z", THEN + 0.678),
        ("2026-01-02T03:04:05.123456789Z", THEN + 0.123456789),
        ("2026-01-02T04:04:05.5+01:00", THEN + 0.5),
        ("2026-01-02 03:04:05", THEN),
        ("2026-01-02T03:04:05,25", THEN + 0.25),
        ("1970-01-01T00:00:00Z", 0.0),
        (THEN, THEN),
        (int(THEN), THEN),
        (THEN * 1e3 + 678, THEN + 0.678),
        (int(THEN) * 10**6, THEN),
        (int(THEN) * 10**9, THEN),
        ("1767323045.25", THEN + 0.25),
        ("1767323045250", THEN + 0.25),
    ],
)
def test_times(value: object, seconds: float) -> None:
    assert event_time(value) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "value",
    [None, True, "", "yesterday", "2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T03:04:05.\u0661Z", "1e9", "-5", -5,
     float("nan"), float("inf"), 10**30, [], {}, "1767323045 ", "\u0661\u0667",
     "1000-01-01T00:00:00Z", "0x10"],
)  # fmt: skip
def test_no_times(value: object) -> None:
    assert event_time(value) is None


@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants them bare
def test_what_isoformat_writes_is_read_back(then: datetime) -> None:
    for text in (then.isoformat(), then.isoformat().replace("+00:00", "Z")):
        assert event_time(text) == pytest.approx(then.timestamp(), abs=1e-5)


shapes = st.tuples(
    st.datetimes(datetime(1969, 12, 30), datetime(9999, 12, 31)),  # noqa: DTZ001 - hypothesis wants them bare
    st.sampled_from(
        [
            "",
            "Z",
            "+00:00",
            "+01:30",
            "-23:59",
            "+24:00",
            "+0100",
            "-01",
            ".5Z",
            ".25-02:00",
            ",5Z",
            ".1234567891Z",
        ]
    ),
    st.sampled_from(["T", " ", "t"]),
)


@given(st.lists(shapes, max_size=20))
def test_a_look_is_as_good_as_reading(times: list[tuple[datetime, str, str]]) -> None:
    """The same for a batch, for one, and for datetime itself."""
    texts = [then.isoformat(sep, "seconds") + rest for then, rest, sep in times]
    batch = batch_of([{}] * len(texts), arrived=-1.0)
    for _ in range(2):  # the second time from memory
        for text, time in zip(texts, event_times(batch, texts), strict=True):
            assert (time if time != -1.0 else None) == event_time(text)
            try:
                read = datetime.fromisoformat(text)
                wanted = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
            except (ValueError, OverflowError):
                wanted = -1.0
            good = 0 <= wanted < 253_402_300_800
            assert time == pytest.approx(wanted if good else -1.0, abs=1e-5)


@given(st.text() | st.floats() | st.integers() | st.text("0123456789-T:.Z+"))
def test_whatever_comes_is_a_time_or_none(value: object) -> None:
    seconds = event_time(value)
    assert seconds is None or 0 <= seconds < 253_402_300_800


def test_an_event_that_says_no_time_has_that_of_its_arrival() -> None:
    first, second = batch_of([{}, {}], arrived=5.0), batch_of([{}], arrived=7.0)
    batch = Batch((*first.pieces, *second.pieces), 9.0)
    assert event_times(batch, [1767323045, None, "soon"]) == [1767323045.0, 5.0, 7.0]
    assert event_times(batch, None) == [5.0, 5.0, 7.0]


@given(st.integers(0, 253_402_300_799_999))
def test_a_time_as_text_is_read_back(milliseconds: int) -> None:
    text = iso(milliseconds / 1000)
    assert len(text) == len("2026-01-02T03:04:05.678Z")
    assert event_time(text) == pytest.approx(milliseconds / 1000, abs=1.1e-3)
