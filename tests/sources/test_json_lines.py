import json

import msgspec
import pytest

from penstock.sources.json_lines import count_objects, is_object, is_utf8

OBJECTS = [
    b"{}",
    b'{"a":1}',
    b' \t{"a" : [1, {"b": null}], "c": "\\u00e9\\n\\ud83d\\ude00"} \r',
    b'{"a":1,"a":2}',
    b'{"n":-0.5e+10,"big":' + b"9" * 6000 + b',"e":1e999}',
    '{"ключ":"значение 😀"}'.encode(),
    b'{"del":"\x7f"}',
    b'{"deep":' + b"[" * 300 + b"]" * 300 + b"}",
]

OTHERS = [
    b"[]",
    b"1",
    b'"text"',
    b"null",
    b"{}{}",
    b"{},{}",
    b"{},4611686018427387904,{}",
    b"{}]",
    b"[{}",
    b"{}],[{}",
    b'{"a":1',
    b'{"a":1,}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":01}',
    b'{"a":1.}',
    b'{"a":"\t"}',
    b'{"a":"\x00"}',
    b"{}\x00",
    b'{"a":"\\x"}',
    b'{"a":"\\ud800"}',
    b'{"\\udc00":1}',
    b"{'a':1}",
    b"{a:1}",
    b"// {}",
    "\N{ZERO WIDTH NO-BREAK SPACE}{}".encode(),
    b"9" * 6000,
    b'{"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b"{" * 100_000,
]


@pytest.mark.parametrize("line", OBJECTS)
def test_an_object_is_one_alone_and_among_others(line: bytes) -> None:
    assert is_object(line)
    assert count_objects(line + b"\n") == 1
    assert count_objects(b'{"x":1}\n' + line + b"\n{}\n") == 3


@pytest.mark.parametrize("line", OTHERS, ids=lambda line: repr(line[:20]))
def test_anything_else_is_none_alone_or_among_others(line: bytes) -> None:
    assert not is_object(line)
    assert count_objects(line + b"\n") == -1
    assert count_objects(b'{"x":1}\n' + line + b"\n{}\n") == -1


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":[1\n2]}\n',
        b'{"a":1\n,"b":2}\n',
        b'{"a":"x\ny"}\n',
        b'{"a":[1\n2]}\n{},{}\n',
        b'{"a":[1\n2]}\n{},5,{}\n',
        b"{}\n\n{}\n",
        b"{}\n \n",
        b"\n",
        b'{"a":[1\n2\n3]}{}\n{}\n',
        b'{"a":{}\n{}}\n',
        b'{"a":[{}\n{}]}\n',
        b'{"a":[{}\n{}]}{}\n{}\n',
        b'{"a":"}\n{"}\n{}{}\n',
        b'{"a":{}\n{},"b":2}{}\n{}\n',
        b"{}\n{}{}\n{}\n",
        b"{}\n\n{}{}\n",
    ],
)
def test_a_newline_within_a_value_makes_up_for_nothing(data: bytes) -> None:
    assert count_objects(data) == -1


def test_what_is_taken_can_be_decoded_from_a_deeper_call() -> None:
    def deeper(levels: int, line: bytes) -> object:
        if levels:
            return deeper(levels - 1, line)
        return msgspec.json.decode(line, type=dict[str, msgspec.Raw])

    deepest = next(n for n in range(2000, 100, -1) if is_object(_nested(n)))
    assert deeper(25, _nested(deepest))  # raises RecursionError where too little is kept free


@pytest.mark.parametrize(
    ("data", "is_good"),
    [
        (b"", True),
        (b"plain", True),
        ("é😀".encode(), True),
        (b"\xff", False),
        (b"\xc0\x80", False),
        (b"\xed\xa0\x80", False),
        (b"caf\xc3", False),
    ],
)
def test_utf8_is_read_strictly(data: bytes, is_good: bool) -> None:
    assert is_utf8(data) is is_good


def _nested(depth: int) -> bytes:
    return json.dumps({"a": 0}).encode().replace(b"0", b"[" * depth + b"]" * depth)
