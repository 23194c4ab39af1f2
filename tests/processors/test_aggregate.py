from collections.abc import Sequence
from typing import Any

import pytest

from penstock.processors.aggregate import GRACE, AggregateSettings
from penstock.processors.chain import Chain
from penstock.processors.events import Events
from penstock.testing import ManualClock
from penstock.testing.processing import block_of, chain_of, context, decoded

MINUTE = 1_793_000_040.0
"""A moment at which a window of a minute begins: 07:34:00."""


def chain(clock: ManualClock | None = None, **options: Any) -> Chain:
    settings = AggregateSettings.model_validate({"type": "aggregate", **options})
    return chain_of(settings.build(context(clock)))


def counts(flows: Sequence[Events]) -> list[tuple[str, int]]:
    return [(row["window_start"][11:19], row["count"]) for row in decoded(flows)]


def feed(made: Chain, arrived: float, events: int = 1) -> list[tuple[str, int]]:
    return counts(made.process(block_of([{"n": n} for n in range(events)], arrived)))


def test_a_window_is_told_when_a_later_one_begins() -> None:
    made = chain()
    assert feed(made, MINUTE, 3) == []
    assert feed(made, MINUTE + 59.9, 2) == []
    assert feed(made, MINUTE + 60) == [("07:34:00", 5)]
    assert feed(made, MINUTE + 600) == [("07:35:00", 1)]


def test_all_events_are_held_by_their_window() -> None:
    made = chain(where="n > 1")
    first, second = (made.process(block_of([{"n": 1}], MINUTE + at))[-1].held for at in (0, 30))
    *released, own = made.process(block_of([{"n": 2}], MINUTE + 60))
    assert first is not None
    assert first is second is not own.held
    assert [(flow.held, flow.count) for flow in released] == [(first, 0)], "none were counted, all are let go"


def test_blocks_a_little_late_belong_to_the_open_window() -> None:
    made = chain()
    feed(made, MINUTE + 1)
    assert feed(made, MINUTE - 3) == []
    assert feed(made, MINUTE + 60) == [("07:34:00", 2)]


def test_a_clock_set_back_does_not_keep_a_window_open_for_years() -> None:
    made = chain()
    feed(made, MINUTE + 86400 * 365)
    assert feed(made, MINUTE) == [("07:34:00", 1)]
    assert feed(made, MINUTE + 60) == [("07:34:00", 1)]


async def test_without_events_time_tells_it() -> None:
    clock = ManualClock(MINUTE + 10)
    made = chain(clock)
    assert made.due() is None
    feed(made, MINUTE + 10)
    assert made.due() == MINUTE + 60 + GRACE
    assert made.tick(MINUTE + 61, MINUTE + 61) == []
    await clock.advance(52)
    assert counts(made.tick(clock.time(), clock.time())) == [("07:34:00", 1)]
    assert made.due() is None
    assert feed(made, MINUTE + 59) == [], "what comes later than that is in the next window"
    assert feed(made, MINUTE + 120) == [("07:35:00", 1)]


@pytest.mark.parametrize(
    ("options", "now", "told"),
    [
        ({}, MINUTE + 10, []),
        ({"partial_at_end": True}, MINUTE + 10, [{"count": 1, "partial": True}]),
        ({"partial_at_end": True}, MINUTE + 61, [{"count": 1}]),
        ({}, MINUTE + 61, [{"count": 1}]),
    ],
)
def test_at_the_end(options: dict[str, Any], now: float, told: list[dict[str, Any]]) -> None:
    made = chain(ManualClock(now), **options)
    feed(made, MINUTE)
    rows = decoded(made.tick(float("inf"), now))
    assert [{name: row[name] for name in ("count", "partial") if name in row} for row in rows] == told


def test_the_same_blocks_make_the_same_windows() -> None:
    blocks = [block_of([{"level": "x", "d": n}] * n, MINUTE + 17.0 * n) for n in range(1, 20)]
    options: dict[str, Any] = {"by": ["level"], "compute": {"p": {"percentile": "d", "q": 90}, "n": "count"}}
    one, other = chain(**options), chain(**options)
    pieces = [piece for block in blocks for piece in (block.cut(1) if block.count > 1 else (block,))]
    assert decoded([flow for block in blocks for flow in one.process(block)]) == decoded(
        [flow for piece in pieces for flow in other.process(piece)]
    )


def test_where_it_cannot_be_worked_out_it_is_an_error_and_not_counted() -> None:
    made = chain(where="status > 400", compute={"count": "count", "sum": {"sum": "ms"}})
    made.process(block_of([{"status": "x"}, {"status": 500, "ms": "slow"}, {"status": 500, "ms": 2}], MINUTE))
    (stats,) = made.stats
    assert stats.errors == 2
    (row,) = decoded(made.process(block_of([{}], MINUTE + 60)))
    assert (row["count"], row["sum"]) == (2, 2)


def test_a_range_is_of_the_time_of_arrival() -> None:
    options: dict[str, Any] = {"from": "07:35"}
    made = chain(**options)
    feed(made, MINUTE, 5)
    assert feed(made, MINUTE + 60, 2) == []
    assert feed(made, MINUTE + 120) == [("07:35:00", 2)]


def test_cannot_stand_before_the_journal() -> None:
    assert "only what is behind the journal" in AggregateSettings(type="aggregate").misplaced()


def test_groups_by_fields_within_objects() -> None:
    made = chain(by=["context.route", "level"], compute={"count": "count"})
    made.process(block_of([{"context": {"route": "/a"}, "level": "info"}, {"level": "info"}], MINUTE))
    rows = decoded(made.process(block_of([{}], MINUTE + 60)))
    assert [row.get("context.route") for row in rows] == ["/a", None]
