from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from penstock.parsing.klog import KLog

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
FIRST = {
    "timestamp": "2026-11-25T10:00:00.123456Z",
    "level": "info",
    "thread": 31415,
    "file": "server.go",
    "line": 101,
}
START = "I1125 10:00:00.123456   31415 server.go:101] "


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (START + "Listening: a=b", FIRST | {"message": "Listening: a=b"}),
        ("E20261125 10:00:00.123456 31415 server.go:101] bad\n", FIRST | {"level": "error", "message": "bad"}),
        ("W1231 23:59:59 1 a/b.cc:7] old", {"timestamp": "2026-12-31T23:59:59Z", "level": "warning", "thread": 1, "file": "a/b.cc", "line": 7, "message": "old"}),
        ("F0101 00:00:00.5 1 x.go:7] ", {"timestamp": "2027-01-01T00:00:00.5Z", "level": "fatal", "thread": 1, "file": "x.go", "line": 7, "message": ""}),
        (START + '"Pod \\"a\\" updated" pod="kube-system/dns" n=2 line=9', FIRST | {"message": 'Pod "a" updated', "pod": "kube-system/dns", "n": 2}),
        (START + '"Pod updated"', FIRST | {"message": "Pod updated"}),
        (START + '"Pod" is =what', FIRST | {"message": '"Pod" is =what'}),
        (START + "two\nlines", FIRST | {"message": "two\nlines"}),
    ],
)  # fmt: skip
def test_lines(text: str, fields: dict[str, Any]) -> None:
    assert KLog().parse(text, NOW) == fields


def test_zone() -> None:
    fields = KLog(timezone(timedelta(hours=1))).parse(START + "x", NOW)
    assert fields is not None
    assert fields["timestamp"] == "2026-11-25T09:00:00.123456Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "I1325 10:00:00.1 1 a.go:1] x",
        "I1125 25:00:00.1 1 a.go:1] x",
        "X1125 10:00:00.1 1 a.go:1] x",
        "I1125 10:00:00.1 1 a.go] x",
    ],
)
def test_what_is_none(text: str) -> None:
    assert KLog().parse(text, NOW) is None
