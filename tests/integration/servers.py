"""The real servers that integration tests talk to, run by scripts that lie beside this repository.

A script is `NAME install`, which fills a cache, and `NAME run [--port N] [--data DIR] -- settings…`, which prints
`ready http://127.0.0.1:PORT` once the server answers and ends it at SIGTERM. Where one cannot be installed, its
tests are skipped with the reason that the script gave; one that is installed and does not start fails them.
"""

import contextlib
import functools
import os
import re
import signal
import socket
import subprocess
from pathlib import Path
from typing import Final, Self

import pytest

from penstock.testing.process import dies_with_us
from penstock.testing.waiting import wait_for

BESIDE: Final = Path(__file__).parents[2].parent / "shared/servers"
"""Where the scripts are, unless `PENSTOCK_SERVERS_DIR` says otherwise."""
INSTALL: Final = float(os.environ.get("PENSTOCK_TEST_INSTALL_SECONDS", "240"))
"""For all that has to be fetched."""
START: Final = 120.0
STOP: Final = 30.0
"""Seconds; the script kills its server after 20."""
_READY: Final = re.compile(r"^ready (http://127\.0\.0\.1:(\d+))$", re.MULTILINE)


class RealServer:
    """One server, with its port and its data kept from one `start` to the next; a context from start to end."""

    def __init__(self, name: str, folder: Path, *settings: str) -> None:
        """`folder` is made, and gets its data and what it says; `settings` are what stands behind `--`."""
        self.name = name
        self.folder = folder
        self.settings = settings
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its base, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """It has not ended."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Runs it, and returns once it answers: at any port the first time, at the same one after a `stop`.

        Skips the test where it cannot be installed.
        """
        assert not self.running, f"{self.name} runs already"
        script = installed(self.name)
        self.folder.mkdir(parents=True, exist_ok=True)
        port = ["--port", str(self.port)] if self.port else []
        with self._said.open("wb") as out, self._complaints.open("wb") as err:
            self._process = subprocess.Popen(
                [*dies_with_us(), script, "run", *port, "--data", self.folder / "data", "--", *self.settings],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
            )
        try:
            wait_for(lambda: self._ready() or not self.running, f"{self.name} ready", START)
        except BaseException:
            self.stop()
            raise
        ready = self._ready()
        if ready is None:
            reason = self._complaints.read_text(errors="replace").strip()
            if "needs a JDK" in reason:  # one that came with the cache of another machine, say
                pytest.skip(reason)
            pytest.fail(f"{self.name} has not started:\n{reason}")
        self.port = int(ready[2])

    def stop(self) -> None:
        """Ends it in order; nothing of it runs any more when this returns."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP)
            finally:
                self._process.kill()
                self._process.wait()
                self._process = None

    def kill(self) -> None:
        """Ends it as a power button would: the kernel ends the server with the script."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        wait_for(lambda: not _is_taken(self.port), f"{self.name} gone", STOP)

    def log_text(self) -> str:
        """What the server itself has said, for people."""
        return (self.folder / "data" / "server.log").read_text(errors="replace")

    @property
    def _said(self) -> Path:
        return self.folder / "script.out"

    @property
    def _complaints(self) -> Path:
        return self.folder / "script.err"

    def _ready(self) -> re.Match[str] | None:
        return _READY.search(self._said.read_text())


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def installed(name: str) -> Path:
    """The script of a server that is ready to run. Skips the test, saying why, where there is none."""
    script = Path(os.environ.get("PENSTOCK_SERVERS_DIR") or BESIDE) / name
    if not script.is_file():
        pytest.skip(f"no {script}: PENSTOCK_SERVERS_DIR names the folder of the scripts")
    if reason := _install(script):
        pytest.skip(reason)
    return script


@functools.cache
def _install(script: Path) -> str:
    """Why it cannot be installed; nothing where it is. Asked once: what has failed is not tried again."""
    with subprocess.Popen(
        [*dies_with_us(), script, "install"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that what it has started can be ended with it
    ) as process:
        try:
            complaint = process.communicate(timeout=INSTALL)[1].decode(errors="replace").strip()
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return f"{script.name}: not installed in {INSTALL:g} s"
    return complaint or f"{script.name}: not installed" if process.returncode else ""
