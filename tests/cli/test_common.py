"""Where a configuration is looked for."""

from pathlib import Path

import pytest

from penstock.cli import common
from penstock.cli.common import find_config, load_config
from penstock.errors import ConfigError


def test_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = tmp_path / "etc.yaml"
    monkeypatch.setattr(common, "SYSTEM", system)
    assert find_config(None, {}) is None
    system.touch()
    assert find_config(None, {}) == system
    Path("penstock.yaml").touch()
    assert find_config(None, {}) == Path("penstock.yaml")
    assert find_config(None, {"PENSTOCK_CONFIG": "/named.yaml"}) == Path("/named.yaml")
    assert find_config(Path("/given.yaml"), {"PENSTOCK_CONFIG": "/named.yaml"}) == Path("/given.yaml")


def test_none_anywhere() -> None:
    with pytest.raises(ConfigError, match="name one with --config"):
        load_config(None)
