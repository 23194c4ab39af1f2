from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.logfmt import Logfmt, pairs, to_logfmt
from penstock.parsing.values import Casts


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("level=info msg=ready", {"level": "info", "msg": "ready"}),
        ('msg="a \\"b\\" \\n" n=-1 f=0.5 t=true', {"msg": 'a "b" \n', "n": -1, "f": 0.5, "t": True}),
        ('n="1" id=007', {"n": "1", "id": "007"}),
        ("cached a=1", {"cached": True, "a": 1}),
        ("logname= uid=0", {"logname": "", "uid": 0}),
        ("url=http://a/?b=c&d=e", {"url": "http://a/?b=c&d=e"}),
        ("  a=1 \t b=2\r\n", {"a": 1, "b": 2}),
        ("a=1 a=2", {"a": 2}),
        ('a="" b=', {"a": "", "b": ""}),
        ("größe=1", {"größe": 1}),
        ("a=1\nb=2", {"a": 1, "b": 2}),
        ("a==b", {"a": "=b"}),
    ],
)
def test_pairs(text: str, fields: dict[str, Any]) -> None:
    assert Logfmt().parse(text, 0.0) == fields


@pytest.mark.parametrize(
    "text",
    ["", "just some words", "=", "= =", "a=1 =2", 'a="b', 'a="b"c', 'a=b"c"', 'a"b"', '"a"=1', "a=1 \0"],
)
def test_what_is_none(text: str) -> None:
    assert Logfmt().parse(text, 0.0) is None


def test_kinds_by_name() -> None:
    parser = Logfmt(Casts({"version": "string", "at": "timestamp"}))
    assert parser.parse('version=1.10 other=1.10 at="2026-11-25 10:00:00,5"', 0.0) == {
        "version": "1.10",
        "other": 1.1,
        "at": "2026-11-25T10:00:00.5Z",
    }


def test_pairs_of_nothing() -> None:
    assert pairs("") == {}


names = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters='="'), min_size=1, max_size=8)
scalars = (
    st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
)


@given(st.dictionaries(names, scalars, min_size=1, max_size=5))
def test_reads_what_is_written(fields: dict[str, Any]) -> None:
    assert Logfmt().parse(to_logfmt(fields), 0.0) == fields
