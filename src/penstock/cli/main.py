"""The command `penstock`."""

from typing import Final

import typer

from penstock.cli import about, cases, check, dlq, evaluate, journal, preview, run, sandbox, send
from penstock.cli.exits import Exit
from penstock.cli.group import Commands

_EPILOG: Final = "\n\n".join(["Exit codes:", *(f"{code.value}: {code.meaning}" for code in Exit)])

app = typer.Typer(
    name="penstock",
    cls=Commands,
    help="Penstock takes log lines over local sockets, writes them down, and hands each destination its own copy.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,  # they show local variables, and so may show a secret
)
app.command("run")(run.run)
app.command("check")(check.check)
app.command("test")(cases.run_cases)
app.command("preview")(preview.preview)
app.command("eval")(evaluate.evaluate)
app.command("send")(send.send)
app.add_typer(journal.app, name="journal")
app.add_typer(dlq.app, name="dlq")
app.command("sandbox")(sandbox.sandbox)
app.command("schema")(about.schema)
app.command("version")(about.show_version)


def main() -> None:
    """Runs the command line; the exit codes are told by `penstock --help`."""
    app()
