"""Times cut out by column are those that reading each event finds, or there are none."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.destinations.event_time import event_time
from penstock.destinations.leading_times import LeadingTimes, alike

LEAD = b'{"timestamp":"'
START = datetime.fromisoformat("2026-01-02T23:04:05.678901")


def lines_of(values: Sequence[str]) -> list[bytes]:
    return [json.dumps({"timestamp": value, "n": 1}, separators=(",", ":")).encode() for value in values]


def cut(values: Sequence[str], digits: int = 9) -> list[float] | None:
    """The times in seconds, in full."""
    times = LeadingTimes(LEAD, float, lambda text: float(b"0" + text), digits=digits).of(lines_of(values))
    return None if times is None else [second + fraction for second, fraction in zip(*times, strict=True)]


moments = st.lists(
    st.integers(0, 4_000_000).map(lambda ms: START + timedelta(milliseconds=ms))
    | st.datetimes(min_value=datetime.fromisoformat("1970-01-03"), max_value=datetime.fromisoformat("9999-12-30")),
    min_size=1,
    max_size=20,
)  # fmt: skip


@given(
    moments,
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    st.sampled_from(["", "Z", "+00:00", "-03:30", "+14:00"]),
    st.sampled_from(["T", " "]),
)
def test_they_are_what_reading_finds(moments: list[datetime], timespec: str, zone: str, sep: str) -> None:
    values = [moment.isoformat(sep, timespec) + zone for moment in moments]
    found = cut(values)
    assert found is not None
    assert found == pytest.approx([event_time(value) for value in values], abs=1e-5)
    assert cut(values, digits=3) == pytest.approx(found, abs=0.0011)


written = st.builds(
    "2026-01-02T0{}:{:02}:{:02}{}{}".format,
    st.integers(3, 4),
    st.integers(0, 61),
    st.integers(0, 61),
    st.sampled_from(["", ".5", ".25", ".678", ".6x8", ".123456"]),
    st.sampled_from(["Z", "z", "+01:00", "+99:00", '"Z']),
)


@given(st.lists(written, min_size=1, max_size=3) | st.text(max_size=40).map(lambda text: [text] * 2))
def test_what_is_no_time_is_never_taken_for_one(values: list[str]) -> None:
    found = cut(values)
    if found is not None:
        assert found == pytest.approx([event_time(value) for value in values], abs=1e-5)


def test_more_hours_than_are_remembered() -> None:
    times = LeadingTimes(LEAD, int, bytes)
    for hour in [*range(24), *range(24)]:
        value = f"2026-01-02T{hour:02}:04:05.678Z"
        assert times.of(lines_of([value])) == ([int(event_time(value) or 0)], [b".678"])


def test_lines_that_stand_in_a_text_themselves() -> None:
    quote = b'\\"'
    times = LeadingTimes(LEAD.replace(b'"', quote), int, bytes, quote=quote)
    line = lines_of(["2026-01-02T03:04:05.678Z"])[0]
    assert times.of([line.replace(b'"', quote)] * 2) == ([1767323045] * 2, [b".678"] * 2)
    assert times.of([line] * 2) is None


@pytest.mark.parametrize(
    ("other", "found"), [(b"a1c", True), (b"a9c", True), (b"axc", False), (b"b1c", False), (b"a1", False)]
)
def test_alike(other: bytes, found: bool) -> None:
    assert alike(b"a0c" + other, b"a0c", 2, {1}) == found
