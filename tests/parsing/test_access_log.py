from typing import Any

import pytest

from penstock.parsing.access_log import AccessLog
from penstock.parsing.timestamps import Timestamps

START = "10.0.0.1 - - [25/Nov/2026:10:00:00 +0100] "
FIRST = {"remote_addr": "10.0.0.1", "timestamp": "2026-11-25T09:00:00Z"}
GET = {"method": "GET", "path": "/a", "protocol": "HTTP/1.1"}

LINES: list[tuple[str, dict[str, Any]]] = [
    (
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
        {
            "remote_addr": "127.0.0.1", "user": "frank", "timestamp": "2000-10-10T20:55:36Z", "method": "GET",
            "path": "/apache_pb.gif", "protocol": "HTTP/1.0", "status": 200, "bytes": 2326,
        },
    ),
    (
        START + '"GET /a HTTP/1.1" 304 - "http://a.example/?q=\\"x\\"" "Mozilla/5.0 (X11; Linux x86_64)"',
        FIRST | GET | {"status": 304, "referer": 'http://a.example/?q="x"', "user_agent": "Mozilla/5.0 (X11; Linux x86_64)"},
    ),
    (START + '"GET /a HTTP/1.1" 200 5 "-" "-"', FIRST | GET | {"status": 200, "bytes": 5}),
    (START + '"GET /a HTTP/1.1" 200 5 "-" "x" "10.0.0.9, 10.0.0.8"', FIRST | GET | {"status": 200, "bytes": 5, "user_agent": "x", "forwarded_for": "10.0.0.9, 10.0.0.8"}),
    (START + '"GET /a HTTP/1.1" 200 5 "-" "x" 0.012 cache=HIT', FIRST | GET | {"status": 200, "bytes": 5, "user_agent": "x", "extra": "0.012 cache=HIT"}),
    (START + '"GET /a" 200 5', FIRST | {"method": "GET", "path": "/a", "status": 200, "bytes": 5}),
    (START + '"-" 408 0 "-" "-"', FIRST | {"status": 408, "bytes": 0}),
    (START + '"" 400 0 "-" "-"', FIRST | {"status": 400, "bytes": 0}),
    (START + r'"\x16\x03\x01" 400 157 "-" "-"', FIRST | {"request": "\x16\x03\x01", "status": 400, "bytes": 157}),
    (START + r'"GET /\xc3\xa4\"b HTTP/1.1" 200 5', FIRST | {"method": "GET", "path": '/ä"b', "protocol": "HTTP/1.1", "status": 200, "bytes": 5}),
    ("shop.example:443 " + START + '"GET /a HTTP/1.1" 200 5', FIRST | GET | {"vhost": "shop.example:443", "status": 200, "bytes": 5}),
    (
        '::1 ident john doe [25/Nov/2026:10:00:00 +0000] "OPTIONS * HTTP/2.0" 200 5',
        {
            "remote_addr": "::1", "ident": "ident", "user": "john doe", "timestamp": "2026-11-25T10:00:00Z", "method": "OPTIONS",
            "path": "*", "protocol": "HTTP/2.0", "status": 200, "bytes": 5,
        },
    ),
]  # fmt: skip
NO_LINES = [
    "", "text", '10.0.0.1 - - [soon] "GET /a HTTP/1.1" 200 5', START, START + '"GET /a HTTP/1.1"', START + '"GET /a HTTP/1.1" 20 5',
    START + '"GET /a HTTP/1.1 200 5', START + '"GET /a HTTP/1.1" 200 5 "x', "[25/Nov/2026:10:00:00 +0100]",
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), LINES)
def test_lines(text: str, fields: dict[str, Any]) -> None:
    assert AccessLog(Timestamps()).parse(text, 0.0) == fields
    assert AccessLog(Timestamps()).parse(text + "\r\n", 0.0) == fields


@pytest.mark.parametrize("text", NO_LINES)
def test_what_is_none(text: str) -> None:
    assert AccessLog(Timestamps()).parse(text, 0.0) is None


@pytest.mark.parametrize(
    "texts",
    [
        [text for text, _ in LINES if "\\" not in text] + NO_LINES,
        [text for text, _ in LINES],
        ["a\nb", LINES[0][0]],
    ],
)
def test_many_are_what_each_is(texts: list[str]) -> None:
    parser = AccessLog(Timestamps())
    assert parser.parse_all(texts, 0.0) == [parser.parse(text, 0.0) for text in texts]
