from typing import Any

import pytest

from penstock.syslog.rfc5424 import parse

TIME = "2003-10-11T22:14:15.003Z"
NOTICE = {"level": "notice", "facility": "local4", "severity": "notice"}
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            f"{TIME} mymachine.example.com su 4711 ID47 - {BOM}'su root' failed on /dev/pts/8",
            {
                "timestamp": TIME, **NOTICE, "host": "mymachine.example.com", "service": "su", "procid": "4711",
                "msgid": "ID47", "message": "'su root' failed on /dev/pts/8",
            },
        ),
        (
            '2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc - - [a x="1"][b] %% It\'s time.',
            {
                "timestamp": "2003-08-24T05:14:15.000003-07:00", **NOTICE, "host": "192.0.2.1", "service": "myproc",
                "structured_data": {"a": {"x": "1"}, "b": {}}, "message": "%% It's time.",
            },
        ),
        ("- - - - - -", {**NOTICE, "message": ""}),
        ("- - - - - - ", {**NOTICE, "message": ""}),
        ("- - - - - [a]", {**NOTICE, "structured_data": {"a": {}}, "message": ""}),
        ("- - - - - -  two spaces", {**NOTICE, "message": " two spaces"}),
        ("- - - - - - -", {**NOTICE, "message": "-"}),
        ("- - - - - - [a]", {**NOTICE, "message": "[a]"}),
        ("- - - - - - two\nlines", {**NOTICE, "message": "two\nlines"}),
        ("-  hôte -  - - - x", {**NOTICE, "host": "hôte", "message": "x"}),
        ("- - - - - [a b=c] x", {**NOTICE, "message": "[a b=c] x"}),
        ('- - - - - [a b="c"]x', {**NOTICE, "message": '[a b="c"]x'}),
        ("- - - - - no data", {**NOTICE, "message": "no data"}),
        ("- - - - - -no data", {**NOTICE, "message": "-no data"}),
        ("- - - - -", {**NOTICE, "message": ""}),
    ],
)  # fmt: skip
def test_messages(text: str, fields: dict[str, Any]) -> None:
    found = parse(f"<165>1 {text}")
    assert found == fields
    assert found is not None
    assert list(found)[-1] == "message"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        f"<165>{TIME} a b c d - x",
        f"<165>2 {TIME} a b c d - x",
        f"<192>1 {TIME} a b c d - x",
        f"<0165>1 {TIME} a b c d - x",
        "<165>1 2003-13-11T22:14:15Z a b c d - x",
        "<165>1 2003-10-11 a b c d - x",
        f"<165>1 {TIME} a b c",
    ],
)
def test_what_is_something_else(text: str) -> None:
    assert parse(text) is None
