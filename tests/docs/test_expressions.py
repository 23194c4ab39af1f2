"""Every row of the page is true."""

import json
import re
from pathlib import Path

import pytest

from penstock.expressions import compile_expression, plain

PAGE = (Path(__file__).parents[2] / "docs/reference/expressions.md").read_text("utf-8")
EVENT = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
ROWS = [
    (match[1].replace("\\|", "|"), json.loads(match[2]))
    for match in re.finditer(r"^\| `((?:[^`|]|\\\|)+)` \| `([^`]+)` \|", PAGE, re.MULTILINE)
]


@pytest.mark.parametrize(("text", "value"), ROWS)
def test_the_page_is_true(text: str, value: object) -> None:
    assert plain(compile_expression(text)(EVENT)) == value


def test_the_page_has_rows() -> None:
    assert len(ROWS) > 45
