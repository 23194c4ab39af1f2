"""What is generated is fresh."""

from pathlib import Path

import pytest

from penstock.cli.docs import generated, main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", generated())
def test_it_is_as_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == generated()[name], f"{name} is stale: run `make docs`"


def test_it_is_written_where_it_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(tmp_path)
    assert len(capsys.readouterr().err.splitlines()) == len(generated())
    main(tmp_path)
    assert capsys.readouterr().err == ""
    (tmp_path / "config/penstock.schema.json").write_text("{}")
    main(tmp_path)
    assert capsys.readouterr().err == "wrote config/penstock.schema.json\n"


@pytest.mark.parametrize(
    ("page", "row"),
    [
        ("processors", "| `lookup` | list of group |"),
        ("processors", "| `lookup[].file` | path | required |"),
        ("processors", "| `routes[].where` | text | required |"),
        ("processors", "| `patterns[].pattern` | text | required |"),
        ("configuration", "| `tests[].given` |"),
    ],
)
def test_what_stands_in_lists_is_told_too(page: str, row: str) -> None:
    assert row in generated()[f"docs/reference/{page}.md"]


def test_each_key_has_its_words() -> None:
    for name, text in generated().items():
        rows = [line for line in text.splitlines() if line.startswith("| `") and not line.startswith("| `{")]
        assert name.endswith(".json") or rows
        assert not [row for row in rows if row.count(" | ") < 2]
