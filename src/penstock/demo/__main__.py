"""`python -m penstock.demo`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from penstock.cli.exits import Exit
from penstock.cli.output import error
from penstock.demo.launcher import launch
from penstock.errors import ConfigError, PenstockError


def main(
    config: Annotated[Path, typer.Option("--config", "-c", metavar="PATH", help="The configuration.")] = Path(
        "config/penstock.yaml"
    ),
) -> None:
    """Run the daemon with this configuration, and a receiver at the address of its webhook."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(launch(config, _say))
    except PenstockError as exc:
        error(str(exc))
        code = Exit.CONFIG if isinstance(exc, ConfigError) else Exit.START
    raise typer.Exit(code)


def _say(line: str) -> None:
    print(line, flush=True)  # it may be a pipe, and is read while this runs


if __name__ == "__main__":
    typer.run(main)
