import re

import pytest

from penstock.destinations.readable import colored, plain

ESCAPES = re.compile("\x1b\\[[0-9;]*m")


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            b'{"timestamp":"2026-11-24T10:00:00Z","level":"error","message":"payment failed","order":17}',
            "2026-11-24T10:00:00Z error payment failed order=17",
        ),
        (b"{}", "- - -"),
        (b'{"message":null,"level":null}', "- - -"),
        (b'{"b":1,"a":2,"message":"m","c":true,"d":null}', "- - m b=1 a=2 c=true d=null"),
        (b'{"message":"m","why":"card declined","code":"E-7"}', '- - m why="card declined" code=E-7'),
        (b'{"message":"m","e":"","q":"a\\"b","s":"a=b"}', '- - m e="" q="a\\"b" s="a=b"'),
        (b'{"message":"m","o":{"a":[1,"x y"]},"n":1e400}', '- - m o={"a":[1,"x y"]} n=1e400'),
        (b'{"message":"one\\ntwo\\r\\n\\tthree"}', "- - one\\ntwo\\r\\n\\tthree"),
        (b'{"message":"\\u001b[2Jgone\\u0007"}', "- - \\u001b[2Jgone\\u0007"),
        (b'{"message":{"text":"x"},"level":3,"timestamp":1.5}', '1.5 3 {"text":"x"}'),
        ('{"message":"größe 漢字 😀\u2028\u202e"}'.encode(), "- - größe 漢字 😀\\u2028\\u202e"),
        (b'{"message":"m","a b":1,"":2}', '- - m "a b"=1 ""=2'),
        (b'{"message":"m","n":123456789012345678901234567890}', "- - m n=123456789012345678901234567890"),
    ],
)
def test_an_event_is_a_line_for_people(event: bytes, line: str) -> None:
    assert plain(event) == line
    assert re.sub(" +", " ", ESCAPES.sub("", colored(event))) == re.sub(" +", " ", line)


@pytest.mark.parametrize(
    "event",
    [
        b'{"x":' + b"[" * 3000 + b"]" * 3000 + b"}",
        b'{"message":"\\ud800"}',
        b"not json",
    ],
)
def test_what_cannot_be_taken_apart_is_shown_as_it_is(event: bytes) -> None:
    plain(event).encode()
    assert "\n" not in plain(event)


def test_levels_have_colours() -> None:
    assert "\x1b[31m" in colored(b'{"level":"ERROR","message":"m"}')
    assert "\x1b[32m" in colored(b'{"level":"info","message":"m"}')
    assert colored(b'{"level":"odd","message":"m"}').count("\x1b[") == 4
