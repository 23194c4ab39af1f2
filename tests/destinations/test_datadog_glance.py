"""A look at a batch as a whole says the same as a look at each event, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.columns import Columns
from penstock.destinations.datadog_glance import Glance
from penstock.destinations.datadog_levels import MISREAD, misread
from penstock.testing.contract import batch_of

NOW = "2026-01-02T03:04:05Z"

levels: st.SearchStrategy[Any] = st.sampled_from(
    ["info", "WARN", "Error", *map(str, MISREAD), 30, 35, None, {}, [], "unheard-of"]
)
events = st.fixed_dictionaries(
    {}, optional={"timestamp": st.just(NOW) | st.none() | st.integers(-(2**63), 2**63 - 1), "level": levels, "ddtags": st.none() | st.just("a:b")}
)  # fmt: skip


@given(st.lists(events, min_size=1, max_size=4))
def test_where_it_gives_the_times_nothing_else_matters(events: list[dict[str, Any]]) -> None:
    batch = batch_of(events)
    times, levels, tags = Columns(["timestamp", "level", "ddtags"]).read(batch)
    seen = Glance("timestamp", "level").times(batch)
    if seen is not None:
        assert seen == times
        assert not misread(levels)
        assert not any(tags)


@pytest.mark.parametrize("level", ["info", "WARN", "Error", None])
def test_usual_events_need_no_other_look(level: str | None) -> None:
    assert Glance("timestamp", "level").times(batch_of([{"timestamp": NOW, "level": level}] * 2)) == [NOW] * 2
    assert Glance("timestamp", "").times(batch_of([{"timestamp": NOW, "level": 10}])) == [NOW]


@pytest.mark.parametrize(
    "line",
    [
        b'{"timestamp":"2026-01-02T03:04:05Z","level":"fine"}',
        b'{"timestamp":"2026-01-02T03:04:05Z","level":"info","lev\\u0065l":"fine"}',
        b'{"timestamp":"2026-01-02T03:04:05Z","dd\\u0074ags":"a:b"}',
        b'{"timestamp":1767323045}',
        b'{"timestamp":"\\ud800"}',
        b"{}",
    ],
)
def test_one_that_is_otherwise_needs_a_look(line: bytes) -> None:
    usual = b'{"timestamp":"2026-01-02T03:04:05Z","level":"info"}'
    assert Glance("timestamp", "level").times(batch_of([usual, line])) is None


@pytest.mark.parametrize(
    ("time", "level"), [("timestamp", "log.level"), ("level", "level"), ("ddtags", "level")]
)
def test_names_that_it_cannot_look_at_together(time: str, level: str) -> None:
    assert Glance(time, level).times(batch_of([{time: NOW}])) is None
