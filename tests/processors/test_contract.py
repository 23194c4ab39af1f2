"""Every kind of processor there is, found by itself, keeps what `processors/base.py` promises.

A kind takes part by its examples, which are those of the reference page.
"""

import json
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import penstock.processors
from penstock import plugins
from penstock.processors.base import ProcessorSettings
from penstock.processors.shown import Shown
from penstock.testing.processing import block_of, chain_of, check_processor, check_shown, context

KINDS = plugins.kinds(penstock.processors, ProcessorSettings, "penstock.processors")  # type: ignore[type-abstract] # it is only compared with
CASES = [pytest.param(name, shown, id=f"{name}-{number}")
         for name, kind in KINDS.items() for number, shown in enumerate(kind.shown, 1)]  # fmt: skip

names = st.sampled_from(["timestamp", "level", "message", "host", "context", "status"]) | st.text(max_size=4)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
events = st.lists(st.dictionaries(names, values, max_size=5), min_size=1, max_size=8)


@pytest.mark.parametrize("kind", KINDS)
def test_has_examples(kind: str) -> None:
    assert KINDS[kind].shown, "put one under `shown` in its settings: it goes onto the reference page"


@pytest.mark.parametrize(("kind", "shown"), CASES)
def test_examples_are_true(kind: str, shown: Shown) -> None:
    check_shown(KINDS[kind], shown)


def settings_of(kind: str, shown: Shown) -> ProcessorSettings:
    return KINDS[kind].model_validate({"type": kind, **shown.settings})


def dead_letter_options() -> list[tuple[str, str]]:
    return [
        (kind, name)
        for kind, model in KINDS.items()
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is Literal and "dead_letter" in get_args(field.annotation)
    ]


@pytest.mark.parametrize(("kind", "option"), dead_letter_options())
def test_no_dead_letters_before_the_journal(kind: str, option: str) -> None:
    """What would be refused there would be lost: the configuration is."""
    some = KINDS[kind].shown[0].settings
    settings = KINDS[kind].model_validate({"type": kind, **some, option: "dead_letter"})
    assert option in settings.misplaced()


@pytest.mark.parametrize(("kind", "shown"), CASES)
def test_takes_whatever_is_sent(kind: str, shown: Shown) -> None:
    check_processor(lambda: settings_of(kind, shown).build(context()))


@pytest.mark.parametrize(("kind", "shown"), CASES)
@settings(max_examples=30)
@given(some=events)
def test_no_event_vanishes_uncounted(kind: str, shown: Shown, some: list[dict[str, Any]]) -> None:

    chain = chain_of(settings_of(kind, shown).build(context()))
    flows = chain.process(block_of([json.dumps(event).encode() for event in some]))
    (stats,) = chain.stats
    assert "internal error" not in stats.last_error, stats.last_error
    assert stats.events_in + stats.added == stats.events_out + stats.dropped
    assert [len(flow.data().splitlines()) for flow in flows] == [flow.count for flow in flows]
