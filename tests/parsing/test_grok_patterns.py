from typing import Any

import pytest

from penstock.parsing.grok import Grok
from penstock.parsing.grok_patterns import PATTERNS
from penstock.parsing.timestamps import Timestamps

WHOLE = [
    ("USERNAME", ["frank.x-y_1"], ["a b", ""]),
    ("EMAILADDRESS", ["a.b+c@mail.example.com"], ["a@", "@b"]),
    ("INT", ["-12", "+7"], ["1.5", "x"]),
    ("NUMBER", ["1", "-0.5", ".5", "1e9"], ["1.", "x"]),
    ("BASE16NUM", ["0xFF", "beef"], ["xyz"]),
    ("WORD", ["abc_1"], ["a-b", ""]),
    ("NOTSPACE", ["a-b!"], ["a b"]),
    ("QUOTEDSTRING", ['"a \\"b\\""', "'x'"], ['"a', "a"]),
    ("UUID", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]),
    ("IPV4", ["10.0.0.255"], ["256.0.0.1", "1.2.3"]),
    ("IPV6", ["::1", "2001:db8::7:1", "fe80::1%eth0", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8", "::"], ["10.0.0.1", "1:2:3", "g::1"]),
    ("IP", ["10.0.0.1", "::1"], ["host"]),
    ("MAC", ["00:1A:2b:3c:4d:5e", "001a.2b3c.4d5e", "00-1a-2b-3c-4d-5e"], ["00:1a"]),
    ("HOSTNAME", ["shop.example.com", "a-b", "db_1"], ["a b", "-"]),
    ("IPORHOST", ["10.0.0.1", "shop"], ["/"]),
    ("HOSTPORT", ["shop:80", "10.0.0.1:443"], ["shop"]),
    ("PATH", ["/var/log/a.log", "C:\\Windows\\x"], ["var"]),
    ("URI", ["https://u:p@shop.example:8080/a?b=1", "ftp://x"], ["shop"]),
    ("URIPATHPARAM", ["/a/b?c=d&e=%20"], ["a"]),
    ("MONTH", ["Nov", "November"], ["Nox"]),
    ("TIME", ["10:00:00", "23:59:60,123", "7:05"], ["25:00:00"]),
    ("TIMESTAMP_ISO8601", ["2026-11-25T10:00:00.123Z", "2026-11-25 10:00:00,5+01:00"], ["2026-11-25"]),
    ("HTTPDATE", ["25/Nov/2026:10:00:00 +0100"], ["25/11/2026"]),
    ("SYSLOGTIMESTAMP", ["Nov  5 10:00:00", "Nov 25 10:00:00"], ["5 Nov"]),
    ("DATE_US", ["11/25/2026"], ["2026-11-25"]),
    ("DATE_EU", ["25.11.2026"], ["x"]),
    ("DATESTAMP_RFC2822", ["Wed, 25 Nov 2026 10:00:00 +0100"], ["Wed"]),
    ("DATESTAMP_OTHER", ["Wed Nov 25 10:00:00 CET 2026"], ["Wed"]),
    ("HTTPDERROR_DATE", ["Sun Dec 04 04:47:44 2005"], ["Sun"]),
    ("LOGLEVEL", ["INFO", "warn", "Error", "CRITICAL"], ["loud"]),
    ("JAVACLASS", ["com.example.Shop$1"], ["1a"]),
]  # fmt: skip


def found(pattern: str, text: str) -> dict[str, Any] | None:
    return Grok([pattern], Timestamps()).parse(text, 0.0)


@pytest.mark.parametrize("name", PATTERNS)
def test_each_can_be_used(name: str) -> None:
    Grok([f"%{{{name}:x}}"], Timestamps())


@pytest.mark.parametrize(("name", "these", "not_these"), WHOLE)
def test_what_they_take(name: str, these: list[str], not_these: list[str]) -> None:
    for text in these:
        assert found(f"^%{{{name}:x}}$", text) == {"x": text}, text
    for text in not_these:
        assert found(f"^%{{{name}:x}}$", text) is None, text


def test_lines_of_a_web_server() -> None:
    line = '10.0.0.1 - frank [25/Nov/2026:10:00:00 +0100] "GET /a HTTP/1.1" 200 - "-" "curl/8.5"'
    assert found("%{COMBINEDAPACHELOG}", line) == {
        "clientip": "10.0.0.1", "auth": "frank", "timestamp": "25/Nov/2026:10:00:00 +0100", "verb": "GET", "request": "/a",
        "httpversion": "1.1", "response": 200, "agent": "curl/8.5",
    }  # fmt: skip


def test_lines_of_syslog() -> None:
    line = "Dec 10 06:55:46 LabSZ sshd[24200]: reverse mapping checking failed"
    assert found("%{SYSLOGLINE}", line) == {
        "timestamp": "Dec 10 06:55:46", "logsource": "LabSZ", "program": "sshd", "pid": 24200, "message": "reverse mapping checking failed",
    }  # fmt: skip


def test_a_line_of_a_java_stack_trace() -> None:
    line = "\tat com.example.Shop.<init>(Shop.java:42)"
    assert found("%{JAVASTACKTRACEPART}", line) == {
        "class": "com.example.Shop",
        "method": "<init>",
        "file": "Shop.java",
        "line": 42,
    }
