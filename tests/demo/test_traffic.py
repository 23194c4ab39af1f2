"""The demo's events look like somebody's, and are the same each time."""

import json
from datetime import datetime

from penstock.demo.traffic import Traffic

NOW = 1_793_000_000.0


def test_the_same_seed_gives_the_same_lines() -> None:
    assert list(Traffic(7).lines(NOW, 50)) == list(Traffic(7).lines(NOW, 50))
    assert list(Traffic(7).lines(NOW, 50)) != list(Traffic(8).lines(NOW, 50))


def test_most_are_events_and_some_are_text() -> None:
    lines = list(Traffic(1).lines(NOW, 2000))
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    events = [json.loads(line) for line in lines if line.startswith(b"{")]
    assert 0.9 < len(events) / len(lines) < 0.99
    assert {event["level"] for event in events} == {"debug", "info", "warn", "error"}
    assert {event["service"] for event in events} == {"web", "db", "orders", "jobs"}
    assert all(datetime.fromisoformat(event["timestamp"]).timestamp() == NOW for event in events)
    assert all(event["host"] and event["message"] for event in events)
