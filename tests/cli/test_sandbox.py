from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Penstock = Callable[..., Result]


def test_an_address_that_is_none_is_told(penstock: Penstock) -> None:
    result = penstock("sandbox", "--listen", "here")
    assert result.exit_code == 2
    assert "--listen here is not an address" in result.stderr


def test_mistakes_in_its_configuration_are_told(penstock: Penstock, tmp_path: Path) -> None:
    path = tmp_path / "sandbox.yaml"
    path.write_text("services: {a: {type: webhook, tsl: true}}\n")
    result = penstock("sandbox", "--config", path)
    assert result.exit_code == 2
    assert "line 1: services.a.tsl: is not known here (did you mean tls?)" in result.stderr


def test_a_service_that_is_not_there_is_told(penstock: Penstock) -> None:
    result = penstock("sandbox", "--service", "fax")
    assert result.exit_code == 2
    assert "there is no service 'fax'" in result.stderr
