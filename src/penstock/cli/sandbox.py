"""`penstock sandbox`."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.fields import Address


def sandbox(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="PATH",
            help="What to play, and which faults. Without it: every service, none of them at fault.",
            show_default=False,
        ),
    ] = None,
    listen: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="The control, and the services at the ports after it. Instead of `listen`; 127.0.0.1:9480 by default.",
            show_default=False,
        ),
    ] = "",
    service: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Play only this one; may be repeated.", show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing of what is received.")] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="A line a second instead of one for each request.")
    ] = False,
) -> None:
    """Play the services that Penstock delivers to, on loopback, strictly, with faults on demand.

    GET /received at the control tells what was accepted, with doubles and holes; POST /faults breaks things.
    It runs until SIGTERM or Ctrl-C, and keeps nothing.

    \b
    Examples:
      penstock sandbox
      penstock sandbox --service webhook --summary
      penstock sandbox --config config/sandbox.yaml
    """  # noqa: D301 - \b is for the help
    if listen:
        try:
            Address.parse(listen)
        except ValueError as exc:
            raise typer.BadParameter(f"--listen {listen} {exc}") from exc
    from penstock.cli import playing  # noqa: PLC0415 - half the start of every other command

    playing.run(playing.settings(config, listen, service or []), quiet, summary, with_secrets=config is None)
