"""`penstock preview`: what would be sent."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from penstock.cli.common import ConfigOption, config_path
from penstock.cli.exits import Exit
from penstock.cli.output import error, say, tell
from penstock.delivery.blotter import Blotter
from penstock.exchange import Append, Request
from penstock.log import quiet
from penstock.rehearsal import Kept, Rehearsal
from penstock.settings import load, without_secrets


def preview(
    destinations: Annotated[
        list[str] | None,
        typer.Argument(metavar="DESTINATION", help="By name; without one all of them.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="The bodies alone, byte for byte.")] = False,
) -> int:
    """Show what destinations would send for the lines on standard input. Nothing is sent, secrets are hidden.

    The lines go through the processors, into batches and into the words of the service, as in the daemon; bodies are shown
    before compression, and without the headers that are made for each attempt. What would become a dead letter is told.

    \b
    Examples:
      tail -n 3 app.log | penstock preview search
      tail -n 3 app.log | penstock preview search --raw
    """  # noqa: D301 - \b is for the help
    path = config_path(config)
    settings = load(path, os.environ)
    names = destinations or list(settings.destinations)
    if unknown := [name for name in names if name not in settings.destinations]:
        error(f"there is no destination {unknown[0]}; there are {', '.join(settings.destinations)}")
        return Exit.CONFIG
    with quiet():
        _preview(Rehearsal(settings), names, raw=raw)
    return Exit.OK


def _preview(rehearsal: Rehearsal, names: Sequence[str], *, raw: bool) -> None:
    block = rehearsal.block(_lines())
    written, _ = rehearsal.written(block) if block is not None else ([], [])
    for name in names:
        came, kept = rehearsal.at(name, written)
        blot = Blotter(rehearsal.destination(name).secrets)
        for one in [*kept, *rehearsal.sent(name, came)]:
            _show(name, one, blot, raw=raw)
        if not came and not kept:
            tell(f"{name}: nothing")
    for line in rehearsal.complaints:
        tell(line)


def _lines() -> bytes:
    data = sys.stdin.buffer.read()
    return data if data.endswith(b"\n") or not data else data + b"\n"


def _show(name: str, one: Request | Append | Kept, blot: Blotter, *, raw: bool) -> None:
    if isinstance(one, Kept):
        tell(f"{name}: {one.batch.count} would become dead letters: {blot(one.reason)}")
        return
    body = one.body if isinstance(one, Request) else one.data
    text = body.decode("utf-8", "surrogateescape")
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(blot(text).encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
        return
    for line in _head(name, one):
        say(blot(line))
    say()
    say(blot(body.decode("utf-8", "replace")).rstrip("\n"))
    say()


def _head(name: str, one: Request | Append) -> Sequence[str]:
    if isinstance(one, Append):
        return [f"# {name}: {len(one.data)} bytes appended"]
    return [
        f"# {name}: {len(one.body)} bytes",
        f"{one.method} {without_secrets(one.url)}",
        *_headers(one),
    ]


def _headers(request: Request) -> Iterator[str]:
    for key, value in request.headers.items():
        yield f"{key}: {value}"
