"""The sandbox from the command line: what is to be played, and playing it."""

import asyncio
import signal
from pathlib import Path
from typing import Any, Final

import uvloop

from penstock.clock import SystemClock
from penstock.errors import ConfigError, Problem
from penstock.sandbox import loading
from penstock.sandbox.greeting import greeting
from penstock.sandbox.reporter import EACH, Reporter
from penstock.sandbox.settings import SandboxSettings, demonstration
from penstock.sandbox.stage import Stage

_COMMAND: Final = "penstock sandbox"


def settings(config: Path | None, listen: str, names: list[str]) -> SandboxSettings:
    """What to play: the file's, or all there is; `names` leaves out the others. Raises `ConfigError`."""
    replace: dict[str, Any] = {"listen": listen} if listen else {}
    if config is None:
        found = loading.checked(demonstration() | replace, _COMMAND)
    else:
        found = loading.load(config, replace)
    return _only(found, names) if names else found


def _only(settings: SandboxSettings, names: list[str]) -> SandboxSettings:
    """Just these services, and the faults that may befall them."""
    known = settings.services
    unknown = [name for name in names if name not in known]
    if unknown:
        what = f"there is no service {unknown[0]!r}"
        raise ConfigError("--service", [Problem("", what, f"there are {', '.join(known)}")])
    faults = tuple(
        fault for fault in settings.faults if not fault.services or set(fault.services) & set(names)
    )
    services = {name: service for name, service in known.items() if name in names}
    return settings.model_copy(update={"services": services, "faults": faults})


def run(settings: SandboxSettings, quiet: bool, summary: bool, *, with_secrets: bool) -> None:
    """Plays until a signal comes. Raises `StartError`."""
    reporter = None if quiet else Reporter(_say, each=0 if summary else EACH)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_play(settings, reporter, with_secrets=with_secrets))


async def _play(settings: SandboxSettings, reporter: Reporter | None, *, with_secrets: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Stage(settings, SystemClock(), reporter) as stage:
        for line in greeting(stage, with_secrets=with_secrets):
            _say(line)
        await stop.wait()


def _say(line: str) -> None:
    print(line, flush=True)  # it may be a pipe, and is read while this runs
