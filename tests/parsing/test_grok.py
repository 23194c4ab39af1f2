from typing import Any

import pytest

from penstock.parsing.grok import Grok
from penstock.parsing.timestamps import Timestamps


def fields_of(pattern: str, text: str, **definitions: str) -> dict[str, Any] | None:
    return Grok([pattern], Timestamps(), definitions).parse(text, 0.0)


@pytest.mark.parametrize(
    ("pattern", "text", "fields"),
    [
        ("%{IP:client} %{WORD:method}", "from 10.0.0.1 GET", {"client": "10.0.0.1", "method": "GET"}),
        ("%{INT:a:int} %{NUMBER:b:float} %{WORD:c:bool}", "7 0.5 true", {"a": 7, "b": 0.5, "c": True}),
        ("%{HTTPDATE:at:timestamp}", "[25/Nov/2026:10:00:00 +0100]", {"at": "2026-11-25T09:00:00Z"}),
        ("%{WORD} %{WORD:b}", "one two", {"b": "two"}),
        ("(?<a>[a-z]+)-(?P<b>[0-9]+)", "x-1", {"a": "x", "b": "1"}),
        ("%{WORD:[http][method]} %{INT:[http][status]:int}", "GET 200", {"http": {"method": "GET", "status": 200}}),
        ("(?:%{INT:a}|%{WORD:a})", "x", {"a": "x"}),
        ("%{WORD:a.b}", "x", {"a.b": "x"}),
        ("%{DATA:a}!", "!", {}),
        ("%{WORD:a} %{WORD:[a][b]}", "x y", {"a": "x"}),
        ("a{2,3} %{INT:n}", "aaa 1", {"n": "1"}),
    ],
)  # fmt: skip
def test_references(pattern: str, text: str, fields: dict[str, Any]) -> None:
    assert fields_of(pattern, text) == fields


def test_definitions_come_first_and_may_use_others() -> None:
    assert fields_of("%{PAIR}", "id=7", PAIR="%{WORD:name}=%{INT:value:int}", WORD="[a-z]+") == {
        "name": "id",
        "value": 7,
    }


def test_the_first_pattern_that_is_found_counts() -> None:
    parser = Grok(["^%{INT:a}$", "%{WORD:b}"], Timestamps())
    assert parser.parse_all(["1", "x1", "!"], 0.0) == [{"a": "1"}, {"b": "x1"}, None]


@pytest.mark.parametrize(
    ("pattern", "definitions", "said"),
    [
        ("so %{NUMBR:a}", {}, r"names a pattern that is not known: %\{NUMBR\}; did you mean NUMBER\? \(at character 4\)"),
        ("%{WORD:a} (", {}, r"missing \): %\{WORD:a\} \("),
        ("%{WORD:a} x**", {}, r"\(at character 12\)"),
        ("%{WORD:a b}", {}, r"'a b' is no name of a field \(at character 8\)"),
        ("%{WORD:a:integer}", {}, r"'integer' is no kind of value.*\(at character 10\)"),
        ("%{WORD}", {}, "gives no field"),
        ("%{A:a}", {"A": "%{B}", "B": "x%{A}"}, "the definition A: .* is defined by itself: B → A → B"),
        ("%{A:a}", {"A": "(?=x)"}, "the definition A: .*look-around"),
        ("%{A:a}", {"A": "%{B}%{B}", "B": "x" * 3000}, "too long once put together"),
        ("%{A15:a}", {f"A{n}": f"%{{A{n - 1}}}" * 2 for n in range(1, 16)} | {"A0": ""}, "more than 1000 references|too long"),
    ],
)  # fmt: skip
def test_mistakes_point_at_their_place(pattern: str, definitions: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fields_of(pattern, "", **definitions)
