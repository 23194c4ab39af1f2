"""`app | penstock run -`, and a daemon from start to stop, in processes of their own."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from penstock.admin.client import call
from penstock.cli.exits import Exit
from penstock.errors import Unavailable

Penstock = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.integration


def test_lines_go_through_to_the_console(process: Process) -> None:
    result = process("run", "-", "--log-format", "json", stdin='plain\n{"a":1}\n')
    assert result.returncode == Exit.OK
    first, second = [json.loads(line) for line in result.stdout.splitlines()]
    assert (first["message"], second) == ("plain", {"a": 1})
    assert all(json.loads(line)["message"] for line in result.stderr.splitlines())


def test_what_stays_in_the_journal_has_its_code(process: Process, config: Path) -> None:
    config.write_text(config.read_text() + "drain_timeout: 200ms\n")
    result = process("run", "-", "--config", config, "--log-format", "json", stdin="kept\n")
    assert result.returncode == Exit.KEPT
    assert "Traceback" not in result.stderr


def test_a_daemon_and_the_commands_beside_it(
    process: Process, penstock: Penstock, config: Path, tmp_path: Path
) -> None:
    text = config.read_text().replace('/logs"}', '/logs", retry: {attempts: 1}}')
    config.write_text(text)
    command = [sys.executable, "-m", "penstock", "run", "--config", str(config), "--log-format", "json"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as daemon:
        try:
            status = _ready(tmp_path / "journal" / "admin.sock")
            (source,) = status["sources"]
            assert penstock("send", "--to", source["endpoint"], stdin="one\ntwo\n").exit_code == Exit.OK
            _until(lambda: '"events": 2' in penstock("dlq", "list", "--json", "--config", config).stdout)
            assert penstock("dlq", "discard", "hook", "--all", "--config", config).stdout == (
                "hook: 2 events thrown away.\n"
            )
            second = process("run", "--config", config, "--log-format", "json")
            assert second.returncode == Exit.START
            assert f"pid {daemon.pid}" in second.stderr
            assert "Traceback" not in second.stderr
        finally:
            daemon.send_signal(signal.SIGTERM)
            _, log = daemon.communicate(timeout=30)
        assert daemon.returncode == Exit.OK, log


def _ready(socket: Path) -> dict[str, list[dict[str, str]]]:
    found: list[dict[str, list[dict[str, str]]]] = []

    def answers() -> bool:
        try:
            code, status = call(socket, "GET", "/api/status", timeout=1.0)
        except Unavailable:
            return False
        found.append(status)
        return code == 200 and bool(status["ready"])

    _until(answers)
    return found[-1]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # noqa: TID251 - processes are waited for, there is no loop here
