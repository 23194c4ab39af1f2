from typing import Literal

import pytest

from penstock.errors import PluginError
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.build import build_chain
from penstock.processors.limit import LimitSettings
from penstock.testing.processing import context


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


def test_one_that_cannot_be_built_is_named() -> None:
    with pytest.raises(PluginError, match=r"^d\.1: d\.1 knows its place"):
        build_chain([LimitSettings(type="limit"), LostSettings(type="lost")], context(name="d"))
