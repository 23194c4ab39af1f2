"""The parts of a message that the table of broken configurations does not reach."""

from collections.abc import Sequence
from typing import Annotated, Literal

import pytest
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

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


class Checked(One):
    @model_validator(mode="after")
    def _small(self) -> "Checked":
        if self.size > 10:
            raise ValueError("is too large")
        return self


class Linked(BaseModel):
    size: int = Field(description="The [size](sizes.md) of it. More.")


class Whole(BaseModel):
    either: One | Two
    simple: int | list[int] | None = None
    flag: bool = False
    some: dict[str, list[One]] = {}
    row: tuple[One, ...] = ()
    deep: dict[str, dict[Annotated[str, StringConstraints(pattern="^[a-z]+$")], int]] = {}
    words: Sequence[str] = ()
    ones: Sequence[One] = ()
    word_or_one: Literal["count", "total"] | One = "count"
    kinds: Annotated[tuple[Literal["java", "go"], ...], BeforeValidator(str.split)] = ()
    word_or_checked: Literal["count"] | Checked = "count"
    linked: dict[str, Linked] = {}
    several: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)


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


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"words": "a"}, "words: must be a list, not text []"),
        ({"words": {"a": 1}}, "words: must be a list, not a group of keys []"),
        ({"ones": {"a": 1}}, "ones: must be a list, not a group of keys []"),
        ({"several": ["x"]}, "several.0: must be a whole number, not text []"),
        ({"kinds": "jva"}, "kinds.0: must be 'java' or 'go' [did you mean java?]"),
        ({"several": []}, "several: is empty []"),
        ({"word_or_one": "cuont"}, "word_or_one: must be 'count' or 'total' [did you mean count?]"),
        (
            {"word_or_one": {"size": 1, "sizes": 2}},
            "word_or_one.sizes: is not known here [did you mean size?]",
        ),
        ({"word_or_one": {"size": "x"}}, "word_or_one.size: must be a whole number, not text []"),
        (
            {"word_or_checked": {"sice": 1, "size": 1}},
            "word_or_checked.sice: is not known here [did you mean size?]",
        ),
        ({"word_or_checked": {"size": 11}}, "word_or_checked: is too large []"),
        ({"linked": {"a": {}}}, "linked.a.size: is missing [add it: The size of it]"),
    ],
)
def test_what_was_meant_is_told(data: dict[str, object], told: str) -> None:
    assert found({"either": {"size": 1}, **data}) == [told]


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
