"""Exceptions become exit codes at the border."""

import errno

import pytest
import typer
from typer.testing import CliRunner

from penstock.cli.exits import Exit
from penstock.cli.group import Commands
from penstock.errors import (
    ConfigError,
    JournalLocked,
    PenstockError,
    PluginError,
    Problem,
    StartError,
    Unavailable,
)


def app_that(raised: BaseException | None, code: int | None = None) -> typer.Typer:
    app = typer.Typer(cls=Commands)

    @app.callback(invoke_without_command=True)
    def command() -> None:
        if raised is not None:
            raise raised
        if code is not None:
            raise typer.Exit(code)

    return app


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (ConfigError("x.yaml", [Problem("a", "b", "c", 1)]), Exit.CONFIG, "penstock: x.yaml: line 1: a: b (c)\n"),
        (PluginError("no"), Exit.CONFIG, "penstock: no\n"),
        (StartError("taken"), Exit.START, "penstock: taken\n"),
        (JournalLocked("locked"), Exit.START, "penstock: locked\n"),
        (Unavailable("away"), Exit.UNREACHABLE, "penstock: away\n"),
        (PenstockError("two\nlines"), Exit.FAILURE, "penstock: two\npenstock: lines\n"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), Exit.FAILURE, "penstock: /x: Permission denied\n"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, ""),
    ],
)  # fmt: skip
def test_each_kind_has_its_code(raised: BaseException, code: Exit, told: str) -> None:
    result = CliRunner().invoke(app_that(raised), [])
    assert result.exit_code == code
    assert result.stderr == told


def test_a_bug_is_not_hidden() -> None:
    result = CliRunner().invoke(app_that(LookupError("bug")), [])
    assert isinstance(result.exception, LookupError)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_commands_own_code_is_kept(code: int) -> None:
    assert CliRunner().invoke(app_that(None, code), []).exit_code == code


def test_nothing_said_is_well() -> None:
    assert CliRunner().invoke(app_that(None), []).exit_code == Exit.OK
