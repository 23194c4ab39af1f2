from typing import Any

import pytest

from penstock.processors.dedupe import DedupeSettings
from penstock.testing.processing import ARRIVED, block_of, chain_of, context, decoded, process


def dedupe(**settings: Any) -> DedupeSettings:
    return DedupeSettings.model_validate({"type": "dedupe", **settings})


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({}, [0, 2, 3, 4]),
        ({"ignore": []}, [0, 1, 2, 3, 4]),
        ({"by": ["m"]}, [0, 2, 4]),
        ({"by": ["nowhere"]}, [0, 1, 2, 3, 4]),
        ({"by": ["m", "x"]}, [0, 2, 3, 4]),
    ],
)
def test_what_is_alike_goes_on_once(settings: dict[str, Any], left: list[int]) -> None:
    events: list[dict[str, Any]] = [
        {"timestamp": 1, "m": "a"}, {"m": "a", "timestamp": 2}, {"m": 1}, {"m": "a", "x": 1}, {"m": True},
    ]  # fmt: skip
    assert process(dedupe(**settings).build(context()), events) == [events[index] for index in left]


def test_after_the_window_it_goes_on_again_and_tells_how_many_did_not() -> None:
    chain = chain_of(dedupe(window=10, mark="repeats").build(context()))
    came = [decoded(chain.process(block_of([{"m": 1}], ARRIVED + at))) for at in (0, 4, 9, 10, 21)]
    assert came == [[{"m": 1}], [], [], [{"m": 1, "repeats": 2}], [{"m": 1}]]


def test_a_text_cannot_look_like_two() -> None:
    events = [{"a": 'x\0"y', "b": "z"}, {"a": "x", "b": 'y\0"z'}]
    assert process(dedupe(by=["a", "b"]).build(context()), events) == events


def test_memory_is_bounded() -> None:
    chain = chain_of(dedupe(max_entries=2).build(context()))
    block = block_of([{"m": n} for n in (1, 2, 3)])
    assert len(decoded(chain.process(block))) == 3
    assert decoded(chain.process(block_of([{"m": 1}, {"m": 3}]))) == [{"m": 1}]
