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
    sandbox: Annotated[
        Path, typer.Option("--sandbox", "-s", metavar="PATH", help="The services that are played.")
    ] = Path("config/sandbox.yaml"),
    rate: Annotated[
        float, typer.Option(metavar="LINES/S", min=0, max=1000, help="Made-up lines; 0: none.")
    ] = 2.0,
) -> None:
    """Run the daemon, the services that it delivers to, and a gentle stream of made-up lines."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(launch(config, sandbox, rate, _say))
    except PenstockError as exc:
        error(str(exc))
        code = Exit.CONFIG if isinstance(exc, ConfigError) else Exit.START
    raise typer.Exit(code)


def _say(line: str) -> None:
    print(line, flush=True)  # it may be a pipe, and is read while this runs


if __name__ == "__main__":
    typer.run(main)
