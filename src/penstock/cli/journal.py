"""`penstock journal`: what is written down. It only reads, beside a running daemon too."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from penstock.cli.common import ConfigOption, JsonOption, load_config
from penstock.cli.exits import Exit
from penstock.cli.output import error, say, say_json, say_table, tell
from penstock.errors import ConfigError, Problem
from penstock.journal import inspect

app = typer.Typer(help="Look into the journal without changing it.", no_args_is_help=True)

_TROUBLE: Final = {
    "backup": "the newest cannot be read, these are older; what they lack would be sent again",
    "lost": "none can be read; a start sends again all that the journal has",
}

PathOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="The journal's folder, instead of a configuration's.", show_default=False
    ),
]


@app.command()
def show(path: PathOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what the journal holds: its events, its files, and how far each destination is.

    \b
    Examples:
      penstock journal show
      penstock journal show --path /var/lib/penstock --json
    """  # noqa: D301 - \b is for the help
    report = inspect.show(_folder(path, config))
    if as_json:
        say_json(asdict(report))
        return
    _show_whole(report)
    _show_cursors(report)
    _show_files(report)


@app.command()
def verify(path: PathOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Read every record and check it. Damage is told with the events that it concerns; the exit code is 4 then.

    \b
    Examples:
      penstock journal verify
      penstock journal verify --path /var/lib/penstock --json
    """  # noqa: D301 - \b is for the help
    report = inspect.verify(_folder(path, config))
    if as_json:
        say_json({**asdict(report), "sound": report.sound})
    else:
        _tell_damage(report)
        say(f"{report.events:,} events in {report.records:,} records can be read, {report.bytes:,} bytes.")
    if not report.sound:
        raise typer.Exit(Exit.DAMAGED)


def _folder(path: Path | None, config: Path | None) -> Path:
    if path is not None:
        return path
    settings = load_config(config)
    if settings.journal.type == "memory":
        problem = Problem("journal.type", "is memory: nothing is on disk", "name a folder with --path")
        raise ConfigError("configuration", [problem])
    return settings.journal.path


def _show_whole(report: inspect.JournalReport) -> None:
    if report.running:
        state = f"pid {report.running} has it open"
    else:
        state = "stopped in order" if report.clean else "not stopped in order: the next start looks it over"
    say(f"{report.path}: node {report.node}, written by Penstock {report.version}; {state}")
    say(
        f"{report.head - report.tail:,} events, {report.tail} to {report.head}; {report.bytes:,} bytes on disk"
    )
    if report.cursors_trouble:
        error(f"the cursors are damaged: {_TROUBLE.get(report.cursors_trouble, report.cursors_trouble)}")
    for name in report.quarantined:
        error(f"kept aside: quarantine/{name}")


def _show_cursors(report: inspect.JournalReport) -> None:
    rows = [
        (name, cursor.done, max(0, report.head - cursor.done), cursor.delivered, cursor.filtered,
         sum(cursor.dead_lettered.values()), sum(cursor.dropped.values()))
        for name, cursor in sorted(report.cursors.items())
    ]  # fmt: skip
    if rows:
        say()
        say_table(
            ("destination", "done below", "behind", "delivered", "filtered", "dead letters", "dropped"), rows
        )


def _show_files(report: inspect.JournalReport) -> None:
    rows = [
        (part.name, part.end_seq - part.first_seq, f"{part.size:,}", _time(part.created))
        for part in report.segments
    ]
    rows += [(name, 0, "unreadable", "") for name in report.unreadable]
    if rows:
        say()
        say_table(("file", "events", "bytes", "since"), rows)


def _tell_damage(report: inspect.VerifyReport) -> None:
    for damage in report.damages:
        where = f"{damage.segment}: {damage.size:,} bytes from {damage.offset} on are damaged"
        error(f"{where}, events {damage.first_seq} to {damage.end_seq - 1} are lost")
    for name in report.unreadable:
        error(f"{name}: is no segment that can be read")
    if report.torn_bytes:
        tell(f"penstock: {report.torn_bytes:,} bytes at the end were begun and not finished")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
