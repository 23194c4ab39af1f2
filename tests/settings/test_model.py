"""The configuration is composed from the kinds that there are."""

from collections.abc import Callable
from typing import Literal

import pytest

from penstock.destinations.base import Destination, DestinationSettings
from penstock.settings import DestinationConfig, Settings, compose, composed
from penstock.sources.base import Source, SourceContext, SourceSettings


class In(SourceSettings):
    type: Literal["in"]

    def build(self, context: SourceContext) -> Source:
        raise NotImplementedError


class Out(DestinationSettings):
    type: Literal["out"]

    def build(self, name: str) -> Destination:
        raise LookupError(name)


def test_a_destination_is_its_kind_and_what_all_have(read: Callable[..., Settings]) -> None:
    settings = read(
        "sources: {a: {type: stdin}}\ndestinations: {b: {type: console, style: pretty, ordered: true}}\n"
    )
    destination = settings.destinations["b"]
    assert isinstance(destination, DestinationConfig)
    assert destination.type == "console"
    assert destination.ordered
    assert destination.enabled
    assert destination.retry.initial == 1.0


def test_one_kind_of_each_is_enough() -> None:
    model = compose({"in": In}, {"out": Out})
    settings = model.model_validate(
        {"sources": {"a": {"type": "in"}}, "destinations": {"b": {"type": "out"}}}
    )
    with pytest.raises(LookupError, match="b"):
        settings.destinations["b"].build("b")


def test_every_installed_kind_can_be_configured() -> None:
    model = composed()
    assert model is composed()
    assert {"tcp", "unix", "stdin"} <= _kinds(model, "sources")
    assert {"webhook", "file", "console"} <= _kinds(model, "destinations")


def _kinds(model: type[Settings], part: str) -> set[str]:
    (named,) = model.model_json_schema()["properties"][part]["patternProperties"].values()
    return set(named["discriminator"]["mapping"])
