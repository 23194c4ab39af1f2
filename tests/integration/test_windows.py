"""A daemon that is killed in the middle of a window: neither lost nor doubled, every event is in one summary."""

import http.client
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver, events_of
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration

WINDOW: Final = 3.0
LEVELS: Final = ("info", "error", "debug")


class Sender:
    """Posts events, and counts those that were confirmed: all of them, as it is never killed in between."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.number = 0

    def post(self, daemon: DaemonProcess, until: float) -> None:
        connection = http.client.HTTPConnection(*daemon.tcp("http"), timeout=10)
        while time.time() < until:
            levels = [LEVELS[(self.number + n) % 3] for n in range(7)]
            self.number += 1
            body = "".join(json.dumps({"level": level, "n": self.number}) + "\n" for level in levels)
            connection.request("POST", "/", body, {"Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 202
            self.sent.update(level for level in levels if level != "debug")
            threading.Event().wait(0.02)
        connection.close()


def test_killed_within_windows(daemon: Callable[..., DaemonProcess], receiver: Receiver) -> None:
    made = daemon()
    made.config["destinations"]["hook"]["processors"] = [
        {"type": "filter", "where": 'level != "debug"'},
        {
            "type": "aggregate",
            "window": f"{WINDOW}s",
            "by": ["level"],
            "compute": {"events": "count", "last": {"max": "n"}},
        },
    ]
    sender = Sender()
    for _ in range(4):
        made.start()
        assert made.balanced(), made.status()
        # Into the middle of a window, that of before having been told.
        sender.post(made, (time.time() // WINDOW + 1.5) * WINDOW)
        made.kill()
    made.start()
    wait_for(lambda: made.settled("hook"), "the last window told without further events", 20)
    assert made.balanced()
    ledger = made.destination("hook")["ledger"]
    assert (ledger["dropped"], ledger["dead_lettered"]) == ({}, {})
    assert made.stop() == 0

    by_window: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for post in receiver.posts:
        for line in events_of(post.body):
            event = json.loads(line)
            by_window[event["window_start"], event["level"]].append(event)
    told: Counter[str] = Counter()
    for (start, level), events in by_window.items():
        assert len(events) == 1, f"the window of {start} was told {len(events)} times"
        told[level] += events[0]["events"]
        begin, end = (datetime.fromisoformat(events[0][name]) for name in ("window_start", "window_end"))
        assert (end - begin).total_seconds() == WINDOW
        assert begin.timestamp() % WINDOW == 0
    assert told == sender.sent
    assert len({start for start, _ in by_window}) >= 4
