"""Many small posts over connections that are kept: each is answered, and each arrives."""

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
POSTS: Final = 250
"""On each connection, one after the other."""


async def _post_all(host: str, port: int) -> None:
    """Posts one event after the other on each of many connections; each must be taken."""
    body = b'{"level":"info","message":"a small post"}\n'
    head = b"POST / HTTP/1.1\r\nHost: %b\r\nContent-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n"
    request = head % (host.encode(), len(body)) + body

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for _ in range(POSTS):
            writer.write(request)
            answer = await reader.readuntil(b'{"accepted":1}')
            assert answer.startswith(b"HTTP/1.1 202 "), answer
        writer.close()

    await asyncio.gather(*[one() for _ in range(CONNECTIONS)])


def test_thousands_of_small_posts(daemon: Callable[..., DaemonProcess], receiver: Receiver) -> None:
    running = daemon()
    running.start()
    begun = time.monotonic()
    asyncio.run(_post_all(*running.tcp("http")))
    rate = CONNECTIONS * POSTS / (time.monotonic() - begun)
    sys.stdout.write(f"{rate:,.0f} posts a second, each durable when it was answered\n")
    wait_for(lambda: running.settled("hook"), "all delivered", 60)
    assert running.balanced()
    assert receiver.events == CONNECTIONS * POSTS
    assert running.stop() == 0


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
