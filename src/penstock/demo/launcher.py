"""The daemon in a process of its own, and in this one the services that it delivers to, from start to stop."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from penstock.admin.client import call
from penstock.clock import SystemClock, sleep
from penstock.demo.hints import hints
from penstock.demo.pour import Pour
from penstock.demo.summary import Summary
from penstock.demo.traffic import Traffic
from penstock.errors import StartError, Unavailable
from penstock.fields import Address
from penstock.sandbox import loading
from penstock.sandbox.stage import Stage
from penstock.settings import Settings, load
from penstock.settings.paths import admin_socket
from penstock.tasks import Tasks

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at whether the daemon is up."""
TELL_EVERY: Final = 10.0
"""Seconds between two lines about what was sent and received."""
SEED: Final = 1


async def launch(config: Path, sandbox: Path, rate: float, say: Callable[[str], None]) -> int:
    """Runs both until a signal or the end of the daemon; returns the daemon's exit code.

    `rate` made-up lines a second go to the daemon's first TCP source; 0: none.

    Signals come here, as the daemon has a session of its own: it is told to stop first, so that the services are there
    for what it still delivers. Should this process die in any other way, the daemon notices and stops as well.
    Raises `ConfigError`, and `StartError` where an address of a service is taken.
    """
    settings = load(config, os.environ)
    clock = SystemClock()
    stage = Stage(loading.load(sandbox), clock)
    await _play(stage)
    tasks = Tasks("demo")
    try:
        daemon = await _start(config)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, _stop, daemon, tasks)
        socket = admin_socket(settings)
        status = await _up(daemon, socket) if socket is not None else None
        if status is not None:
            _tell(status, settings, stage, say)
            tasks.start(_keep_busy(status, rate, stage, say), "traffic")
        code = await daemon.wait()
        if code < 0:
            say(
                f"The daemon was ended by {_signal(-code)}; what it has not delivered it delivers after the next start."
            )
        return code if code >= 0 else 128 - code  # as a shell tells of a process that a signal has ended
    finally:
        await tasks.stop()
        await stage.stop()


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no names
        return f"signal {number}"


async def _play(stage: Stage) -> None:
    try:
        await stage.start()
    except StartError as exc:
        raise StartError(f"{exc} (another `make run` may be up)") from exc


async def _keep_busy(
    status: Mapping[str, Any], rate: float, stage: Stage, say: Callable[[str], None]
) -> None:
    """Sends, and tells now and then what has arrived."""
    clock, summary, tasks = SystemClock(), Summary(), Tasks("demo")
    sources = [urlsplit(source["endpoint"]) for source in status["sources"]]
    source = next((Address(at.hostname or "", at.port or 0) for at in sources if at.scheme == "tcp"), None)
    pour = Pour(source, rate, Traffic(SEED), clock) if rate and source is not None else None
    try:
        if pour is not None:
            tasks.start(pour.run(), "pour")
        while True:
            await sleep(clock, TELL_EVERY)
            received = {name: server.received for name, server in stage.servers.items()}
            if line := summary.line(clock.time(), pour.sent if pour else 0, received):
                say(line)
    finally:
        await tasks.stop()


async def _start(config: Path) -> asyncio.subprocess.Process:
    read_end, _ = (
        os.pipe()
    )  # the other end stays open for as long as this process lives, and is inherited by none
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "penstock.demo.lifeline", str(read_end), "run", "--config", str(config),
            stdin=asyncio.subprocess.DEVNULL, pass_fds=(read_end,), start_new_session=True,
        )  # fmt: skip
    finally:
        os.close(read_end)


def _stop(daemon: asyncio.subprocess.Process, tasks: Tasks) -> None:
    """Asks it to stop, and sends nothing more; asked a second time it stops at once."""
    tasks.cancel()
    if daemon.returncode is None:
        daemon.terminate()


async def _up(daemon: asyncio.subprocess.Process, socket: Path) -> Mapping[str, Any] | None:
    """What the daemon says of itself once it takes events; none where it ended before."""
    while daemon.returncode is None:
        try:
            code, status = await asyncio.to_thread(call, socket, "GET", "/api/status", timeout=1.0)
        except Unavailable:
            code, status = 0, {}
        if code == 200 and status["ready"] and status["process"]["pid"] == daemon.pid:
            return status
        try:
            await asyncio.wait_for(daemon.wait(), LOOK_EVERY)
        except TimeoutError:
            continue
    return None


def _tell(status: Mapping[str, Any], settings: Settings, stage: Stage, say: Callable[[str], None]) -> None:
    command = Path(sys.executable).with_name("penstock")
    here = command.relative_to(Path.cwd()) if command.is_relative_to(Path.cwd()) else command
    endpoints = [source["endpoint"] for source in status["sources"]]
    admin = str(settings.admin.listen) if settings.admin.enabled else ""
    for line in hints(str(here), endpoints, admin, str(stage.address)):
        say(line)
