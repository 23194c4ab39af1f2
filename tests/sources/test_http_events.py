import itertools
from collections.abc import Iterator
from typing import Literal

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from penstock.sources.base import LineSettings, SourceContext
from penstock.sources.http_answers import Refusal
from penstock.sources.http_events import EventReader, Events, Form, form_of
from penstock.testing import ManualClock

ARRIVED = 1_790_000_000.25
STAMP = "2026-09-21T14:13:20.250Z"


async def read(
    body: bytes | str,
    form: Form,
    malformed: Literal["keep_good", "reject_all", "wrap"] = "keep_good",
    settings: LineSettings | None = None,
) -> Events | Refusal:
    context = SourceContext("web", "host-1", ManualClock())
    reader = EventReader(settings or LineSettings(), context, malformed)
    return await reader.read(body.encode() if isinstance(body, str) else body, form, ARRIVED)


def lines(events: Events | Refusal) -> list[bytes]:
    assert isinstance(events, Events), events
    assert sum(block.count for block in events.blocks) == events.tally.events
    assert all(block.arrived == ARRIVED and block.source == "web" for block in events.blocks)
    return [line for block in events.blocks for line in block.lines()]


def message(text: str) -> bytes:
    return msgspec.json.encode({"timestamp": STAMP, "message": text})


def faults(events: Events | Refusal) -> dict[int, str]:
    assert isinstance(events, Events), events
    return {part.index: part.reason for part in events.malformed}


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("application/x-ndjson", "lines"),
        ("application/ndjson", "lines"),
        ("application/jsonl", "lines"),
        ("Application/JSON; charset=UTF-8", "json"),
        ("application/cloudevents+json", "json"),
        ('text/plain;charset="utf-8"', "text"),
        ("text/plain; charset=us-ascii; format=flowed", "text"),
        ("application/x-www-form-urlencoded", "any"),
        ("application/octet-stream", "any"),
        ("", "any"),
    ],
)
def test_the_form_follows_from_the_content_type(content_type: str, form: Form) -> None:
    assert form_of(content_type) == form


@pytest.mark.parametrize(
    "content_type",
    ["image/png", "multipart/form-data; boundary=x", "text/plain; charset=iso-8859-1", "+json x"],
)
def test_other_types_are_refused(content_type: str) -> None:
    refusal = form_of(content_type)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 415


@pytest.mark.parametrize("form", ["lines", "json", "text", "any"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
async def test_ndjson_is_taken_in_every_form(form: Form, end: str, start: str) -> None:
    events = await read(start + '{"a":1}\n{"b": "ü"}' + end, form)
    assert lines(events) == [b'{"a":1}', '{"b": "ü"}'.encode()]
    assert faults(events) == {}


@pytest.mark.parametrize("form", ["json", "text", "any"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('[{"a":1},{"b":[1,2]}]', [b'{"a":1}', b'{"b":[1,2]}']),
        ('\n [\r\n {"a": 1} ,\n {"b": 2}\n]\n', [b'{"a": 1}', b'{"b": 2}']),
        ('[\n  {\n    "a": 1e400,\n    "n": 12345678901234567890123\n  }\n]', [b'{"a":1e400,"n":12345678901234567890123}']),
        ('[{"a":"x\\ny"},\n{"k":\n{}}]', [b'{"a":"x\\ny"}', b'{"k":{}}']),
    ],
)  # fmt: skip
async def test_arrays_of_objects_are_taken_on_one_line_each(
    form: Form, body: str, expected: list[bytes]
) -> None:
    events = await read(body, form)
    assert lines(events) == expected
    assert faults(events) == {}


@pytest.mark.parametrize("form", ["json", "text", "any"])
async def test_one_object_over_many_lines(form: Form) -> None:
    (line,) = lines(await read('{\n  "a": 1,\r\n  "b": {\n "c": "x"}\n}\n', form))
    assert b"\n" not in line
    assert msgspec.json.decode(line) == {"a": 1, "b": {"c": "x"}}


@pytest.mark.parametrize("form", ["lines", "json", "text", "any"])
@pytest.mark.parametrize("body", ["", "\n\n", " \r\n"])
async def test_nothing_is_no_event(form: Form, body: str) -> None:
    events = await read(body, form)
    assert lines(events) == []
    assert faults(events) == {}


async def test_an_empty_array_is_no_event() -> None:
    assert lines(await read("[]", "json")) == []
    assert lines(await read("[]", "text")) == [message("[]")]


async def test_malformed_lines_are_told_by_index_and_the_others_kept() -> None:
    body = b'{"a":1}\n\nnot json\n[1]\n{"b":2}\n"text"\n5\nnull\ntrue\n{"c":"\xff"}\n{"d":1}{"e":2}\n{"f":3}'
    events = await read(body, "lines")
    assert lines(events) == [b'{"a":1}', b'{"b":2}', b'{"f":3}']
    told = faults(events)
    assert {index: told[index] for index in (3, 5, 6, 7, 8, 9)} == {
        3: "a JSON array, not an object",
        5: "a JSON string, not an object",
        6: "a JSON number, not an object",
        7: "a JSON null, not an object",
        8: "a JSON boolean, not an object",
        9: "not UTF-8",
    }
    assert "JSON is malformed" in told[2]
    assert "trailing characters" in told[10]
    assert isinstance(events, Events)
    assert (events.malformed_total, events.tally.events, events.tally.wrapped) == (8, 3, 0)


async def test_malformed_elements_are_told_and_strings_are_messages() -> None:
    events = await read('[{"a":1}, 5, "one\\ntwo", [], "{\\"b\\":2}", "", null, "ü"]', "json")
    assert lines(events) == [b'{"a":1}', message("one\ntwo"), b'{"b":2}', message("ü")]
    assert list(faults(events)) == [1, 3, 6]
    assert isinstance(events, Events)
    assert (events.tally.wrapped, events.tally.blank) == (2, 1)


async def test_a_broken_array_is_refused_whole() -> None:
    refusal = await read('[{"a":1},{"b":]', "json")
    assert isinstance(refusal, Refusal)
    assert refusal.status == 400
    assert "byte 14" in refusal.error


@pytest.mark.parametrize("deep", ['{"a":' * 2000 + "1" + "}" * 2000, "[" * 100_000])
async def test_deep_nesting_is_malformed_and_harms_nobody(deep: str) -> None:
    events = await read(f'{{"a":1}}\n{deep}\n{{"b":2}}\n', "lines")
    assert lines(events) == [b'{"a":1}', b'{"b":2}']
    assert list(faults(events)) == [1]
    assert isinstance(await read(f"[{deep}]", "json"), Refusal)


@pytest.mark.parametrize("form", ["text", "any"])
@pytest.mark.parametrize(
    "body", ["[2026-11-24 10:00] hello\nworld", 'plain\n{"a":1}', "[1] x\n[2]", "a=b&c=d"]
)  # fmt: skip
async def test_text_is_never_malformed(form: Form, body: str) -> None:
    events = await read(body, form)
    expected = [line.encode() if line[0] == "{" else message(line) for line in body.split("\n")]
    assert lines(events) == expected
    assert faults(events) == {}


async def test_text_takes_what_looks_like_json_as_it_is() -> None:
    assert lines(await read('{"a":\nx', "text")) == [message('{"a":'), message("x")]
    assert lines(await read('[{"a":1}, 5]', "text")) == [message('[{"a":1}, 5]')]
    assert list(faults(await read('[{"a":1}, 5]', "any"))) == [1]
    assert list(faults(await read('{"a":\nx', "any"))) == [0, 1]


async def test_wrap_takes_everything() -> None:
    assert lines(await read('{"a":1}\nbad\n5', "lines", "wrap")) == [b'{"a":1}', message("bad"), message("5")]
    elements = await read('[{"a":1}, 5, "x"]', "json", "wrap")
    assert lines(elements) == [b'{"a":1}', message("5"), message("x")]
    assert lines(await read('[{"a":1},', "json", "wrap")) == [message('[{"a":1},')]
    assert lines(await read(b'{"a":"\xff"}', "lines", "wrap")) == ['{"a":"\ufffd"}'.encode()]


async def test_long_lines_are_malformed_and_long_text_is_cut() -> None:
    settings = LineSettings(max_line=64)
    long = '{"a":"' + "x" * 64 + '"}'
    events = await read(f'{{"a":1}}\n{long}\n{{"b":2}}', "lines", settings=settings)
    assert lines(events) == [b'{"a":1}', b'{"b":2}']
    assert faults(events) == {1: "longer than `max_line` (64B)"}
    assert isinstance(events, Events)
    assert events.tally.truncated == 0
    text = await read("x" * 74 + "\nshort", "text", settings=settings)
    assert lines(text) == [message("x" * 56 + "…[cut]"), message("short")]
    assert isinstance(text, Events)
    assert text.tally.truncated == 1


async def test_the_list_of_malformed_parts_is_bounded() -> None:
    events = await read("x\n" * 5000 + '{"a":1}\n', "lines")
    assert isinstance(events, Events)
    assert (len(events.malformed), events.malformed_total, events.tally.events) == (100, 5000, 1)


async def test_a_large_body_comes_in_several_blocks_with_its_indices_right() -> None:
    def numbered() -> Iterator[str]:
        for n in itertools.count():
            yield "bad" if n in (3, 9000, 19_999) else f'{{"n":{n},"text":"some text to make it longer"}}'

    body = "\n".join(itertools.islice(numbered(), 20_000))
    events = await read(body, "lines")
    assert isinstance(events, Events)
    assert len(events.blocks) > 3
    assert list(faults(events)) == [3, 9000, 19_999]
    assert [msgspec.json.decode(line)["n"] for line in lines(events)] == [
        n for n in range(20_000) if n not in (3, 9000, 19_999)
    ]


pieces = st.one_of(
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5), max_size=2).map(msgspec.json.encode),
    st.sampled_from([b"", b" ", b"text", b"{", b'{"a":1}x', b"5", b"[]", b'"s"', b"\xff", b'{"a":"\xc3"}', b"\r", b"{}\r"]),
)  # fmt: skip


@given(st.lists(pieces, max_size=12), st.sampled_from(["lines", "json", "text", "any"]))
async def test_nothing_is_lost_uncounted(parts: list[bytes], form: Form) -> None:
    assume(form in ("lines", "text") or not b"".join(parts).lstrip().startswith(b"["))  # one array, or none
    events = await read(b"\n".join(parts), form)
    assert isinstance(events, Events)
    kept = lines(events)
    for line in kept:
        assert isinstance(msgspec.json.decode(line), dict)
    blank = sum(1 for part in parts if not part.strip(b" \r"))
    if form == "text":
        assert len(kept) == len(parts) - blank
    if not (form == "any" and events.malformed_total == 0):
        assert len(kept) + events.malformed_total == len(parts) - blank
    assert events.malformed_total == len(events.malformed)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        ("a\n" * 101, "text"),
        ("{}\n" * 101, "lines"),
        ("\n" * 101, "json"),
        ("[" + "1," * 100 + "1]", "json"),
        ("[" + "1," * 1000 + "1]\n", "text"),
    ],
)
async def test_a_body_of_too_many_events_is_refused_before_it_takes_memory(body: str, form: Form) -> None:
    context = SourceContext("web", "host-1", ManualClock())
    reader = EventReader(LineSettings(), context, "keep_good", 100)
    refusal = await reader.read(body.encode(), form, ARRIVED)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 413


async def test_as_many_as_are_allowed_are_taken() -> None:
    context = SourceContext("web", "host-1", ManualClock())
    reader = EventReader(LineSettings(), context, "keep_good", 100)
    assert len(lines(await reader.read(b"[" + b'{"a":1},' * 99 + b"{}]", "json", ARRIVED))) == 100
    assert len(lines(await reader.read(b"a\n" * 100, "text", ARRIVED))) == 100
