"""`penstock journal`: what is written down. It only reads, beside a running daemon too."""

import typer

app = typer.Typer(help="Look into the journal without changing it.", no_args_is_help=True)
