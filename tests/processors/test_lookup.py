from pathlib import Path
from typing import Any

import pytest

from penstock.processors.lookup import LookupSettings, loader

CSV = 'id,name,team\n7,"Ana, B.",pay\n8,Bo\n'


def read(tmp_path: Path, name: str, text: str, **settings: Any) -> dict[str, dict[str, Any]]:
    path = tmp_path / name
    path.write_text(text)
    return loader(LookupSettings.model_validate({"file": path, "key": "user", **settings}))(path)


@pytest.mark.parametrize(
    ("name", "text", "settings", "table"),
    [
        ("t.csv", CSV, {}, {"7": {"name": "Ana, B.", "team": "pay"}, "8": {"name": "Bo", "team": None}}),
        ("t.csv", "\ufeff" + CSV, {"add": ["team"]}, {"7": {"team": "pay"}, "8": {"team": None}}),
        ("t.csv", CSV, {"column": "name", "add": ["id"]}, {"Ana, B.": {"id": "7"}, "Bo": {"id": "8"}}),
        ("t.json", '{"7": {"name": "Ana"}}', {}, {"7": {"name": "Ana"}}),
        (
            "t.json",
            '[{"id": 7, "n": [1]}, {"id": 8, "n": null}]',
            {"column": "id"},
            {"7": {"n": [1]}, "8": {"n": None}},
        ),
    ],
)
def test_reads_tables(tmp_path: Path, name: str, text: str, settings: dict[str, Any], table: object) -> None:
    assert read(tmp_path, name, text, **settings) == table


@pytest.mark.parametrize(
    ("name", "text", "settings", "why"),
    [
        ("t.csv", CSV, {"column": "nowhere"}, "has no column 'nowhere'; there are id, name, team"),
        ("t.csv", CSV, {"add": ["nowhere"]}, "has no column 'nowhere'"),
        ("t.csv", 'id,name\n7,"open', {}, "is no CSV"),
        ("t.json", "[1]", {}, "is no JSON object of objects"),
        ("t.json", "{", {}, "is no JSON object of objects"),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, name: str, text: str, settings: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        read(tmp_path, name, text, **settings)
