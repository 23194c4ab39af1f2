"""Patterns: found as `re` finds them where both can, in linear time, with mistakes told."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.regex import LONGEST, Match, PatternError, compile_pattern, escape

SAME_IN_BOTH = [
    "a",
    "b+",
    "[a-c]+",
    "(a)(b)?",
    "^a",
    "c$",
    "a|",
    "",
    "(?P<n>ä+)b?",
    r"\bé",
    "x*",
    "(?i)ß",
    ".",
]
TEXTS = st.text("abcxäéß \n€𝄞AB", max_size=30)


def places(found: list[Match[str]]) -> list[object]:
    return [(one.span(), one.group(), one.groups(), one.groupdict()) for one in found]


@pytest.mark.parametrize("text", [p for p in SAME_IN_BOTH if p not in (r"\bé", "(?i)ß", "c$")])
@given(subject=TEXTS)
def test_places_are_those_of_re(text: str, subject: str) -> None:
    """Of the characters too, where bytes are not characters."""
    expected = [
        (m.span(), m.group(), m.groups(), {k: v for k, v in m.groupdict().items() if v is not None})
        for m in re.finditer(text, subject)
    ]
    pattern = compile_pattern(text)
    assert places(list(pattern.finditer(subject))) == expected
    assert pattern.spans(subject) == [one.span() for one in pattern.finditer(subject)]
    assert pattern.test(subject) is bool(expected)
    for ours, theirs in (
        (pattern.search(subject), re.search(text, subject)),
        (pattern.match(subject), re.match(text, subject)),
        (pattern.fullmatch(subject), re.fullmatch(text, subject)),
    ):
        assert (ours and ours.span()) == (theirs and theirs.span())


@pytest.mark.parametrize("text", SAME_IN_BOTH)
@given(subject=TEXTS)
def test_bytes_and_text_agree(text: str, subject: str) -> None:
    pattern = compile_pattern(text)
    inside = [m.group() for m in pattern.finditer(subject)]
    if text:  # the empty pattern is found within a character as well
        assert [(m.group() or b"").decode() for m in pattern.finditer(subject.encode()) if m.group()] == [
            one for one in inside if one
        ]
    assert pattern.test(subject) is pattern.test(subject.encode())


@pytest.mark.parametrize(
    ("text", "subject", "becomes"),
    [
        ("[0-9]+", "a1b22", "a#b#"), ("x", "abc", "abc"), ("", "äb", "#ä#b#"), ("ä", "ää€ä", "##€#"), ("a*", "baac", "#b##c#"),
    ],
)  # fmt: skip
def test_replacing(text: str, subject: str, becomes: str) -> None:
    pattern = compile_pattern(text)
    assert pattern.sub("#", subject) == becomes
    assert pattern.sub(lambda _: "#", subject) == becomes


def test_a_replacement_is_taken_as_it_is_and_a_function_sees_the_groups() -> None:
    pattern = compile_pattern("(?P<user>[a-z]+)@(?P<host>[a-z]+)")
    assert pattern.sub(r"\1", "to bob@ex") == r"to \1"
    assert pattern.sub(lambda m: f"***@{m.group('host')}", "über bob@ex") == "über ***@ex"
    assert pattern.sub(lambda _: b"-", b"to bob@ex") == b"to -"
    assert pattern.names == {"user": 1, "host": 2}
    assert pattern.groups == 2


def test_groups_that_took_no_part() -> None:
    found = compile_pattern("(?P<a>x)|(?P<b>y)").search("y")
    assert found is not None
    assert found.groups() == (None, "y")
    assert found.groupdict() == {"b": "y"}
    assert (found.start("a"), found.end("b"), found.group("a")) == (-1, 1, None)
    with pytest.raises(KeyError):
        found.group("c")
    with pytest.raises(IndexError):
        found.group(3)


@pytest.mark.parametrize(
    ("text", "says", "position"),
    [
        ("a(b", "missing )", None), ("ab(?=c)", "look-around", 2), (r"(a)\1", "back-references", 3), ("x[z-a]", "z-a", 2),
        ("a\ud800", "surrogate", 1), ("a{1001}", "1000", 1), ("a" * (LONGEST + 1), "too long", None), ("*", "repetition", None),
    ],
)  # fmt: skip
def test_mistakes(text: str, says: str, position: int | None, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PatternError, match=re.escape(says)) as caught:
        compile_pattern(text)
    assert caught.value.position == position
    assert capfd.readouterr().err == "", "the library speaks by itself"


def test_what_would_hang_re_does_not() -> None:
    assert not compile_pattern("(a+)+$").test("a" * 100_000 + "b")


def test_lone_surrogates_are_question_marks() -> None:
    """JSON can carry them, UTF-8 cannot."""
    found = compile_pattern("b").search("ä\ud800b")
    assert found is not None
    assert found.span() == (2, 3)


def test_ignoring_case() -> None:
    assert compile_pattern("err", ignore_case=True).test("ERROR")
    assert not compile_pattern("err").test("ERROR")


@given(st.text(max_size=20).filter(lambda text: "\0" not in text and text.isprintable()))
def test_an_escaped_text_finds_itself(text: str) -> None:
    assert compile_pattern(escape(text)).fullmatch(text) is not None


@given(st.text(max_size=30))
def test_any_text_is_a_pattern_or_a_pattern_error(text: str) -> None:
    with contextlib.suppress(PatternError):
        compile_pattern(text)


def test_places_in_bytes_from_anywhere() -> None:
    pattern = compile_pattern("(?m:^a+)")
    data = "ä aa\naaa b\na\n".encode()
    assert [pattern.find(data, start) for start in (0, 6, 7, 12, 14)] == [6, 6, 12, 12, -1]
    assert [pattern.run(data, start) for start in (0, 6, 7, 12)] == [-1, 9, -1, 13]
