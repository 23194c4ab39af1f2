"""What a CI reads of the results."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from penstock.cli.junit import Result, junit


def test_tells_which_failed_and_where() -> None:
    results = [
        Result("search", "good", "p.yaml", 3, ()),
        Result("journal", "bad", "p.yaml", None, ("a is <1>", 'b is "2" & so on')),
    ]
    root = ET.fromstring(junit(results))
    (suite,) = root
    assert root.tag == "testsuites"
    assert suite.attrib == {"name": "penstock test", "tests": "2", "failures": "1", "errors": "0"}
    good, bad = suite
    assert good.attrib == {"classname": "search", "name": "good", "file": "p.yaml", "line": "3"}
    assert len(good) == 0
    assert "line" not in bad.attrib
    (failure,) = bad
    assert failure.get("message") == "a is <1>"
    assert failure.text == 'a is <1>\nb is "2" & so on'


@given(st.text(st.characters(exclude_categories=())))
def test_is_xml_whatever_the_text(text: str) -> None:
    root = ET.fromstring(junit([Result("journal", text, text, 1, [text])]))
    assert root[0][0].find("failure") is not None
