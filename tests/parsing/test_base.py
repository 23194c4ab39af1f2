"""What every format promises, of whatever text it gets."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.access_log import AccessLog
from penstock.parsing.apache_error import ApacheError
from penstock.parsing.base import Parser, as_lines
from penstock.parsing.container import Cri, Docker
from penstock.parsing.csv_line import CsvLine
from penstock.parsing.grok import Grok
from penstock.parsing.json_text import JsonText
from penstock.parsing.key_value import KeyValue
from penstock.parsing.klog import KLog
from penstock.parsing.logfmt import Logfmt
from penstock.parsing.nginx_error import NginxError
from penstock.parsing.regex_text import RegexText
from penstock.parsing.syslog_text import SyslogText
from penstock.parsing.time_text import TimeText
from penstock.parsing.timestamps import Timestamps

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
TIMES = Timestamps()
PARSERS: Final[Mapping[str, Parser]] = {
    "json": JsonText(),
    "logfmt": Logfmt(),
    "key_value": KeyValue(),
    "key_value with separators": KeyValue(pairs="; ", key=": "),
    "csv": CsvLine(["a", "b", "c"]),
    "regex": RegexText([r"(?P<a>\w+)=(?P<b>.*)$"]),
    "grok": Grok(["%{SYSLOGLINE}", "%{COMBINEDAPACHELOG}"], TIMES),
    "syslog": SyslogText(),
    "access_log": AccessLog(TIMES),
    "nginx_error": NginxError(TIMES),
    "apache_error": ApacheError(TIMES),
    "klog": KLog(),
    "docker": Docker(),
    "cri": Cri(),
    "timestamp": TimeText(TIMES),
}
LINES = [
    '{"a":1}', 'a=1 b="c"', "a: 1; b: 2", "a,b,c", "Dec 10 06:55:46 LabSZ sshd[24200]: x", "<13>1 2026-11-25T10:00:00Z a b c d - e",
    '10.0.0.1 - - [25/Nov/2026:10:00:00 +0100] "GET /a HTTP/1.1" 200 5 "-" "x"', "2026/11/25 10:00:00 [error] 31#31: *7 x, client: 10.0.0.1",
    "[Sun Dec 04 04:47:44 2005] [notice] x", 'I1125 10:00:00.123456 1 a.go:1] "x" a=1', '{"log":"x\\n","time":"2026-11-25T10:00:00Z"}',
    "2026-11-25T10:00:00Z stdout F x", "2026-11-25 10:00:00",
]  # fmt: skip
LONG = 200_000
HOSTILE = [
    '"' * LONG, "'" * LONG, "\\" * LONG, '\\"' * LONG, '"\\' * LONG, "\0" * LONG, " " * LONG, "=" * LONG, "a=" * LONG, 'a="' * LONG, 'a="\\"' + '\\"' * LONG,
    "a=1 " * LONG + '"', "," * LONG, '",' * LONG, ',"' * LONG, '"",' * LONG, "[" * LONG, "{" * LONG, '{"a":' * LONG, '{"a":"' + '\\"' * LONG, "[]" * 200 + '"' + '\\"' * LONG,
    '{"a":1' + "0" * LONG + "}", '{"a":1e400}', '{"log":"' + "\\n" * LONG, "9" * LONG, "9:" * LONG, "\ud800" * LONG, "a=\ud800", '{"log":"\ud800"}', "<13>" * LONG,
    LINES[6][:20] + "a " * LONG, LINES[6].replace("/a", "/" + '\\"' * LONG), LINES[6] + ' "' * LONG, LINES[6].replace(" - -", " - " + "a " * LONG),
    LINES[7] + ", client: a" * LONG, LINES[7] + ', client: "' + '\\"' * LONG, LINES[8].replace("x", "[client " * LONG), LINES[9] + ' a="' + '\\"' * LONG,
    LINES[9].replace("x", '\\"' * LONG), "2026-11-25T10:00:00." + "1" * LONG + "Z", ": " * LONG, "; " * LONG, "a: '" * LONG, "a: " + " " * LONG + "b",
]  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
@given(
    st.lists(
        st.text(max_size=60)
        | st.sampled_from(LINES)
        | st.tuples(st.sampled_from(LINES), st.integers(0, 80), st.text(max_size=3)).map(
            lambda t: t[0][: t[1]] + t[2] + t[0][t[1] :]
        ),
        max_size=5,
    )
)
def test_never_raises_and_many_are_what_each_is(name: str, texts: list[str]) -> None:
    parser = PARSERS[name]
    each = [parser.parse(text, NOW) for text in texts]
    assert parser.parse_all(texts, NOW) == each
    for fields in each:
        if fields is not None:
            msgspec.json.encode(fields)
            if name not in ("json", "logfmt", "grok") and "key_value" not in name and "timestamp" in fields:
                assert fields["timestamp"].endswith("Z")


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.timeout(30)
def test_the_time_grows_with_the_text_alone(name: str) -> None:
    """Whatever is quadratic in these takes minutes."""
    parser = PARSERS[name]
    for text in HOSTILE:
        parser.parse(text, NOW)
        parser.parse(text[:-1], NOW)
        parser.parse_all([text + "\\"], NOW)


@pytest.mark.parametrize(
    ("texts", "lines"), [(["a", "", "b"], "a\n\nb"), (["a\nb"], None), ([], None), ([""], "")]
)
def test_texts_as_lines(texts: list[str], lines: str | None) -> None:
    assert as_lines(texts) == lines
