"""Which event goes where, and that names are what the service allows."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from penstock.destinations.cloudwatch_names import GroupText, Place, Places, StreamText
from penstock.testing.contract import batch_of

GROUP = re.compile(r"[\.\-_/#A-Za-z0-9]{1,512}")  # as the service's model has them
STREAM = re.compile(r"[^:*]{1,512}")


def test_names_from_fields_and_the_date() -> None:
    places = Places("/shop/{service|other}", "{host}-%Y-%m-%d")
    batch = batch_of([{}] * 5)
    columns = {"service": ["web", None, "", "web", "a b"], "host": ["h1", "h1", "h:2*", "h1", None]}
    found, refused = places.of(batch, columns, [1_767_323_045_000] * 5)
    assert found == {
        Place("/shop/web", "h1-2026-01-02"): [0, 3],
        Place("/shop/other", "h1-2026-01-02"): [1],
        Place("/shop/other", "h_2_-2026-01-02"): [2],
    }
    assert refused == {4: "it has no field for the name of its stream: {host}-%Y-%m-%d"}
    assert set(places.paths) == {"service", "host"}


def test_two_names_that_are_mended_to_the_same_are_one_place() -> None:
    found, _ = Places("g", "{host}").of(batch_of([{}] * 3), {"host": ["a:b", "a_b", "a*b"]}, [])
    assert found == {Place("g", "a_b"): [0, 1, 2]}


def test_a_fixed_place_asks_for_nothing() -> None:
    places = Places("/shop/web", "s")
    assert (places.fixed, places.paths) == (Place("/shop/web", "s"), ())
    assert places.of(batch_of([{}, {}]), {}, [])[0] == {Place("/shop/web", "s"): range(2)}


def test_a_group_that_is_missing() -> None:
    found, refused = Places("{team}", "s").of(batch_of([{}]), {"team": [None]}, [])
    assert (found, refused) == ({}, {0: "it has no field for the name of its group: {team}"})


@given(st.text(), st.text())
def test_whatever_fields_hold_the_service_takes_the_names(group: str, stream: str) -> None:
    found, refused = Places("{g}", "{s}").of(batch_of([{}]), {"g": [group], "s": [stream]}, [])
    assert len(found) + len(refused) == 1
    for place in found:
        assert GROUP.fullmatch(place.group)
        assert STREAM.fullmatch(place.stream)
        assert place.stream.isprintable() or not re.search(r"[\x00-\x1f\x7f]", place.stream)
        assert not place.group.startswith("aws/")


def test_names_that_are_too_long_are_cut() -> None:
    found, _ = Places("{g}", "{s}").of(batch_of([{}]), {"g": ["aws/" + "g" * 600], "s": ["é" * 600]}, [])
    assert list(found) == [Place("_aws/" + "g" * 507, "é" * 512)]


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (GroupText, "my group", "' ' in it"),
        (GroupText, "grüp", "'ü' in it"),
        (GroupText, "g" * 513, "513 characters"),
        (GroupText, "aws/logs", "write /aws/"),
        (GroupText, "", "is empty"),
        (GroupText, "{team", "has no other"),
        (StreamText, "a:b", "':' in it"),
        (StreamText, "a*b", r"'\*' in it"),
        (StreamText, "a\nb", "control"),
        (StreamText, " ", "is empty"),
    ],
)
def test_what_stands_in_the_configuration_should_be_right(kind: Any, text: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("text", ["/aws/lambda/x", "a.b-c_d/e#f", "{service|a b}", "logs-%Y"])
def test_good_names_pass(text: str) -> None:
    assert TypeAdapter(GroupText).validate_python(text) == text
