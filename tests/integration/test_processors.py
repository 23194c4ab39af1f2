"""Processors in a real daemon: each destination sees its own, what is removed is nowhere, every event is on the ledger."""

import json
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration


def send(daemon: DaemonProcess, events: list[dict[str, Any]]) -> None:
    with socket.create_connection(daemon.tcp("tcp")) as connection:
        connection.sendall(b"".join(json.dumps(event).encode() + b"\n" for event in events))


def came(receiver: Receiver) -> list[dict[str, Any]]:
    """The events of all posts, each post once however often it was sent."""
    posts = {post.key: post for post in receiver.posts if post.taken}
    return [json.loads(line) for post in posts.values() for line in post.body.splitlines() if line.strip()]


def has_all(daemon: DaemonProcess, name: str, events: int) -> bool:
    """Nothing waits, and not only because not all has come yet."""
    ledger = daemon.destination(name)["ledger"]
    return bool(ledger["accepted"] == events and ledger["pending"] == 0)


def hook(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {
        "type": "webhook",
        "url": receiver.url,
        "format": "ndjson",
        "batch": {"age": "20ms"},
        "retry": {"initial": "50ms", "max": "500ms"},
        **more,
    }


def test_each_destination_sees_its_own_and_all_is_accounted_for(
    daemon: Callable[..., DaemonProcess], receiver: Receiver
) -> None:
    def split(event: dict[str, Any]) -> dict[str, Any]:
        return {"type": "python", "function": "penstock.processors.python:example", **event}

    destinations = {
        "errors": hook(
            receiver, match='level == "error"', processors=[{"type": "fields", "set": {"to": "errors"}}]
        ),
        "items": hook(
            receiver,
            match="has(items)",
            processors=[split({}), {"type": "fields", "set": {"to": "items"}}],
        ),
        "odd": hook(
            receiver,
            processors=[
                {"type": "filter", "where": "n % 2 == 1", "on_error": "dead_letter"},
                {"type": "fields", "set": {"to": "odd"}},
            ],
        ),
    }
    running = daemon(
        processors=[
            {"type": "filter", "where": 'level != "debug"'},
            {"type": "fields", "remove": ["secret"]},
        ],
        destinations=destinations,
    )
    running.start()
    levels = ["error", "info", "debug"]
    send(running, [{"n": n, "level": levels[n % 3], "secret": "hunter2"} for n in range(3000)])
    send(running, [{"n": "x", "level": "info", "items": [1, 2, 3]} for _ in range(10)])
    for name in destinations:
        wait_for(partial(has_all, running, name, 2010), f"{name} to have it all", 30)
    rows = came(receiver)
    assert {name: sum(1 for row in rows if row["to"] == name) for name in destinations} == {
        "errors": 1000,
        "items": 30,
        "odd": 1000,
    }
    ledgers = {name: running.destination(name)["ledger"] for name in destinations}
    assert {name: (one["accepted"], one["delivered"], one["filtered"]) for name, one in ledgers.items()} == {
        "errors": (2010, 1000, 1010),
        "items": (2010, 10, 2000),
        "odd": (2010, 1000, 1000),
    }
    assert ledgers["odd"]["dead_lettered"] == {"unprocessed": 10}
    assert running.balanced()
    running.stop()
    on_disk = b"".join(
        path.read_bytes()
        for path in running.folder.rglob("*")
        if path.is_file() and "config" not in path.name
    )
    assert b"hunter2" not in on_disk
    assert b'"level":"info"' in on_disk or b'"level": "info"' in on_disk
