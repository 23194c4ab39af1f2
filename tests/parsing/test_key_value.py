from typing import Any

import pytest

from penstock.parsing.key_value import KeyValue
from penstock.parsing.values import Casts


@pytest.mark.parametrize(
    ("options", "text", "fields"),
    [
        ({}, "user=root tty='pts/0' uid=0", {"user": "root", "tty": "pts/0", "uid": 0}),
        ({}, "logname= uid=0 rhost=10.0.0.1  user=root ", {"uid": 0, "rhost": "10.0.0.1", "user": "root"}),
        ({}, "failed a=1", {"failed": True, "a": 1}),
        ({"pairs": ";", "key": ":"}, "user: root; cmd: ls -l ;took:0.5", {"user": "root", "cmd": "ls -l", "took": 0.5}),
        ({"pairs": ",", "key": "="}, 'a="x, y", b = "2" ,c=3,', {"a": "x, y", "b": "2", "c": 3}),
        ({"pairs": ", ", "key": ": "}, "a: 1, b: two words, c: 3", {"a": 1, "b": "two words", "c": 3}),
        ({"pairs": "||", "key": "=>"}, "a=>x|y||b=>2", {"a": "x|y", "b": 2}),
        ({"pairs": "|", "quotes": []}, 'a="b"|c=1', {"a": '"b"', "c": 1}),
        ({"pairs": "\t", "key": ":"}, "a:1\tb:2", {"a": 1, "b": 2}),
        ({"pairs": "&"}, "a=1&&b=2", {"a": 1, "b": 2}),
        ({"pairs": ";"}, r'a="x \"y\";"; b=1', {"a": 'x "y";', "b": 1}),
        ({"pairs": ";"}, 'a="x" y; b=1', {"a": '"x" y', "b": 1}),
    ],
)  # fmt: skip
def test_pairs(options: dict[str, Any], text: str, fields: dict[str, Any]) -> None:
    assert KeyValue(**options).parse(text, 0.0) == fields


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, ""),
        ({}, "just words"),
        ({}, "=1"),
        ({}, "a=1 =2"),
        ({"pairs": ";", "key": ":"}, "; ;"),
        ({"pairs": ";"}, "a=1; =2"),
    ],
)
def test_what_is_none(options: dict[str, Any], text: str) -> None:
    assert KeyValue(**options).parse(text, 0.0) is None


def test_kinds_by_name() -> None:
    assert KeyValue(Casts({"a": "string", "b": "bool"})).parse("a=1 b=yes", 0.0) == {"a": "1", "b": True}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pairs": ""}, "must not be empty"),
        ({"pairs": "=", "key": "="}, "cannot be told apart"),
        ({"pairs": " ", "key": "\t"}, "cannot be told apart"),
        ({"quotes": ["<<"]}, "a quote is one character"),
        ({"quotes": ["="]}, "a quote is one character"),
    ],
)
def test_mistakes(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        KeyValue(**options)
