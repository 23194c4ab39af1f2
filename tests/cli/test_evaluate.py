"""`penstock eval`: one result a line."""

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from penstock.cli.exits import Exit
from penstock.cli.main import app

LINES = '{"n":1,"level":"info"}\n\n{"n":"two"}\n{"n":3}'


@pytest.fixture
def evaluate() -> Callable[..., Result]:
    return lambda *arguments, lines=LINES: CliRunner().invoke(app, ["eval", *arguments], input=lines)


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("n == 1", "true\nfalse\nfalse\n"),
        ("level", '"info"\nnull\nnull\n'),
        ("[n, 1.5]", '[1,1.5]\n["two",1.5]\n[3,1.5]\n'),
        ("duration('90s')", '"90s"\n"90s"\n"90s"\n'),
    ],
)
def test_prints_the_value_for_each_event(
    evaluate: Callable[..., Result], expression: str, printed: str
) -> None:
    result = evaluate(expression)
    assert (result.stdout, result.exit_code) == (printed, Exit.OK)


def test_prints_the_events_for_which_it_holds(evaluate: Callable[..., Result]) -> None:
    result = evaluate("--where", "n in [1, 3]")
    assert result.stdout == '{"n":1,"level":"info"}\n{"n":3}\n'


def test_what_goes_wrong_names_its_line(evaluate: Callable[..., Result]) -> None:
    result = evaluate("n > 2", lines=LINES + "\nno json\n")
    assert result.stdout == "false\ntrue\n"
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == [" line 3", " line 5"]
    assert result.exit_code == Exit.FAILURE


def test_a_mistake_is_shown_with_a_caret(evaluate: Callable[..., Result]) -> None:
    result = evaluate("n = 2")
    assert result.exit_code == Exit.CONFIG
    assert result.stderr.splitlines()[-1] == "penstock:     ^"
    assert "write ==" in result.stderr
