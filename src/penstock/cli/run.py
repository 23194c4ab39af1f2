"""`penstock run`."""

import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import typer

from penstock.cli.check import check, show
from penstock.cli.common import ConfigOption, find_config
from penstock.errors import ConfigError, Problem
from penstock.log import Format, Level, configure
from penstock.settings import Settings, load

StdinArgument = Annotated[
    Literal["-"] | None,
    typer.Argument(
        metavar="-",
        help="Read standard input instead of the configured sources, deliver all of it, and end.",
        show_default=False,
    ),
]
LevelOption = Annotated[Level | None, typer.Option(help="Instead of log.level.", show_default=False)]
FormatOption = Annotated[Format | None, typer.Option(help="Instead of log.format.", show_default=False)]


def run(
    stdin: StdinArgument = None,
    config: ConfigOption = None,
    log_level: LevelOption = None,
    log_format: FormatOption = None,
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Build everything, say what would run, and end: as penstock check."),
    ] = False,
) -> None:
    """Run the daemon, until SIGTERM or Ctrl-C.

    With - and no configuration anywhere, events are shown on the console and kept in memory only.

    \b
    Examples:
      penstock run --config /etc/penstock/penstock.yaml
      app | penstock run -
      PENSTOCK__LOG__LEVEL=debug penstock run
    """  # noqa: D301 - \b is for the help, where it keeps the lines below it apart
    if dry_run and stdin is None:
        check(config)
        return
    with ExitStack() as cleanup:
        read = Reader(find_config(config), stdin == "-", log_level, log_format, cleanup)
        settings = read()
        if dry_run:
            show(settings)
            return
        configure(settings.log.level, settings.log.format)
        from penstock import app  # noqa: PLC0415 - mistakes are told before the daemon's code is loaded

        code = app.run(settings, read)
    raise typer.Exit(code)


class Reader:
    """Reads the configuration: at the start, and again at each reload, by the same rules."""

    def __init__(
        self, path: Path | None, stdin: bool, level: Level | None, style: Format | None, cleanup: ExitStack
    ) -> None:
        if path is None and not stdin:
            where = "is nowhere: name it with --config, or read standard input with -"
            raise ConfigError("configuration", [Problem("", where)])
        self._path = path
        self._replace: dict[str, Any] = {"sources": {"stdin": {"type": "stdin"}}} if stdin else {}
        if path is None:
            folder = cleanup.enter_context(TemporaryDirectory(prefix="penstock-"))
            self._replace |= {
                "destinations": {"console": {"type": "console"}},
                "journal": {"type": "memory", "path": folder},
                "admin": {"enabled": False},
            }
        self._log = {"level": level, "format": style}

    def __call__(self) -> Settings:
        settings = load(self._path, os.environ, replace=self._replace)
        given = {key: value for key, value in self._log.items() if value is not None}
        return settings.model_copy(update={"log": settings.log.model_copy(update=given)})
