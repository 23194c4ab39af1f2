"""The daemon in a process of its own, and a receiver in this one, from start to stop."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from penstock.admin.client import call
from penstock.clock import SystemClock
from penstock.demo.hints import hints
from penstock.destinations.webhook import WebhookSettings
from penstock.errors import StartError, Unavailable
from penstock.fields import Address
from penstock.sandbox import loading
from penstock.sandbox.reporter import Reporter
from penstock.sandbox.stage import Stage
from penstock.settings import Settings, load
from penstock.settings.paths import admin_socket

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at whether the daemon is up."""


async def launch(config: Path, say: Callable[[str], None]) -> int:
    """Runs both until a signal or the end of the daemon; returns the daemon's exit code.

    Signals come here, as the daemon has a session of its own: it is told to stop first, so that the receiver is there
    for what it still delivers. Should this process die in any other way, the daemon notices and stops as well.
    Raises `ConfigError`, and `StartError` where the receiver's address is taken.
    """
    settings = load(config, os.environ)
    hook = webhook_address(settings)
    receiver = await _receiver(hook, say) if hook is not None else None
    try:
        daemon = await _start(config)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, _stop, daemon)
        socket = admin_socket(settings)
        status = await _up(daemon, socket) if socket is not None else None
        if status is not None:
            _tell(status, settings, receiver, say)
        code = await daemon.wait()
        return code if code >= 0 else 128 - code  # as a shell tells of a process that a signal has ended
    finally:
        if receiver is not None:
            await receiver.stop()


def webhook_address(settings: Settings) -> Address | None:
    """Where the first webhook on loopback expects somebody to listen."""
    for destination in settings.destinations.values():
        if isinstance(destination, WebhookSettings) and destination.enabled:
            url = urlsplit(destination.url)
            address = Address(url.hostname or "", url.port or 80)
            if url.scheme == "http" and address.is_loopback:
                return address
    return None


async def _receiver(address: Address, say: Callable[[str], None]) -> Stage:
    hook = {"type": "webhook", "listen": str(address)}
    config = {"listen": "127.0.0.1:0", "services": {"webhook": hook}}
    receiver = Stage(loading.checked(config, "the receiver"), SystemClock(), Reporter(say))
    try:
        await receiver.start()
    except StartError as exc:
        raise StartError(
            f"{exc} (another `make run` may be up; otherwise change the webhook's url in the configuration)"
        ) from exc
    return receiver


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


def _stop(daemon: asyncio.subprocess.Process) -> None:
    """Asks it to stop; asked a second time it stops at once."""
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


def _tell(
    status: Mapping[str, Any], settings: Settings, receiver: Stage | None, say: Callable[[str], None]
) -> None:
    command = Path(sys.executable).with_name("penstock")
    here = command.relative_to(Path.cwd()) if command.is_relative_to(Path.cwd()) else command
    endpoints = [source["endpoint"] for source in status["sources"]]
    admin = str(settings.admin.listen) if settings.admin.enabled else ""
    for line in hints(str(here), endpoints, admin, str(receiver.address) if receiver else ""):
        say(line)
