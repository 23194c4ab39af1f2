from typing import Literal

import pytest

from penstock.errors import PluginError
from penstock.expressions import compile_expression
from penstock.processors.base import OnError, Processor, ProcessorContext, ProcessorSettings
from penstock.processors.build import build_chain
from penstock.processors.limit import LimitSettings
from penstock.testing.processing import block_of, context


class LostSettings(ProcessorSettings):
    type: Literal["lost"]

    def build(self, context: ProcessorContext) -> Processor:
        raise PluginError(f"{context.name} knows its place, and nothing is there")


def test_none_where_none_are_asked_for() -> None:
    assert build_chain([], context()) is None


def test_each_is_named_by_its_place_and_kind() -> None:
    limit = LimitSettings(type="limit")
    chain = build_chain([limit, limit], context())
    assert chain is not None
    assert [stats.name for stats in chain.stats] == ["1-limit", "2-limit"]


@pytest.mark.parametrize(
    ("on_error", "left", "refused"),
    [("keep", 2, 0), ("drop", 1, 0), ("dead_letter", 1, 1)],
)
def test_where_match_cannot_be_worked_out_the_option_says_what_follows(
    on_error: OnError, left: int, refused: int
) -> None:
    chain = build_chain([], context(), compile_expression("n > 5"), on_error)
    assert chain is not None
    *_, events = chain.process(block_of([{"n": "text"}, {"n": 6}, {"n": 5}]))
    assert (events.count, len(events.refused)) == (left, refused)
    assert chain.stats[0].errors == 1


def test_one_that_cannot_be_built_is_named() -> None:
    with pytest.raises(PluginError, match=r"^d\.1: d\.1 knows its place"):
        build_chain([LimitSettings(type="limit"), LostSettings(type="lost")], context(name="d"))
