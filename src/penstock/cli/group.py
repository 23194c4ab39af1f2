"""The border of the command line: here an exception becomes a line on standard error and an exit code."""

import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from penstock.cli.exits import Exit
from penstock.cli.output import error
from penstock.errors import ConfigError, JournalError, PenstockError, PluginError, StartError, Unavailable

_UsageError: Final[type[Exception]] = typer.BadParameter.__mro__[1]  # typer does not name it in public

_EXITS: Final[tuple[tuple[type[PenstockError], Exit], ...]] = (
    (ConfigError, Exit.CONFIG),
    (PluginError, Exit.CONFIG),
    (StartError, Exit.START),
    (JournalError, Exit.START),
    (Unavailable, Exit.UNREACHABLE),
    (PenstockError, Exit.FAILURE),
)


class Commands(TyperGroup):
    """All commands. A user's mistake is one line; only a bug shows a traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:
        given = args[0] if args else extra.pop("args", None)
        if not extra.pop("standalone_mode", True):
            return super().main(given, standalone_mode=False, **extra)
        sys.exit(self._ended(given))

    def _ended(self, given: Sequence[str] | None) -> int:
        try:
            code = super().main(given, "penstock", standalone_mode=False)
        except _UsageError as exc:
            _show_usage(exc)
            return Exit.CONFIG
        except typer.Abort:
            return Exit.INTERRUPTED
        except PenstockError as exc:
            error(str(exc))
            return next(code for kind, code in _EXITS if isinstance(exc, kind))
        except OSError as exc:  # a folder that may not be read, a full disk below standard output
            error(f"{exc.filename}: {exc.strerror}" if exc.filename else exc.strerror or str(exc))
            return Exit.FAILURE
        return code if isinstance(code, int) else Exit.OK


def _show_usage(exc: Any) -> None:
    if type(exc).__name__ == "NoArgsIsHelpError":  # it is raised to show the help
        exc.show()
        return
    command = exc.ctx.command_path if exc.ctx else "penstock"
    error(f"{exc.format_message().rstrip('.')} (see {command} --help)".replace("\n", " "))
