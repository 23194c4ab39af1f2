"""What the pages tell people to type exists: targets of the Makefile, commands of penstock, keys of configurations."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from penstock.cli.main import app
from penstock.sandbox import loading
from penstock.settings import load

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SHELL = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PENSTOCK = re.compile(
    r"(?:^|[|;&] *|\bsudo +|-u penstock +|\.venv/bin/)penstock +((?:'[^'\n]*'|[^|;&<>\n`)])+)"
)


def pages() -> list[Any]:
    return [pytest.param(page.read_text(encoding="utf-8"), id=str(page.relative_to(ROOT))) for page in PAGES]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("text", pages())
def test_make_targets(text: str) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert named <= targets()


def test_the_two_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"make run", "make test"} <= {line.split("#")[0].strip() for line in readme.splitlines()}


def lines_of(text: str) -> list[str]:
    return [
        line.removeprefix("$ ")
        for block in SHELL.findall(text)
        for line in block.replace("\\\n", " ").splitlines()
    ]


@pytest.mark.parametrize("text", pages())
def test_penstock_commands(text: str) -> None:
    for line in lines_of(text):
        for typed in PENSTOCK.findall(line.split(" # ")[0]):
            check_command(typed)


def check_command(typed: str) -> None:
    words = shlex.split(typed)
    command: Any = typer.main.get_group(app)
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        assert words[0] in command.commands, f"penstock {typed}: there is no {words[0]}"
        command = command.commands[words.pop(0)]
    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in {*known, "--help", "--install-completion"}, (
                f"penstock {typed}: {word}"
            )


def test_commands_that_are_not_there_are_seen() -> None:
    for typed in ("fly", "run --fast", "dlq eat"):
        with pytest.raises(AssertionError):
            check_command(typed)


def wholes(text: str) -> list[dict[str, Any]]:
    parsed = [yaml.safe_load(block) for block in YAML.findall(text)]
    return [item for item in parsed if isinstance(item, dict) and {"sources", "destinations"} & set(item)]


@pytest.mark.parametrize("text", pages())
def test_configurations_of_the_sandbox_are_good(text: str) -> None:
    for block in YAML.findall(text):
        item = yaml.safe_load(block)
        if isinstance(item, dict) and {"services", "faults"} & set(item):
            loading.checked({"services": {"webhook": {"type": "webhook"}}} | item, "a page")


ENOUGH = {
    "sources": {"app": {"type": "tcp", "listen": "127.0.0.1:5170"}},
    "destinations": {"out": {"type": "console"}},
}


@pytest.mark.parametrize("text", pages())
def test_configurations_are_good(text: str, tmp_path: Path) -> None:
    for number, whole in enumerate(wholes(text)):
        path = tmp_path / f"{number}.yaml"
        secret = tmp_path / "secret"
        secret.write_text("hunter2", "utf-8")
        text_of = re.sub(
            r"\{file: [^}]+\}", f"{{file: {secret}}}", yaml.dump(ENOUGH | whole, default_flow_style=None)
        )
        path.write_text(text_of, "utf-8")
        load(path, dict.fromkeys(re.findall(r"\{env: (\w+)\}", text_of), "hunter2"))
