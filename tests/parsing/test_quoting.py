import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.quoting import unescape


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("plain", "plain"),
        (r"a \"b\" \\ \/", r'a "b" \ /'),
        (r"\b\f\n\r\t", "\b\f\n\r\t"),
        (r"\u00e4\ud834\udd1e", "ä𝄞"),
        (r"\xc3\xa4\x22", 'ä"'),
        (r"\d+ \", ", '\\d+ ", '),
        (r"\ud834", r"\ud834"),
        (r"\xff", r"\xff"),
        ("\\", "\\"),
        (r"\u00", r"\u00"),
    ],
)
def test_escapes(text: str, meant: str) -> None:
    assert unescape(text) == meant


@given(st.text())
def test_reads_what_json_writes(text: str) -> None:
    assert unescape(json.dumps(text)[1:-1]) == text


@given(st.text(alphabet="\\ux\"'n0d89af"))
def test_gives_text_that_can_be_written(text: str) -> None:
    unescape(text).encode()
