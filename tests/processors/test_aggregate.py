from typing import Any

from penstock.processors.aggregate import GRACE, AggregateSettings
from penstock.processors.chain import Chain
from penstock.testing.processing import ARRIVED, block_of, chain_of, context, decoded

START = ARRIVED // 60 * 60


def chain(**settings: Any) -> Chain:
    return chain_of(AggregateSettings.model_validate({"type": "aggregate", **settings}).build(context()))


def counts(came: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(event["window"]["start"][14:19], event.get("k"), event["count"]) for event in came]


def test_a_window_closes_when_an_event_of_a_later_one_comes() -> None:
    made = chain(by=["k"])
    came = [
        counts(decoded(made.process(block_of([{"k": key} for key in keys], START + at))))
        for at, keys in [(0, "aab"), (59, "b"), (60, "a"), (200, "c")]
    ]
    assert came == [[], [], [("33:00", "a", 2), ("33:00", "b", 2)], [("34:00", "a", 1)]]


def test_a_window_closes_in_time_with_no_event() -> None:
    made = chain()
    made.process(block_of([{}, {}], START + 5))
    assert made.due() == START + 60 + GRACE
    assert counts(decoded(made.tick(START + 62, START + 62))) == [("33:00", None, 2)]
    assert made.due() is None


def test_an_event_from_before_goes_into_the_open_window() -> None:
    made = chain()
    made.process(block_of([{}], START + 60))
    assert not decoded(made.process(block_of([{}], START + 59)))
    assert counts(decoded(made.process(block_of([{}], START + 120)))) == [("34:00", None, 2)]


def test_the_same_blocks_make_the_same_windows_however_they_are_cut() -> None:
    def run(step: int) -> list[dict[str, Any]]:
        made, came = chain(by=["k"]), []
        for at in range(0, 240, 20):
            block = block_of([{"k": "ab"[n % 2]} for n in range(12)], START + at)
            for first in range(0, 12, step):
                piece = block.cut(first)[1] if first else block
                piece = piece.cut(step)[0] if step < piece.count else piece
                came += decoded(made.process(piece))
        return came

    assert run(12) == run(5) == run(1) != []


def test_at_the_end_nothing_is_told_unless_it_is_asked_for() -> None:
    for partial in (False, True):
        made = chain(partial_at_end=partial)
        made.process(block_of([{}], START))
        came = decoded(made.tick(float("inf"), START))
        assert [(event["count"], event["partial"]) for event in came] == ([(1, True)] if partial else [])


def test_groups_are_bounded() -> None:
    made = chain(by=["k"], max_groups=2)
    made.process(block_of([{"k": key} for key in "abcad"], START))
    came = decoded(made.tick(START + 100, START + 100))
    assert [(event.get("k", event.get("other")), event["count"]) for event in came] == [
        ("a", 2),
        ("b", 1),
        (True, 2),
    ]


def test_what_is_not_wanted_goes_with_the_window() -> None:
    made = chain(where="n > 1", compute={"count": "count", "most": {"max": "n"}})
    (events,) = made.process(block_of([{"n": 1}, {"n": 5}, {"n": "x"}, {}], START))
    assert events.held is not None
    (stats,) = made.stats
    assert (stats.dropped, stats.errors) == (4, 1)
    (event,) = decoded(made.tick(START + 100, START + 100))
    assert (event["count"], event["most"]) == (1, 5)


def test_a_window_of_nothing_wanted_is_released_all_the_same() -> None:
    made = chain(where="false")
    (held,) = made.process(block_of([{}], START))
    (released,) = made.tick(START + 100, START + 100)
    assert (released.held, released.count) == (held.held, 0)
