"""The daemon as a process of its own, for tests of what only a process can show: signals, crashes, restarts."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

import orjson

from penstock.admin.client import call
from penstock.errors import Unavailable
from penstock.testing.waiting import wait_for

START: Final = 30.0
"""Seconds until it must be ready, on a busy machine."""
STOP: Final = 40.0
"""Seconds until it must have ended: the drain takes 20 of them at most."""


class DaemonProcess:
    """`penstock run` with a configuration, in a folder that also gets its log.

    Ports in the configuration should be 0; where it listens is read from its log. The kernel ends it with this
    process, where setpriv(1) is there to ask for that.
    """

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.folder = folder
        self.config = dict(config)
        self.endpoints: dict[str, str] = {}
        """By source: where to send."""
        self.admin = ""
        """Its TCP address, `host:port`."""
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    @property
    def pid(self) -> int:
        """Of the running process."""
        return self._running().pid

    @property
    def running(self) -> bool:
        """It has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def stdin(self) -> IO[bytes]:
        """Its standard input, after `launch(stdin=True)`."""
        stream = self._running().stdin
        assert stream is not None, "it was launched without standard input"
        return stream

    def start(self, *arguments: str, stdin: bool = False) -> None:
        """Runs it, and returns once it is ready."""
        self.launch(*arguments, stdin=stdin)
        wait_for(lambda: self._is_ready() or not self.running, "ready", START)
        assert self.running, f"it ended with {self.wait()}:\n{self.log_text()}"
        self.endpoints = {e["source"]: e["at"] for e in self.log() if e["message"] == "source listens"}
        self.admin = next(e["admin"] for e in self.log() if e["message"] == "ready")

    def launch(self, *arguments: str, stdin: bool = False) -> None:
        """Runs it, and returns at once."""
        assert not self.running, "it runs already"
        self.write_config(self.config)
        self._starts += 1
        with self._log_path.open("wb") as out, self._log_path.with_suffix(".out").open("wb") as stdout:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [
                    *dies_with_us(),
                    sys.executable,
                    "-m",
                    "penstock",
                    "run",
                    *arguments,
                    "--config",
                    self._config_path,
                ],
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=stdout,
                stderr=out,
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            )

    def write_config(self, config: Mapping[str, Any]) -> None:
        """What it reads at the next start, or reload."""
        self.config = dict(config)
        self._config_path.write_bytes(orjson.dumps(self.config, default=str))  # JSON is YAML

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self._running().send_signal(number)

    def kill(self) -> None:
        """Ends it as a power button would: nothing of it runs any more when this returns."""
        self._running().kill()
        self.wait()

    def stop(self) -> int:
        """Asks it to stop, waits until it has, and returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(STOP)

    def wait(self, seconds: float = STOP) -> int:
        """Waits for its end by itself, and returns its exit code."""
        process = self._running()
        try:
            return process.wait(seconds)
        finally:
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()

    def end(self) -> None:
        """Leaves nothing behind, whatever state it is in."""
        if self.running:
            self.kill()

    def ask(self, target: str, method: str = "GET", body: object = None) -> dict[str, Any]:
        """What it answers on its own socket. Raises `Unavailable` where it does not."""
        status, answer = call(self._socket_path, method, target, body)
        assert status == 200, answer
        return answer

    def status(self) -> dict[str, Any]:
        """`/api/status`."""
        return self.ask("/api/status")

    def destination(self, name: str) -> dict[str, Any]:
        """What `/api/status` says of one destination."""
        return next(found for found in self.status()["destinations"] if found["name"] == name)

    def balanced(self) -> bool:
        """Every event is accounted for, in each destination's books."""
        return all(found["ledger"]["imbalance"] == 0 for found in self.status()["destinations"])

    def settled(self, name: str) -> bool:
        """Nothing waits for this destination."""
        return bool(self.destination(name)["ledger"]["pending"] == 0)

    def tcp(self, source: str) -> tuple[str, int]:
        """Host and port of a source."""
        parts = urlsplit(self.endpoints[source])
        return str(parts.hostname), int(parts.port or 0)

    def log(self) -> list[dict[str, Any]]:
        """What it has said since its last start."""
        entries: list[dict[str, Any]] = []
        for line in self._log_path.read_bytes().splitlines():
            try:
                entry = orjson.loads(line)
            except orjson.JSONDecodeError:
                entry = {"message": line.decode(errors="replace")}
            entries.append(entry if isinstance(entry, dict) else {"message": str(entry)})
        return entries

    def said(self, message: str) -> list[dict[str, Any]]:
        """The log lines with this message."""
        return [entry for entry in self.log() if entry["message"] == message]

    def log_text(self) -> str:
        """The log as it is, for people."""
        return self._log_path.read_text(errors="replace")

    def output(self) -> bytes:
        """What it has written to standard output since its last start."""
        return self._log_path.with_suffix(".out").read_bytes()

    def resident(self) -> int:
        """Bytes of memory."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def _log_path(self) -> Path:
        return self.folder / f"daemon-{self._starts}.log"

    @property
    def _config_path(self) -> Path:
        return self.folder / "penstock.yaml"

    @property
    def _socket_path(self) -> Path:
        return Path(self.config["journal"]["path"]) / "admin.sock"

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was never started"
        return self._process

    def _is_ready(self) -> bool:
        return b'"ready"' in self._log_path.read_bytes()


def dies_with_us() -> list[str]:
    """What to put before a command, so that the kernel ends it with this process; nothing without setpriv(1)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def answering(ask: Callable[[], bool]) -> Callable[[], bool]:
    """The same question, answered no while the daemon does not answer at all."""

    def answered() -> bool:
        try:
            return ask()
        except Unavailable:
            return False

    return answered
