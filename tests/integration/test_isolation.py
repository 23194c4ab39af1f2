"""What one destination suffers, the others do not feel."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Manner, Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration

BACKLOG: Final = int(os.environ.get("PENSTOCK_TEST_BACKLOG_MB", "300")) * 2**20
LINE: Final = b'{"level":"info","message":"%s","n":%d}\n'
RATE: Final = 40 * 2**20
"""Bytes a second that are sent: what a busy two-core machine carries with ease."""
GROWTH: Final = 40 * 2**20
"""Bytes of memory that may come with a backlog many times as large."""


@dataclass(frozen=True)
class Run:
    """How the well destination fared."""

    rate: float
    """Events a second."""
    p99: float
    """Seconds from arrival to acceptance."""
    resident: tuple[int, int]
    """Bytes of memory: after the first tenth, and the most of all that followed."""
    backlog: int
    """Bytes that wait for the dead destination at the end."""


def send(daemon: DaemonProcess, size: int) -> list[int]:
    """Sends so many bytes at a steady rate; the memory of the daemon at each step."""
    block = b"".join(LINE % (b"x" * 210, n) for n in range(4000))
    memory = []
    with socket.create_connection(daemon.tcp("tcp")) as connection:
        began, sent = time.monotonic(), 0
        while sent < size:
            connection.sendall(block)
            sent += len(block)
            memory.append(daemon.resident())
            threading.Event().wait(max(0.0, began + sent / RATE - time.monotonic()))
    return memory


def measure(daemon: DaemonProcess, well: Receiver, size: int) -> Run:
    daemon.start()
    before, began = well.events, time.monotonic()
    memory = send(daemon, size)
    total = size // len(b"".join(LINE % (b"x" * 210, n) for n in range(4000))) * 4000
    wait_for(lambda: daemon.settled("well"), "all at the well destination", 60)
    seconds = time.monotonic() - began
    assert well.events - before >= total
    assert daemon.balanced()
    backlog = sum(
        found["queue"]["bytes"] for found in daemon.status()["destinations"] if found["name"] == "dead"
    )
    well_stats = daemon.destination("well")
    assert well_stats["ledger"]["dropped"] == {}
    early = max(memory[: max(1, len(memory) // 10)])
    return Run(
        (well.events - before) / seconds,
        well_stats["latency"]["p99"],
        (early, max(memory)),
        backlog,
    )


def test_the_dead_and_the_slow_do_not_touch_the_well(daemon: Callable[..., DaemonProcess]) -> None:
    with Receiver(keep=False) as well, Receiver(keep=False) as slow, Receiver(keep=False) as dead:
        dead.stop()
        slow.meet(Manner(delay=1.0))
        common = {
            "type": "webhook",
            "format": "ndjson",
            "batch": {"age": "100ms"},
            "queue": {"max_bytes": "100GiB"},
        }
        webhooks = {
            name: {**common, "url": receiver.url}
            for name, receiver in (("well", well), ("slow", slow), ("dead", dead))
        }
        alone = daemon(destinations={"well": webhooks["well"]})
        by_itself = measure(alone, well, BACKLOG)
        assert alone.stop() == 0

        among = daemon(destinations=webhooks, drain_timeout="1s")
        among.config["journal"]["max_bytes"] = "200GiB"
        among_others = measure(among, well, BACKLOG)
        assert among.destination("dead")["delivered"] == 0
        assert slow.events > 0
        assert among.stop() == 0

    for name, run in (("alone", by_itself), ("with a dead and a slow one", among_others)):
        early, most = run.resident
        sys.stdout.write(
            f"{name}: {run.rate:,.0f} events/s, p99 {run.p99 * 1000:.0f} ms, memory {early / 2**20:.0f} then at most "
            f"{most / 2**20:.0f} MiB, backlog of the dead {run.backlog / 2**20:,.0f} MiB\n"
        )
    assert among_others.backlog > 0.8 * BACKLOG
    assert among_others.rate >= 0.5 * by_itself.rate
    assert among_others.p99 <= 4 * by_itself.p99 + 0.5
    early, most = among_others.resident
    assert most - early < GROWTH, "memory grows with the backlog"


def test_a_dead_one_gets_its_backlog_when_it_is_back(daemon: Callable[..., DaemonProcess]) -> None:
    with Receiver(keep=False) as well, Receiver(keep=False) as dead:
        dead.stop()
        common = {"type": "webhook", "format": "ndjson", "retry": {"initial": "50ms", "max": "500ms"}}
        running = daemon(
            destinations={"well": {**common, "url": well.url}, "dead": {**common, "url": dead.url}}
        )
        running.start()
        send(running, 30 * 2**20)
        wait_for(lambda: running.settled("well"), "all at the well one", 60)
        dead.start()
        wait_for(lambda: running.settled("dead"), "all at the one that was dead", 60)
        assert dead.events >= well.events
        assert running.balanced()
        assert running.destination("dead")["ledger"]["dropped"] == {}
        assert running.stop() == 0
