"""A daemon that delivers to a real cluster, and what was sent through it."""

import http.client
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

from penstock.testing.process import DaemonProcess
from penstock.testing.waiting import wait_for
from tests.integration.cluster import Cluster, Stored

PATIENCE: Final = 90.0
"""Seconds for all that was sent to settle."""
START: Final = 1_767_398_000
"""The first event's time, shortly before a midnight."""


class Shipping:
    """A daemon that delivers to one index, and what was sent through it."""

    def __init__(
        self, make: Callable[..., DaemonProcess], cluster: Cluster, index: str, **options: Any
    ) -> None:
        self.cluster = cluster
        self.sent: dict[int, dict[str, Any]] = {}
        self.daemon = make(
            sources={"http": {"type": "http", "listen": "127.0.0.1:0", "max_line": "4MiB"}},
            destinations={
                "search": {
                    "type": "elasticsearch",
                    "url": cluster.url,
                    "index": index,
                    "retry": {"initial": "50ms", "max": "500ms"},
                    "batch": {"age": "50ms"},
                    **options,
                }
            },
        )
        self.daemon.start()

    def send(self, events: Iterable[dict[str, Any]], size: int = 500) -> None:
        """Each has its number as `n`; returns once they are taken for good."""
        self.post([json.dumps(event, ensure_ascii=False).encode() for event in events], size)

    def post(self, lines: Sequence[bytes], size: int = 500) -> None:
        """The same, of events that are written already."""
        with closing(http.client.HTTPConnection(*self.daemon.tcp("http"), timeout=30)) as connection:
            for at in range(0, len(lines), size):
                some = lines[at : at + size]
                body = b"".join([line + b"\n" for line in some])
                connection.request("POST", "/", body, {"Content-Type": "application/x-ndjson"})
                answer = connection.getresponse()
                said = answer.read()
                assert answer.status == 202, said
                self.sent |= {int(event["n"]): event for event in map(json.loads, some)}

    @property
    def state(self) -> dict[str, Any]:
        return self.daemon.destination("search")

    def dead(self) -> dict[int, dict[str, Any]]:
        """Dead letters by their event's number."""
        folder = self.daemon.folder / "journal" / "dead_letters" / "search"
        letters = [
            json.loads(line)
            for file in sorted(folder.glob("*.ndjson"))
            for line in file.read_bytes().splitlines()
        ]
        found = {int(letter["event"]["n"]): letter for letter in letters}
        assert len(found) == len(letters)
        return found

    def settle(self) -> None:
        wait_for(lambda: self.daemon.settled("search"), f"all settled: {self.state}", PATIENCE)

    def check(self, expression: str) -> list[Stored]:
        """The service holds what the books call delivered, each once and under its own id; the rest are dead letters."""
        self.settle()
        stored, dead, books = self.cluster.stored(expression), self.dead(), self.state["ledger"]
        assert self.daemon.balanced(), books
        counted = Counter(one.source["n"] for one in stored)
        assert max(counted.values(), default=1) == 1, f"twice: {counted.most_common(3)}"
        assert not counted.keys() & dead.keys()
        assert counted.keys() | dead.keys() == self.sent.keys()
        assert books["delivered"] == len(stored)
        assert sum(books["dead_lettered"].values()) == len(dead)
        assert (books["accepted"], books["dropped"], books["imbalance"]) == (len(self.sent), {}, 0)
        # One sender, so that the numbers of the events and those in the ids go up together.
        order = sorted((int(one.id.rpartition("-")[2]), one.source["n"]) for one in stored)
        assert [n for _, n in order] == sorted(counted)
        assert len({one.id for one in stored}) == len(stored)
        return stored


def events(count: int, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "n": n,
            "timestamp": stamp(n),
            "level": "info",
            "message": f"événement {n} {'x' * (n % 200)}",
            **more,
        }
        for n in range(first, first + count)
    ]


def stamp(n: int) -> str:
    return datetime.fromtimestamp(START + n, UTC).isoformat().replace("+00:00", "Z")


def unchanged(shipping: Shipping, stored: list[Stored]) -> bool:
    return all(one.source == shipping.sent[one.source["n"]] for one in stored)
