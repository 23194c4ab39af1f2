"""Many small posts over connections that are kept: each is answered, each arrives, and thousands go in a second."""

import asyncio
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

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


CONNECTIONS: Final = 32
SECONDS: Final = 2.0
LEAST: Final = 2000.0
"""Posts a second that must be reached beside whatever else the machine does; a quiet one does several times as many."""


async def _posts(host: str, port: int) -> int:
    """Posts one event after the other on each of many connections, and returns how many were taken."""
    body = b'{"level":"info","message":"a small post"}\n'
    head = b"POST / HTTP/1.1\r\nHost: %b\r\nContent-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n"
    request = head % (host.encode(), len(body)) + body
    end = time.monotonic() + SECONDS

    async def one() -> int:
        reader, writer = await asyncio.open_connection(host, port)
        taken = 0
        while time.monotonic() < end:
            writer.write(request)
            answer = await reader.readuntil(b'{"accepted":1}')
            assert answer.startswith(b"HTTP/1.1 202 "), answer
            taken += 1
        writer.close()
        return taken

    return sum(await asyncio.gather(*[one() for _ in range(CONNECTIONS)]))


def test_thousands_of_small_posts_a_second(daemon: Callable[..., DaemonProcess], receiver: Receiver) -> None:
    running = daemon()
    running.start()
    taken = asyncio.run(_posts(*running.tcp("http")))
    sys.stdout.write(f"{taken / SECONDS:,.0f} posts a second, each durable when it was answered\n")
    wait_for(lambda: running.settled("hook"), "all delivered", 60)
    assert running.balanced()
    assert receiver.events == taken
    assert running.stop() == 0
    assert taken / SECONDS >= LEAST


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
