import base64
import json
import random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.sources.base import LineSettings, SourceContext, SourceStats
from penstock.sources.decode import MOST_ODD, Decoder
from penstock.testing import ManualClock

ARRIVED = 1_790_000_000.5
TIMESTAMP = "2026-09-21T14:13:20.500Z"
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
FRAGMENTS = [
    *(
        b"{}",
        b'{"a":1}',
        b'{"m":"x y"}',
        b'{"a":[1,',
        b"2]}",
        b'{"a":"',
        b'"}',
        b'{"a":{"b":',
        b"}}",
        b"{",
        b"}",
    ),
    *(
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"null",
        b"true",
        b"7",
        b"-",
        b"1e5",
        b"NaN",
        b"01",
        b",123,",
        b",0]",
    ),
    *(
        b",4611686018427387904,",
        b"9" * 30,
        b" ",
        b"\t",
        b"\r",
        b"\r\n",
        b"\n",
        b"\n",
        b"\n\n",
        b"\x00",
        b"\x0b",
    ),
    *(
        b"\xff",
        b"\xc3",
        b"\xa9",
        "é".encode(),
        "😀".encode(),
        BOM.encode(),
        b"\xed\xa0\x80",
        b"\x7f",
        b"\x1f",
    ),
    *(b'{"s":"\\ud800"}', b'{"s":"\\ud83d\\ude00"}', b'{"s":"\\u12"}', b'{"k\\n":[]}', b'{"t":"\t"}'),
    *(
        b"text",
        b"at com.example.Main",
        b"<34>1 - -",
        b'{"a":1}\n{"b":2}',
        b'{"a":1}{"b":2}',
        b'{"a":1},{"b":2}',
    ),
    *(
        b'{"d":' + b"[" * 50 + b"]" * 50 + b"}",
        b'{"d":' + b"[" * 3000 + b"]" * 3000 + b"}",
        b"\\n",
        b"\xe2\x80\xa8",
    ),
]


def decoder(
    invalid_utf8: Literal["replace", "base64"] = "replace", *, add_source: bool = False
) -> tuple[Decoder, SourceStats]:
    stats = SourceStats()
    settings = LineSettings(invalid_utf8=invalid_utf8, add_source=add_source)
    return Decoder(settings, SourceContext("app", "host-1", ManualClock()), stats), stats


def is_object(text: str) -> bool:
    """By the standard library, made strict."""

    def refuse(constant: str) -> object:
        raise ValueError(constant)

    try:
        value = json.loads(
            text,
            parse_constant=refuse,
            parse_int=str,
            parse_float=str,
            object_pairs_hook=lambda pairs: {"": pairs},
        )
        json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)


def expected(line: bytes) -> str | dict[str, str] | None:
    """What becomes of one line: the text of an object, the event made of a text, or nothing."""
    text = line.decode(errors="replace")
    if not text.strip(" \t\r"):
        return None
    for form in (text.removeprefix(BOM), text):
        if is_object(form):
            return form.replace("\r", "")
    return {"timestamp": TIMESTAMP, "message": text.removesuffix("\r")}


def check(raw: bytes, subject: Decoder, stats: SourceStats) -> None:
    before = (stats.events, stats.wrapped, stats.blank, stats.invalid_utf8)
    block = subject.block(raw, ARRIVED)
    lines = raw.split(b"\n")[:-1]
    wanted = [event for event in map(expected, lines) if event is not None]
    got = [] if block is None else block.data.decode().split("\n")
    if block is not None:
        assert got.pop() == ""
        assert (block.count, block.source, block.arrived) == (len(wanted), "app", ARRIVED)
    assert len(got) == len(wanted), raw
    for is_, should in zip(got, wanted, strict=True):
        if isinstance(should, str):
            assert is_ == should, raw
        else:
            assert json.loads(is_) == should, raw
        assert "\r" not in is_, raw
    texts = sum(isinstance(event, dict) for event in wanted)
    bad = sum(line != line.decode(errors="replace").encode() for line in lines)
    counted = (stats.events, stats.wrapped, stats.blank, stats.invalid_utf8)
    assert [now - then for now, then in zip(counted, before, strict=True)] == [
        len(wanted),
        texts,
        len(lines) - len(wanted),
        bad,
    ], raw


def hostile(rng: random.Random) -> bytes:
    if rng.random() < 0.4:  # mostly good lines, one attack among them
        lines = [b'{"a":%d}' % i for i in range(rng.randrange(1, 6))]
        lines.insert(rng.randrange(len(lines) + 1), b"".join(rng.choices(FRAGMENTS, k=rng.randrange(1, 5))))
        return b"\n".join(lines) + b"\n"
    return b"".join(rng.choices(FRAGMENTS, k=rng.randrange(1, 12))) + b"\n"


def test_hostile_blocks_become_what_a_line_by_line_reading_makes_of_them() -> None:
    subject, stats = decoder()
    rng = random.Random(1)
    for _ in range(4_000):
        check(hostile(rng), subject, stats)


@pytest.mark.integration
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(4))
def test_a_great_many_hostile_blocks(seed: int) -> None:
    subject, stats = decoder()
    rng = random.Random(1000 + seed)
    for _ in range(100_000):
        check(hostile(rng), subject, stats)


@given(st.lists(st.binary(max_size=40) | st.sampled_from(FRAGMENTS), max_size=12))
def test_any_bytes(parts: list[bytes]) -> None:
    subject, stats = decoder()
    check(b"".join(parts) + b"\n", subject, stats)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_a_valid_object_stays_byte_for_byte_beside_anything(value: object) -> None:
    line = json.dumps({"v": value}).encode()
    subject, _ = decoder()
    block = subject.block(line + b"\ngarbage\xff\n" + line + b"\n", ARRIVED)
    assert block is not None
    assert block.data.split(b"\n")[0] == block.data.split(b"\n")[2] == line


def test_a_large_block_of_objects_is_taken_as_it_is() -> None:
    raw = b"".join([b'{"n":%d,"text":"%s"}\n' % (n, b"x" * (n % 97)) for n in range(5_000)])
    subject, stats = decoder()
    block = subject.block(raw, ARRIVED)
    assert block is not None
    assert (block.data, block.count, stats.wrapped) == (raw, 5_000, 0)


def test_blank_and_empty_give_no_block() -> None:
    subject, stats = decoder()
    assert subject.block(b"", ARRIVED) is None
    assert subject.block(b"\n \r\n\t\n", ARRIVED) is None
    assert (stats.blank, stats.events) == (3, 0)


def test_a_last_line_without_newline_is_a_line() -> None:
    subject, _ = decoder()
    block = subject.block(b'{"a":1}\n{"b":2}', ARRIVED)
    assert block is not None
    assert block.lines() == [b'{"a":1}', b'{"b":2}']


def test_bytes_that_are_not_utf8_can_be_kept_whole() -> None:
    subject, stats = decoder("base64")
    block = subject.block(b'{"a":1}\ncaf\xe9\r\n{"b":"\xff"}\n', ARRIVED)
    assert block is not None
    first, *bad = block.lines()
    assert first == b'{"a":1}'
    assert [json.loads(line) for line in bad] == [
        {"timestamp": TIMESTAMP, "message_base64": base64.b64encode(text).decode()}
        for text in (b"caf\xe9", b'{"b":"\xff"}')
    ]
    assert (stats.invalid_utf8, stats.wrapped, stats.events) == (2, 2, 3)


def test_blocks_are_smaller_while_bytes_are_bad() -> None:
    subject, _ = decoder()
    most = subject.most_bytes
    subject.block(b"\xff\n", ARRIVED)
    assert subject.most_bytes == MOST_ODD < most
    subject.block(b"{}\n", ARRIVED)
    assert subject.most_bytes == most


def test_an_object_with_bad_bytes_stays_an_object() -> None:
    subject, stats = decoder()
    block = subject.block(b'{"b":"\xff"}\n', ARRIVED)
    assert block is not None
    assert json.loads(block.data) == {"b": "\N{REPLACEMENT CHARACTER}"}
    assert (stats.invalid_utf8, stats.wrapped) == (1, 0)


def test_source_is_added_to_texts_too() -> None:
    subject, _ = decoder(add_source=True)
    block = subject.block(b'hello\n{"source":"mine"}\n', ARRIVED)
    assert block is not None
    assert [json.loads(line) for line in block.lines()] == [
        {"source": "app", "timestamp": TIMESTAMP, "message": "hello"},
        {"source": "mine"},
    ]


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (b'{"a": 1,\r\n "b": 2}', {"a": 1, "b": 2}),
        (b"first\n\tsecond\n", {"timestamp": TIMESTAMP, "message": "first\n\tsecond\n"}),
        (b"caf\xe9\nx", {"timestamp": TIMESTAMP, "message": "caf\N{REPLACEMENT CHARACTER}\nx"}),
        (b'{"a": "x\ny"}', {"timestamp": TIMESTAMP, "message": '{"a": "x\ny"}'}),
        (b"{}\n{}", {"timestamp": TIMESTAMP, "message": "{}\n{}"}),
        (b"plain", {"timestamp": TIMESTAMP, "message": "plain"}),
        (b"\n \n", None),
    ],
)
def test_a_message_with_newlines_is_one_event(message: bytes, event: object) -> None:
    subject, stats = decoder()
    line = subject.line(message, ARRIVED)
    assert line.count(b"\n") == 1
    block = subject.block(line, ARRIVED)
    assert (json.loads(block.data) if block else None) == event
    assert stats.events == (event is not None)
