"""The configuration of the how-to passes its own tests."""

import re
from pathlib import Path

from typer.testing import CliRunner

from penstock.cli.main import app

PAGE = Path(__file__).parents[2] / "docs/how-to/test-a-configuration.md"


def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    yaml = next(
        text
        for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        if "tests:" in text
    )
    (tmp_path / "c.yaml").write_text(yaml)
    result = CliRunner().invoke(app, ["test", "--config", str(tmp_path / "c.yaml")])
    assert result.stdout.splitlines()[-1] == "4 of 4 passed."
