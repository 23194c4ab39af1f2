import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.parsing.csv_line import CsvLine, to_csv
from penstock.parsing.values import Casts


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("x,1,0.5", {"a": "x", "b": 1, "c": 0.5}),
        ("x,,\r\n", {"a": "x"}),
        (",,", {}),
        ('"x, ""y""",1,', {"a": 'x, "y"', "b": 1}),
        ('"1","",2', {"a": "1", "b": "", "c": 2}),
        ('"two\nlines",1,2', {"a": "two\nlines", "b": 1, "c": 2}),
        ('a"b,1,2', {"a": 'a"b', "b": 1, "c": 2}),
        ('1,2,"x"', {"a": 1, "b": 2, "c": "x"}),
    ],
)
def test_lines(text: str, fields: dict[str, Any]) -> None:
    assert CsvLine(["a", "b", "c"]).parse(text, 0.0) == fields


@pytest.mark.parametrize(
    "text", ["", "a,b", "a,b,c,d", '"a,b,c', '"a"b,c,d', '"a",b', '"a",b,c,d', 'a,b,"c",']
)
def test_what_is_none(text: str) -> None:
    assert CsvLine(["a", "b", "c"]).parse(text, 0.0) is None


def test_options() -> None:
    assert CsvLine(["a", "-", "", "d"], delimiter="\t", quote="'").parse("'x\ty'\t1\t2\t'3'", 0.0) == {
        "a": "x\ty",
        "d": "3",
    }
    assert CsvLine(["a", "b"], quote="").parse('"x",1', 0.0) == {"a": '"x"', "b": 1}
    assert CsvLine(["a", "b"], Casts({"a": "string", "b": "float"})).parse("1.10,2", 0.0) == {
        "a": "1.10",
        "b": 2.0,
    }


@pytest.mark.parametrize(
    ("columns", "options", "said"),
    [
        ([], {}, "names no column"),
        (["-"], {}, "names no column"),
        (["a", "a"], {}, "names the column 'a' twice"),
        (["a"], {"delimiter": ";;"}, "one character each"),
        (["a"], {"delimiter": '"'}, "two different ones"),
    ],
)
def test_mistakes(columns: list[str], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CsvLine(columns, **options)


COLUMNS = ["a", "b", "c"]
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.dictionaries(st.sampled_from(COLUMNS), st.booleans() | st.integers(-(10**17), 10**17) | texts))
def test_reads_what_is_written(fields: dict[str, Any]) -> None:
    assert CsvLine(COLUMNS).parse(to_csv(fields, COLUMNS), 0.0) == fields


@given(st.lists(texts, min_size=3, max_size=3), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_reads_what_the_library_writes(cells: list[str], quoting: Any) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=quoting).writerow(cells)
    parser = CsvLine(COLUMNS, Casts(dict.fromkeys(COLUMNS, "string")))
    assert parser.parse(written.getvalue().removesuffix("\r\n"), 0.0) == dict(
        zip(COLUMNS, cells, strict=True)
    )
