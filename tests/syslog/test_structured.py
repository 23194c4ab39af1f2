import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.syslog.structured import EXTENT, Elements, flat, parse


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("[id]", {"id": {}}),
        ('[a x="1"][b y="2"]', {"a": {"x": "1"}, "b": {"y": "2"}}),
        (r'[a x="say \"no\", \\ or \]"]', {"a": {"x": r'say "no", \ or ]'}}),
        (r'[a x="C:\new"]', {"a": {"x": r"C:\new"}}),
        ('[a x="1" x="2" x="3"]', {"a": {"x": ["1", "2", "3"]}}),
        ('[a x="1"][a x="2" y=""]', {"a": {"x": ["1", "2"], "y": ""}}),
        ('[origin@32473 ip="::1" soft_ware="é"]', {"origin@32473": {"ip": "::1", "soft_ware": "é"}}),
        ('[a x="un]escaped"]', {"a": {"x": "un]escaped"}}),
        ('[a x="two\nlines"]', {"a": {"x": "two\nlines"}}),
        ('[a  x="1" ]', {"a": {"x": "1"}}),
    ],
)
def test_elements(text: str, elements: Elements) -> None:
    assert parse(f"- {text} rest", 2) == (elements, 2 + len(text))


@pytest.mark.parametrize(
    "text", ["", "-", "[", "[]", "[a", "[a x]", '[a x="1]', r'[a x="1\"]', "[a x=1]", "[a b]"]
)
def test_what_is_not_well_formed_is_not_taken(text: str) -> None:
    assert parse(text) == ({}, 0)


def test_what_is_well_formed_before_it_is() -> None:
    assert parse('[a x="1"][b') == ({"a": {"x": "1"}}, len('[a x="1"]'))


NAMES = st.text(st.characters(codec="ascii", exclude_characters='= "]['), min_size=1).filter(
    lambda name: not re.search(r"[\s\x00-\x1f\x7f]", name)
)
VALUES = st.text(st.characters(exclude_categories=["Cs"]))


def written(elements: dict[str, dict[str, str]]) -> str:
    return "".join(
        f"[{name}{''.join(f' {key}={quoted(value)}' for key, value in parameters.items())}]"
        for name, parameters in elements.items()
    )


def quoted(value: str) -> str:
    return '"' + re.sub(r'["\\\]]', r"\\\g<0>", value) + '"'


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES), min_size=1))
def test_what_is_written_by_the_rules_comes_back(elements: dict[str, dict[str, str]]) -> None:
    text = written(elements)
    assert parse(text) == (elements, len(text))
    if "\n" not in text:
        assert re.fullmatch(EXTENT, text), "it must not end before the elements do"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[a b="1" c="2"][d e="3"]', {"sd.a.b": "1", "sd.a.c": "2", "sd.d.e": "3"}),
        ("[a][message]", {"sd.a": "", "sd.message": ""}),
        ('[a b="1"][a b="2"]', {"sd.a.b": ["1", "2"]}),
        ('[a.b c="1"][a b.c="2"]', {"sd.a.b.c": ["1", "2"]}),
    ],
)
def test_flat(text: str, expected: dict[str, object]) -> None:
    assert flat(parse(text)[0]) == expected


@given(st.text('\\"]ab'))
def test_what_escapes_goes(value: str) -> None:
    """As a single walk from the left would have it."""
    quoted_value = re.sub(r'(?<!\\)((?:\\\\)*+)"', r"\1", value)  # no end before the end
    if re.fullmatch(r'(?:[^"\\]|\\.)*+', quoted_value):
        wanted = re.sub(r'\\(["\\\]])', r"\1", quoted_value)
        assert parse(f'[a b="{quoted_value}"]')[0] == {"a": {"b": wanted}}
