"""How the command line looks from outside: help, exit codes, and never a traceback for a user's mistake."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from penstock.cli.exits import Exit

Penstock = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]

COMMANDS = ["run", "check", "send", "schema", "version", "journal", "dlq"]


def test_the_help_tells_the_commands_and_the_exit_codes(penstock: Penstock) -> None:
    result = penstock("--help")
    assert result.exit_code == Exit.OK
    for command in COMMANDS:
        assert f" {command} " in result.stdout
    for code in Exit:
        assert f"{code.value}: {code.meaning}" in result.stdout


@pytest.mark.parametrize(
    "command",
    ["run", "check", "send", "schema", "version", "dlq list", "dlq show", "dlq replay", "dlq discard",
     "journal show", "journal verify"],
)  # fmt: skip
def test_each_command_has_examples(command: str, penstock: Penstock) -> None:
    result = penstock(*command.split(), "--help")
    assert result.exit_code == Exit.OK
    examples = result.stdout.partition("Examples:")[2].partition("╭")[0]
    assert f"penstock {command}" in examples


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["rnu"], "penstock: No such command 'rnu'. Did you mean 'run'? (see penstock --help)"),
        (["check", "--confg", "x"], "(see penstock check --help)"),
        (["run", "x"], "(see penstock run --help)"),
        (["dlq", "show"], "penstock: Missing argument 'NAME' (see penstock dlq show --help)"),
        (["send", "--to", "gopher://x"], "--to gopher://x is no target"),
        (["send", "--repeat", "2"], "--repeat needs a FILE"),
        (["check"], "penstock: configuration: none at penstock.yaml"),
        (
            ["check", "--config", "none.yaml"],
            "none.yaml: cannot be read: No such file or directory (name the file",
        ),
    ],
)
def test_a_mistake_is_one_line_and_code_2(args: list[str], told: str, penstock: Penstock) -> None:
    result = penstock(*args)
    assert result.exit_code == Exit.CONFIG
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_from_outside(process: Process, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("sources: {a: {type: tpc}}\ndestinations: {}\n")
    result = process("run", "--config", broken)
    assert (result.returncode, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert (
        lines[0] == f"penstock: {broken}: line 1: sources.a.type: there is no kind 'tpc' (did you mean tcp?)"
    )
    assert len(lines) == 2
    assert "Traceback" not in result.stderr


def test_without_a_command_the_help_is_shown(process: Process) -> None:
    result = process()
    assert result.returncode == 2
    assert "Usage: penstock" in result.stdout + result.stderr


def test_every_code_is_told_apart() -> None:
    assert [code.value for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 130]
    assert all(code.meaning for code in Exit)
