"""Many small posts over connections that are kept: each is answered, and each arrives."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration

SCRIPT = """\
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-ndjson"
wrk.body = '{"level":"info","message":"a small post"}\\n'
"""


def test_wrk(daemon: Callable[..., DaemonProcess], receiver: Receiver, tmp_path: Path) -> None:
    wrk = shutil.which("wrk")
    if wrk is None:
        pytest.skip("wrk is not installed")
    running = daemon()
    running.start()
    script = tmp_path / "post.lua"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [wrk, "-t1", "-c32", "-d3s", "-s", script, running.endpoints["http"]],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    sys.stdout.write(done.stdout)
    assert "Non-2xx" not in done.stdout
    assert "Socket errors" not in done.stdout
    told = re.search(r"(\d+) requests in", done.stdout)
    assert told is not None
    wait_for(lambda: running.settled("hook"), "all delivered", 60)
    assert running.balanced()
    assert receiver.events >= int(told[1]) > 0  # those under way at its end were taken and not counted by it
    assert receiver.events <= int(told[1]) + 32
    assert running.stop() == 0
