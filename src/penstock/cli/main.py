"""The command `penstock`."""

import typer

app = typer.Typer(name="penstock", no_args_is_help=True)


def main() -> None:
    """Runs the command line; the exit codes are told by `penstock --help`."""
    app()
