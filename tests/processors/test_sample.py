from typing import Any

import pytest

from penstock.processors.sample import SampleSettings
from penstock.testing.processing import block_of, chain_of, context, process


def sample(**settings: Any) -> SampleSettings:
    return SampleSettings.model_validate({"type": "sample", **settings})


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0, 0, 0), (0.1, 850, 1150), (0.5, 4800, 5200), (1, 10_000, 10_000)]
)
@pytest.mark.parametrize("by", [[], ["trace"], ["trace", "n"]])
def test_about_that_share_goes_on(share: float, least: int, most: int, by: list[str]) -> None:
    events = [{"trace": f"t{n:05}", "n": n} for n in range(10_000)]
    assert least <= len(process(sample(share=share, by=by).build(context()), events)) <= most


def test_the_same_ones_in_every_process_and_a_trace_stays_whole() -> None:
    events = [{"trace": f"t{n // 10}", "n": n} for n in range(1000)]
    left = process(sample(share=0.3, by=["trace"]).build(context()), events)
    traces = {event["trace"] for event in left}
    assert left == [event for event in events if event["trace"] in traces]
    assert sorted(traces, key=lambda trace: int(trace[1:]))[:5] == FIRST


FIRST = ["t2", "t7", "t10", "t18", "t21"]


def test_an_event_without_the_key_counts_by_itself() -> None:
    left = process(sample(share=0.5, by=["trace"]).build(context()), [{"n": n} for n in range(1000)])
    assert 400 < len(left) < 600


def test_what_must_go_on_does_and_what_cannot_be_said_too() -> None:
    settings = sample(share=0, always="n > 1", mark="sampled")
    chain = chain_of(settings.build(context()))
    (events,) = chain.process(block_of([{"n": 1}, {"n": 2}, {"n": "x"}]))
    assert events.data() == b'{"n":2}\n{"n":"x"}\n'
    assert chain.stats[0].errors == 1
