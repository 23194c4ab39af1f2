"""`penstock dlq`: the events that a service would not take."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from penstock.admin.client import call
from penstock.cli.common import ConfigOption, JsonOption, load_config
from penstock.cli.output import say, say_json, say_table
from penstock.clock import SystemClock
from penstock.delivery.deadletters import DeadLetter, DeadLetterStore
from penstock.errors import PenstockError, Unavailable
from penstock.settings import Settings
from penstock.settings.paths import admin_socket, dead_letters

REPLAY_TIMEOUT = 600.0
"""Seconds: a large dead-letter queue takes its time."""

app = typer.Typer(help="Read dead letters, send them again, or throw them away.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The destination.")]
IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="IDS", help="Event ids, as `show` tells them.", show_default=False),
]
AllOption = Annotated[bool, typer.Option("--all", help="All of them, instead of IDS.")]
ReasonOption = Annotated[
    str, typer.Option(metavar="TEXT", help="Only those whose reason holds this text.", show_default=False)
]


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the destinations with their dead letters, by reason.

    \b
    Examples:
      penstock dlq list
    """  # noqa: D301 - \b is for the help
    settings = load_config(config)
    found = {name: _reasons(settings, name) for name in _names(settings)}
    if as_json:
        for name, reasons in found.items():
            size = _store(settings, name).size
            say_json({"destination": name, "events": reasons.total(), "bytes": size, "reasons": reasons})
    elif not any(found.values()):
        say("There are no dead letters.")
    else:
        rows = [(name, count, reason) for name, all_ in found.items() for reason, count in all_.most_common()]
        say_table(("destination", "events", "reason"), rows)


@app.command()
def show(
    name: NameArgument,
    ids: IdsArgument = None,
    *,
    reason: ReasonOption = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 20,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show dead letters: each event with the reason, the service's answer, and its times.

    \b
    Examples:
      penstock dlq show search --limit 5
      penstock dlq show search --reason mapping --json | jq .event
    """  # noqa: D301 - \b is for the help
    settings = load_config(config)
    _known(settings, name)
    shown = 0
    for letter in islice(_chosen(settings, name, ids, reason), limit):
        shown += 1
        if as_json:
            print(msgspec.json.encode(letter).decode())
        else:
            _show(letter)
    if not shown and not as_json:
        say(f"{name} has no such dead letters.")


@app.command()
def replay(
    name: NameArgument,
    ids: IdsArgument = None,
    *,
    every: AllOption = False,
    reason: ReasonOption = "",
    config: ConfigOption = None,
) -> None:
    """Give dead letters back to their destination's queue. The daemon has to run.

    \b
    Examples:
      penstock dlq replay search --all
      penstock dlq replay search --reason "index closed"
      penstock dlq replay search 5f2a-1041 5f2a-1042
    """  # noqa: D301 - \b is for the help
    _ask(name, "replay", ids, every=every, reason=reason, config=config)


@app.command()
def discard(
    name: NameArgument,
    ids: IdsArgument = None,
    *,
    every: AllOption = False,
    reason: ReasonOption = "",
    config: ConfigOption = None,
) -> None:
    """Throw dead letters away for good. The daemon has to run.

    \b
    Examples:
      penstock dlq discard search 5f2a-1041
      penstock dlq discard search --reason "mapping"
    """  # noqa: D301 - \b is for the help
    _ask(name, "discard", ids, every=every, reason=reason, config=config)


def _ask(
    name: str, action: str, ids: list[str] | None, *, every: bool, reason: str, config: Path | None
) -> None:
    if bool(ids) + every + bool(reason) != 1:
        raise typer.BadParameter("say which: IDS, --reason, or --all")
    settings = load_config(config)
    _known(settings, name)
    wanted = None if every else ids or [letter.id for letter in _chosen(settings, name, None, reason)]
    body = {"ids": wanted}
    path = f"/api/dead-letters/{name}/{action}"
    daemon = admin_socket(settings)
    if daemon is None:
        raise PenstockError("the daemon cannot be reached: a journal in memory needs admin.socket for that")
    try:
        status, answer = call(daemon, "POST", path, body, timeout=REPLAY_TIMEOUT)
    except Unavailable as exc:
        raise Unavailable(f"{exc}; start the daemon, it alone may change its dead letters") from exc
    if status != 200:
        raise PenstockError(f"the daemon refuses: {answer.get('error', status)}")
    count = answer.get(f"{action}ed", 0)
    events = f"{count:,} event{'' if count == 1 else 's'}"
    say(f"{name}: {events} {'given back to the queue' if action == 'replay' else 'thrown away'}.")


def _store(settings: Settings, name: str) -> DeadLetterStore:
    configured = settings.destinations.get(name)
    bounds = (configured or next(iter(settings.destinations.values()))).dead_letter  # reading needs none
    return DeadLetterStore(dead_letters(settings, name), bounds, SystemClock())


def _chosen(settings: Settings, name: str, ids: list[str] | None, reason: str) -> Iterator[DeadLetter]:
    letters = _store(settings, name).read(set(ids) if ids else None)
    return (letter for letter in letters if reason.lower() in letter.reason.lower())


def _names(settings: Settings) -> list[str]:
    """Of the configured destinations, and of those that were removed and left dead letters behind."""
    one = dead_letters(settings, "any")
    left = [path.name for path in one.parent.glob("*/")] if one else []
    return sorted({*settings.destinations, *left})


def _known(settings: Settings, name: str) -> None:
    names = _names(settings)
    if name not in names:
        raise typer.BadParameter(f"there is no destination {name!r}; there are {', '.join(names)}")


def _reasons(settings: Settings, name: str) -> Counter[str]:
    return Counter(letter.reason for letter in _store(settings, name).read())


def _show(letter: DeadLetter) -> None:
    status = f" (HTTP {letter.status})" if letter.status else ""
    attempts = f"{letter.attempts} attempt{'' if letter.attempts == 1 else 's'}"
    say(f"{letter.id}  {letter.reason}{status}")
    say(f"  arrived {_time(letter.arrived)}, {attempts}, dead since {_time(letter.dead_since)}")
    if letter.answer:
        say(f"  answer: {letter.answer!r}")
    say(f"  {bytes(letter.event).decode(errors='replace')}")
    say()


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
