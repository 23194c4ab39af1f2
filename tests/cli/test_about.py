"""`penstock version` and `penstock schema`."""

import json
from collections.abc import Callable

from typer.testing import Result

from penstock import __version__
from penstock.settings import schema

Penstock = Callable[..., Result]


def test_versions_for_people(penstock: Penstock) -> None:
    result = penstock("version")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["penstock", __version__]
    assert "not installed" not in result.stdout


def test_versions_for_programs(penstock: Penstock) -> None:
    facts = json.loads(penstock("version", "--json").stdout)
    assert facts["penstock"] == __version__
    assert {"python", "platform", "aiohttp", "pydantic"} <= set(facts)


def test_the_schema_is_printed(penstock: Penstock) -> None:
    assert json.loads(penstock("schema").stdout) == schema()
