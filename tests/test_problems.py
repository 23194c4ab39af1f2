"""The parts of a message that the table of broken configurations does not reach."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from penstock.problems import did_you_mean, findings


class One(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["one"] = "one"
    size: int


class Two(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    size: int
    colour: str


class Whole(BaseModel):
    either: One | Two
    simple: int | list[int] | None = None
    flag: bool = False
    some: dict[str, list[One]] = {}
    row: tuple[One, ...] = ()
    deep: dict[str, dict[Annotated[str, StringConstraints(pattern="^[a-z]+$")], int]] = {}


def found(data: dict[str, object]) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(data)
    return [
        f"{'.'.join(map(str, item.path))}: {item.what} [{item.remedy}]"
        for item in findings(Whole, caught.value, data)
    ]


def test_of_several_shapes_the_closest_is_told() -> None:
    assert found({"either": {"size": "x"}}) == ["either.size: must be a whole number, not text []"]
    assert found({"either": {"name": "n", "size": 1, "color": "red"}}) == [
        "either.colour: is missing [add it]",
        "either.color: is not known here [did you mean colour?]",
    ]


def test_simple_shapes_are_told_once() -> None:
    assert found({"either": {"size": 1}, "simple": "x"}) == ["simple: must be a whole number, not text []"]


def test_keys_below_lists_and_maps_are_followed() -> None:
    assert found({"either": {"size": 1}, "some": {"a": [{"size": 1}, {"sice": 2}]}}) == [
        "some.a.1.size: is missing [add it]",
        "some.a.1.sice: is not known here [did you mean size?]",
    ]


def test_keys_below_tuples_are_followed() -> None:
    assert found({"either": {"size": 1}, "row": [{"size": 1}, {"size": "x"}]}) == [
        "row.1.size: must be a whole number, not text []"
    ]


def test_values_are_called_what_they_are() -> None:
    assert found({"either": {"size": 1}, "flag": []}) == ["flag: must be true or false, not a list []"]
    assert found({"either": {"size": 1}, "flag": None}) == [
        "flag: has no value [write one, or leave the key out]"
    ]


def test_nothing_known_nothing_said() -> None:
    assert did_you_mean("x", []) == ""
    assert did_you_mean("Batch", ["batch", "queue"]) == "did you mean batch?"


def test_only_names_of_sources_and_destinations_are_called_names() -> None:
    assert found({"either": {"size": 1}, "deep": {"x": {"a b": 1}}}) == [
        "deep.x.a b: does not match ^[a-z]+$ []"
    ]
