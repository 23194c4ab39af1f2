"""The command line, called in this process and from outside."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from penstock.cli import common
from penstock.cli.main import app
from penstock.settings import variables

Penstock = Callable[..., Result]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Commands that are called in this process set up logging for it; other tests look at what is logged."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _nothing_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("PENSTOCK")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(variables, "SECRETS", tmp_path / "no-secrets")
    monkeypatch.setattr(common, "SYSTEM", tmp_path / "no-etc.yaml")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)


@pytest.fixture
def penstock() -> Penstock:
    """Calls a command; `exit_code`, `stdout` and `stderr` tell how it went."""

    def penstock(*args: object, stdin: str | bytes = "") -> Result:
        result = CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return penstock


@pytest.fixture
def process() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The same in a process of its own."""

    def process(*args: object, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "penstock", *map(str, args)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=30, check=False)

    return process


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A good configuration whose folders exist and whose ports are any."""
    path = tmp_path / "good.yaml"
    path.write_text(
        f"""\
sources:
  app: {{type: tcp, listen: "127.0.0.1:0"}}
journal: {{path: {tmp_path}/journal}}
destinations:
  hook: {{type: webhook, url: "http://127.0.0.1:1/logs"}}
  out: {{type: console, enabled: false}}
admin: {{listen: "127.0.0.1:0"}}
"""
    )
    return path
