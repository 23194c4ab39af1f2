"""The demo as a person runs it: real processes, and none of them left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import urlopen

import pytest
import yaml

from penstock.admin.client import call
from penstock.errors import Unavailable

LIMIT = 60.0
"""Seconds that anything may take on a busy machine."""

CONFIG = """
sources: {{app: {{type: tcp, listen: "127.0.0.1:0"}}}}
journal: {{path: {folder}/journal}}
admin: {{listen: "127.0.0.1:0", socket: {folder}/admin.sock}}
destinations:
  hook: {{type: webhook, url: "http://127.0.0.1:{port}/", batch: {{age: 50ms}}}}
"""

SANDBOX = """
listen: "127.0.0.1:{control}"
services: {{hook: {{type: webhook, listen: "127.0.0.1:{port}"}}}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def until(holds: Callable[[], bool], what: str) -> None:
    pause = Event()
    for _ in range(int(LIMIT / 0.05)):
        if holds():
            return
        pause.wait(0.05)
    raise AssertionError(f"not in {LIMIT} s: {what}")


def command(config: Path) -> list[str]:
    sandbox = config.with_name("sandbox.yaml")
    paths = ["--config", str(config), "--sandbox", str(sandbox)]
    return [sys.executable, "-m", "penstock.demo", *paths, "--rate", "20"]


class Demo:
    """A demo that was started, and its daemon."""

    def __init__(self, config: Path) -> None:
        self.log = config.with_name("output.txt")
        self.socket = config.with_name("admin.sock")
        sandbox = yaml.safe_load(config.with_name("sandbox.yaml").read_text())
        self.received = f"http://{sandbox['listen']}/received/hook?events=1000"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command(config),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text()

    def status(self) -> dict[str, Any]:
        try:
            return call(self.socket, "GET", "/api/status")[1]
        except Unavailable:
            return {}

    def up(self) -> int:
        """Waits until it takes events; the daemon's pid."""
        until(lambda: "Ctrl-C stops it" in self.said or self.process.poll() is not None, "the hints")
        assert self.process.poll() is None, self.said
        pid: int = self.status()["process"]["pid"]
        return pid

    def send(self, text: str) -> None:
        host, _, port = self.status()["sources"][0]["endpoint"].removeprefix("tcp://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(text.encode())

    def arrived(self, text: str) -> None:
        """At the service that is played."""

        def has_it() -> bool:
            with urlopen(self.received, timeout=LIMIT) as answer:
                return any(text in one["event"].get("message", "") for one in json.load(answer)["latest"])

        until(has_it, f"{text} arrives")


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child whose parent is gone waits for init to collect it: that is no process any more.
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "penstock.yaml"
    port = free_port()
    path.write_text(CONFIG.format(folder=tmp_path, port=port))
    path.with_name("sandbox.yaml").write_text(SANDBOX.format(control=free_port(), port=port))
    return path


@contextmanager
def demo(config: Path) -> Iterator[Demo]:
    running = Demo(config)
    daemon = 0
    try:
        daemon = running.up()
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()
        if daemon:
            until(lambda: not runs(daemon), "the daemon ends")


@pytest.mark.integration
def test_made_up_lines_flow_by_themselves(config: Path) -> None:
    with demo(config) as running:
        running.arrived(" in ")  # GET / 200 in 17 ms
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(LIMIT) == 0


@pytest.mark.integration
def test_lines_arrive_and_ctrl_c_stops_both_in_good_order_and_again(config: Path) -> None:
    for text in ("first", "second"):
        with demo(config) as running:
            running.send(text + "\n")
            running.arrived(text)
            running.process.send_signal(signal.SIGINT)
            assert running.process.wait(LIMIT) == 0
            assert not running.status()


@pytest.mark.integration
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_ways_to_be_told_to_stop(config: Path, number: signal.Signals) -> None:
    with demo(config) as running:
        running.process.send_signal(number)
        assert running.process.wait(LIMIT) == 0


@pytest.mark.integration
def test_the_daemon_does_not_outlive_a_demo_that_is_killed(config: Path) -> None:
    with demo(config) as running:
        running.process.kill()
        running.process.wait()


@pytest.mark.integration
def test_the_demo_does_not_outlive_a_daemon_that_is_killed(config: Path) -> None:
    with demo(config) as running:
        os.kill(running.up(), signal.SIGKILL)
        assert running.process.wait(LIMIT) == 128 + signal.SIGKILL
        assert "The daemon was ended by SIGKILL" in running.said
    with demo(config) as running:
        running.send("after the crash\n")
        running.arrived("after the crash")


@pytest.mark.integration
def test_a_taken_port_is_named_and_nothing_is_left(config: Path) -> None:
    with demo(config) as first:
        second = subprocess.run(
            command(config), capture_output=True, text=True, timeout=LIMIT, check=False,
        )  # fmt: skip
        assert second.returncode == 3
        assert "is taken" in second.stderr or "in use" in second.stderr
        assert len(second.stderr.splitlines()) == 1
        first.send("still here\n")
        first.arrived("still here")


@pytest.mark.integration
def test_a_configuration_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    path = tmp_path / "penstock.yaml"
    path.write_text("sources: {}\n")
    done = subprocess.run(
        command(path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "destinations" in done.stderr
