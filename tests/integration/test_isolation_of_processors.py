"""What the processors of one destination cost, another that has none does not feel."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration

SIZE: Final = int(os.environ.get("PENSTOCK_TEST_CHAIN_MB", "240")) * 2**20
EVENTS: Final = 2000
"""In a block as it is sent; one of ten goes on behind the chain, and one of five has something to cover."""
BLOCK: Final = b"".join(
    b'{"level":"%s","message":"took=%d status=200 user=%s","n":%d,"more":"%s"}\n'
    % (b"info" if n % 10 else b"error", n, b"u@example.com" if n % 5 == 0 else b"anonymous", n, b"x" * 120)
    for n in range(EVENTS)
)
TOTAL: Final = -(-SIZE // len(BLOCK)) * EVENTS
CHAIN: Final[list[dict[str, Any]]] = [
    {"type": "fields", "set": {"env": "prod"}, "rename": {"n": "number"}, "compute": {"odd": "number % 2 == 1"}},
    {"type": "parse", "format": "logfmt"},
    {"type": "redact"},
    {"type": "filter", "where": 'level == "error"'},
]  # fmt: skip


@dataclass(frozen=True)
class Run:
    """How the plain destination fared."""

    rate: float
    """Events a second, from the first that was sent to the last that was accepted."""
    age: float
    """Of the oldest event in its queue while it went on: the median, in seconds."""
    p99: float
    """Seconds from arrival to acceptance."""
    lag: float
    """The most by which the loop came late, in seconds."""
    backlog: int
    """Events that wait for the busy one when the plain one has all."""


@contextmanager
def ages(daemon: DaemonProcess) -> Iterator[list[float]]:
    """How old the queue of the plain one is, looked at again and again meanwhile."""
    seen: list[float] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            seen.append(daemon.destination("plain")["queue"]["oldest_age"])

    looks = threading.Thread(target=look)
    looks.start()
    yield seen
    done.set()
    looks.join()


def measure(daemon: DaemonProcess, rate: float) -> Run:
    """Sends all at so many events a second, or for 0 as fast as they are taken."""
    daemon.start()
    with ages(daemon) as seen, socket.create_connection(daemon.tcp("tcp")) as connection:
        began, sent = time.monotonic(), 0
        while sent < TOTAL:
            connection.sendall(BLOCK)
            sent += EVENTS
            threading.Event().wait(max(0.0, began + sent / rate - time.monotonic()) if rate else 0.0)
        wait_for(lambda: daemon.destination("plain")["delivered"] == TOTAL, "all at the plain one", 120)
        seconds = time.monotonic() - began
    status = daemon.status()
    waiting = {one["name"]: one["ledger"]["pending"] for one in status["destinations"]}
    # The latency is known at the next look at the counters.
    wait_for(lambda: daemon.destination("plain")["rate"]["60s"], "a look at the counters", 10)
    return Run(
        TOTAL / seconds,
        median(seen),
        daemon.destination("plain")["latency"]["p99"],
        status["process"]["loop_lag"]["max"],
        waiting.get("busy", 0),
    )


def test_a_chain_that_lags_does_not_slow_a_destination_without_one(
    daemon: Callable[..., DaemonProcess],
) -> None:
    with Receiver(keep=False) as plain, Receiver(keep=False) as busy:
        common = {"type": "webhook", "format": "ndjson", "batch": {"age": "100ms"}}
        webhooks = {"plain": {**common, "url": plain.url}}
        most = daemon(destinations=webhooks)
        capacity = measure(most, 0).rate
        assert most.stop() == 0
        # What one core can carry for the plain one, and never for the busy one.
        offered = capacity / 2
        alone = daemon(destinations=webhooks)
        by_itself = measure(alone, offered)
        assert alone.stop() == 0

        beside = daemon(destinations={**webhooks, "busy": {**common, "url": busy.url, "processors": CHAIN}})
        beside_busy = measure(beside, offered)
        for name, run in (("alone", by_itself), ("beside the busy one", beside_busy)):
            sys.stdout.write(
                f"{name}, {offered:,.0f} events/s offered of {capacity:,.0f}: {run.rate:,.0f} events/s, "
                f"p99 {run.p99 * 1000:.0f} ms, queue {run.age * 1000:.0f} ms old, loop lag at most "
                f"{run.lag * 1000:.0f} ms, the busy one has {run.backlog:,} of {TOTAL:,} to do\n"
            )
        assert beside_busy.backlog > TOTAL / 3, "the busy one is not busy"
        assert beside_busy.rate >= 0.8 * by_itself.rate
        assert beside_busy.p99 <= 4 * by_itself.p99 + 0.25
        assert beside_busy.age <= 4 * by_itself.age + 0.1
        assert beside_busy.lag <= 0.25

        wait_for(lambda: beside.settled("busy"), "all at the busy one", 240)
        ledger = beside.destination("busy")["ledger"]
        assert (ledger["accepted"], ledger["delivered"]) == (TOTAL, TOTAL // 10)
        assert (ledger["filtered"], ledger["dropped"]) == (TOTAL - TOTAL // 10, {})
        assert [one["errors"] for one in beside.destination("busy")["processors"]] == [0] * len(CHAIN)
        assert busy.events == TOTAL // 10
        assert beside.balanced()
        assert beside.stop() == 0
