from typing import Any

from penstock.processors.throttle import ThrottleSettings
from penstock.testing.processing import ARRIVED, block_of, chain_of, context, decoded


def throttle(**settings: Any) -> ThrottleSettings:
    return ThrottleSettings.model_validate({"type": "throttle", "per": 10, **settings})


def numbers(events: list[dict[str, Any]]) -> list[Any]:
    return [event.get("n", {"left_out": event.get("throttled")}) for event in events]


def some(first: int, count: int, key: str = "a") -> list[dict[str, Any]]:
    return [{"k": key, "n": n} for n in range(first, first + count)]


def test_so_many_go_on_in_each_window() -> None:
    chain = chain_of(throttle(events=2).build(context()))
    came = [decoded(chain.process(block_of(some(10 * at, 3), ARRIVED + at))) for at in (0, 9, 10, 19)]
    assert list(map(numbers, came)) == [[0, 1], [], [{"left_out": 4}, 100, 101], []]
    assert chain.due() == ARRIVED + 20
    assert numbers(decoded(chain.tick(ARRIVED + 20, ARRIVED + 20))) == [{"left_out": 4}]
    assert chain.due() is None


def test_each_key_has_its_own() -> None:
    chain = chain_of(throttle(events=1, by=["k", "deep.er"]).build(context()))
    block = block_of([*some(0, 2, "a"), *some(5, 2, "b"), {"k": "a", "deep": {"er": [1]}, "n": 9}])
    assert numbers(decoded(chain.process(block))) == [0, 5, 9]
    told = decoded(chain.tick(float("inf"), ARRIVED))
    assert [(event["k"], event["throttled"]) for event in told] == [("a", 1), ("b", 1)]


def test_keys_are_bounded_and_nothing_goes_untold() -> None:
    chain = chain_of(throttle(events=1, by=["k"], max_keys=2).build(context()))
    block = block_of([event for key in "abc" for event in some(0, 2, key)])
    came = decoded(chain.process(block))
    assert [event["k"] for event in came if "throttled" in event] == ["a"]
    assert [event["k"] for event in came if "n" in event] == ["a", "b", "c"]


def test_a_clock_that_is_set_back_begins_anew() -> None:
    chain = chain_of(throttle(events=1, summary=False).build(context()))
    assert numbers(decoded(chain.process(block_of(some(0, 2), ARRIVED)))) == [0]
    assert numbers(decoded(chain.process(block_of(some(2, 2), ARRIVED - 3600)))) == [2]
    assert chain.due() is None


def test_what_is_owed_is_told_in_time_behind_windows_that_owe_nothing() -> None:
    chain = chain_of(throttle(events=1, by=["k"]).build(context()))
    chain.process(block_of(some(0, 1, "a"), ARRIVED))
    assert chain.due() is None
    chain.process(block_of(some(0, 2, "b"), ARRIVED + 5))
    due = chain.due()
    assert due == ARRIVED + 10
    assert decoded(chain.tick(due, due)) == []
    due = chain.due()
    assert due == ARRIVED + 15
    told = decoded(chain.tick(due, due))
    assert [(event["k"], event["throttled"]) for event in told] == [("b", 1)]
    assert chain.due() is None


def test_windows_that_end_at_once_are_told_little_by_little_and_begin_anew_all_the_same() -> None:
    chain = chain_of(throttle(events=1, by=["k"]).build(context()))
    keys = [f"k{number}" for number in range(1200)]
    chain.process(block_of([event for key in keys for event in some(0, 2, key)]))
    later = ARRIVED + 10
    came = decoded(
        chain.process(block_of(some(7, 2, keys[-1]), later))
    )  # its old window was not taken out yet
    assert [event["n"] for event in came if "n" in event] == [7]
    told = [event["k"] for event in came if "n" not in event]
    assert len(told) < len(keys)
    while (due := chain.due()) is not None and due <= later:
        told += [event["k"] for event in decoded(chain.tick(later, later))]
    assert sorted(told) == sorted(keys)
    assert [event["k"] for event in decoded(chain.tick(float("inf"), later))] == [keys[-1]]
