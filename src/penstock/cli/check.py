"""`penstock check`."""

import os
from collections.abc import Iterator, Sequence

from penstock.cli import surroundings
from penstock.cli.common import ConfigOption, config_path
from penstock.cli.output import say, say_table, tell
from penstock.errors import ConfigError
from penstock.fields import show_size
from penstock.plugins import type_of
from penstock.processors.base import ProcessorSettings
from penstock.settings import Settings, load, located, without_secrets


def check(config: ConfigOption = None) -> None:
    """Check a configuration without starting anything.

    All that is wrong is told at once, each with its line and what to do. Plugins and certificates are loaded, folders
    looked at, and ports tried: one that is taken is a warning, as the daemon itself may be running. Files to follow
    that are not there, or that this user may not read, are warnings too.

    \b
    Examples:
      penstock check
      penstock check --config new.yaml && systemctl reload penstock
    """  # noqa: D301 - \b is for the help
    path = config_path(config)
    settings = load(path, os.environ)
    problems = [
        *surroundings.unbuildable(settings),
        *surroundings.unusable(settings),
        *surroundings.unwritable(settings),
    ]
    for warning in (*surroundings.taken(settings), *surroundings.unreadable(settings)):
        tell(f"penstock: warning: {warning}")
    if problems:
        raise ConfigError(str(path), located(path, problems))
    show(settings)


def show(settings: Settings) -> None:
    """What would run."""
    say_table(("", "name", "type", "where"), _rows(settings))
    say(f"The configuration is good: {len(settings.sources)} in, {len(settings.destinations)} out.")


def _rows(settings: Settings) -> Iterator[tuple[str, str, str, str]]:
    for name, source in settings.sources.items():
        yield "source", name, type_of(type(source)), _where(source)
    if settings.processors:
        yield "processors", "", _chain(settings.processors), "before the journal"
    journal = settings.journal
    where = f"{journal.path}, at most {show_size(journal.max_bytes)}" if journal.type == "disk" else "-"
    yield "journal", "", journal.type, where
    for name, destination in settings.destinations.items():
        off = "" if destination.enabled else " (not enabled)"
        yield "destination", name, destination.type, f"{_where(destination)}{off}"
        if destination.match is not None or destination.processors:
            match = [] if destination.match is None else [f"match {destination.match.text}"]
            yield "", "", "", ", ".join([*match, *filter(None, [_chain(destination.processors)])])
    if settings.admin.enabled:
        yield "admin", "", "http", str(settings.admin.listen)


def _chain(processors: Sequence[ProcessorSettings]) -> str:
    return ", ".join(type_of(type(one)) for one in processors)


def _where(item: object) -> str:
    found = (getattr(item, key, None) for key in ("url", "listen", "path", "endpoint", "site"))
    where = next((value for value in found if value), "-")
    return without_secrets(" ".join(where) if isinstance(where, tuple) else str(where))
