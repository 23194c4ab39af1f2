"""Blocks of messages: the table of what devices send is in tests/syslog; here is what a source makes of them."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.clock import SystemClock
from penstock.sources.base import SourceContext, SourceStats
from penstock.sources.syslog_decode import SyslogDecoder, SyslogLineSettings

ARRIVED = 1796212800.25
NOW = "2026-12-02T12:00:00.250Z"
MODERN = b"<134>1 2026-10-11T22:14:15.003Z box app 12 ID47 - "
HEAD = {
    "timestamp": "2026-10-11T22:14:15.003Z",
    "level": "info",
    "facility": "local0",
    "severity": "info",
    "host": "box",
    "service": "app",
    "procid": "12",
    "msgid": "ID47",
}


def decoder(stats: SourceStats | None = None, **options: Any) -> SyslogDecoder:
    context = SourceContext("net", "host-1", SystemClock())
    return SyslogDecoder(SyslogLineSettings(**options), None, context, stats or SourceStats())


def events(raw: bytes, stats: SourceStats | None = None, **options: Any) -> list[dict[str, Any]]:
    block = decoder(stats, **options).block(raw, ARRIVED)
    return [json.loads(line) for line in block.lines()] if block else []


@pytest.mark.parametrize(
    ("raw", "options", "expected"),
    [
        (MODERN + b"text", {}, HEAD | {"message": "text"}),
        (MODERN + b"text\r", {}, HEAD | {"message": "text"}),
        (MODERN + b"\xef\xbb\xbftext\0", {}, HEAD | {"message": "text"}),
        (MODERN + b"\xff\0b", {}, HEAD | {"message": "\ufffd\0b"}),
        (b"plain", {}, {"timestamp": NOW, "unparsed": "syslog", "message": "plain"}),
        (b'{"a":1}', {}, {"timestamp": NOW, "unparsed": "syslog", "message": '{"a":1}'}),
        (
            MODERN + b"text",
            {"add_host": True, "add_source": True},
            HEAD | {"message": "text", "source": "net"},
        ),
        (
            b"plain",
            {"add_host": True},
            {"timestamp": NOW, "unparsed": "syslog", "message": "plain", "host": "host-1"},
        ),
        (MODERN + b"x", {"keep_raw": True}, HEAD | {"message": "x", "raw": (MODERN + b"x").decode()}),
        (
            b"plain",
            {"keep_raw": True},
            {"timestamp": NOW, "unparsed": "syslog", "message": "plain", "raw": "plain"},
        ),
        (
            MODERN[:-2] + b'[a b="c"][d] x',
            {},
            HEAD | {"structured_data": {"a": {"b": "c"}, "d": {}}, "message": "x"},
        ),
        (
            MODERN[:-2] + b'[a b="c" b="e"][d] x',
            {"structured_data": "flat"},
            HEAD | {"sd.a.b": ["c", "e"], "sd.d": "", "message": "x"},
        ),
        (
            MODERN.replace(b" box", b"  box")[:-2] + b'[a b="c"] x',
            {"structured_data": "flat"},
            HEAD | {"sd.a.b": "c", "message": "x"},
        ),
    ],
)
def test_a_message(raw: bytes, options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert events(raw + b"\n", **options) == [expected]


def test_bytes_that_are_no_utf8_can_be_kept() -> None:
    stats = SourceStats()
    raw = b"<13>a\n<13>\xff\r\n\xfe\n\n<13>b\n"
    got = events(raw, stats, invalid_utf8="base64")
    assert [event.get("message") for event in got] == ["a", None, None, "b"]
    assert [b64decode(event["message_base64"]) for event in got[1:3]] == [b"<13>\xff", b"\xfe"]
    assert (stats.events, stats.invalid_utf8, stats.wrapped, stats.blank) == (4, 2, 2, 1)
    assert events(b"\xff\n", invalid_utf8="base64") == [
        {"timestamp": NOW, "unparsed": "syslog", "message_base64": b64encode(b"\xff").decode()}
    ]


@pytest.mark.parametrize("options", [{}, {"keep_raw": True}, {"structured_data": "flat"}])
@pytest.mark.parametrize("head", [b"<13>", MODERN, b"<13>Oct 11 22:14:15 box app: ", b""])
def test_a_message_that_holds_newlines_is_one_event(head: bytes, options: dict[str, Any]) -> None:
    message = head + b"one\n two\n\x01\xc3\xa9"
    one = decoder(**options)
    block = one.block(b"<13>x\n" + one.line(message, ARRIVED) + b"<13>y\n", ARRIVED)
    assert block
    texts = [json.loads(line) for line in block.lines()]
    assert [event["message"] for event in texts] == ["x", "one\n two\n\x01é", "y"]
    if options.get("keep_raw"):
        assert texts[1]["raw"] == message.decode()


def test_a_folded_message_of_bad_bytes_is_kept_as_it_was() -> None:
    one = decoder(invalid_utf8="base64")
    block = one.block(one.line(b"<13>\xff\n\x01", ARRIVED), ARRIVED)
    assert block
    assert b64decode(json.loads(block.data)["message_base64"]) == b"<13>\xff\n\x01"


@given(
    st.lists(st.binary(max_size=20) | st.binary(max_size=20).map(MODERN.__add__), max_size=8),
    st.sampled_from(["replace", "base64"]),
    st.booleans(),
)
def test_no_message_vanishes_uncounted(messages: list[bytes], invalid: str, keep_raw: bool) -> None:
    stats = SourceStats()
    one = decoder(stats, invalid_utf8=invalid, keep_raw=keep_raw)
    raw = b"".join([one.line(message, ARRIVED) for message in messages])
    block = one.block(raw, ARRIVED)
    count = block.count if block else 0
    assert count + stats.blank == len(messages)
    assert stats.events == count
    assert stats.wrapped <= count
    if block:
        assert block.data.count(b"\n") == count
        assert all(json.loads(line)["timestamp"] for line in block.lines())
