"""Results of tests in the XML of JUnit, which CI systems read.

There is no standard; the elements are those that GitLab and the usual reporters of GitHub Actions and Jenkins read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold, not even escaped."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one test went."""

    group: str
    name: str
    file: str
    line: int | None
    wrong: Sequence[str]
    """Empty: it passed."""


def junit(results: Sequence[Result]) -> bytes:
    """The document."""
    failed = sum(1 for one in results if one.wrong)
    counts = {"tests": str(len(results)), "failures": str(failed), "errors": "0"}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": "penstock test", **counts})
    for one in results:
        where = {"file": _fit(one.file), **({"line": str(one.line)} if one.line else {})}
        case = ET.SubElement(suite, "testcase", {"classname": one.group, "name": _fit(one.name), **where})
        if one.wrong:
            failure = ET.SubElement(case, "failure", {"message": _fit(one.wrong[0])})
            failure.text = _fit("\n".join(one.wrong))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _fit(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
