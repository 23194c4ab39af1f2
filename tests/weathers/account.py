"""Where each event is in the end: at the service, or among the dead letters with its reason."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from penstock.sandbox.received import Counts, Received

_ID: Final = re.compile(rb"w-\d{6}")
"""Whatever a service makes of an event, and however often it is escaped: these stay as they are."""


def event_id(number: int) -> str:
    """Of the event with this number."""
    return f"w-{number:06}"


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known once nothing is under way."""

    sent: frozenset[str]
    delivered: Counter[str]
    """What the service has, and how often."""
    dead: Mapping[str, Mapping[str, Any]]
    """The dead letters."""
    ledger: Mapping[str, Any]
    counts: Counts
    """Of the service."""

    @property
    def doubles(self) -> int:
        """Events that the service has once more than it should."""
        return self.delivered.total() - len(self.delivered)

    def explain(self, dead: Iterable[str] = ()) -> None:
        """Every event is where it should be, and there once; `dead` are those that no service would take."""
        unexpected = {name: letter["reason"] for name, letter in self.dead.items() if name not in set(dead)}
        assert not unexpected, "these are no poison"
        assert set(self.dead) == set(dead)
        lost = self.sent - self.delivered.keys() - self.dead.keys()
        assert not lost, f"{len(lost)} events are lost, {min(lost)} among them"
        assert not self.delivered.keys() & self.dead.keys(), "what is delivered is no dead letter"
        assert self.delivered.keys() <= self.sent, "nothing arrives that was not sent"
        assert self.ledger["accepted"] == len(self.sent)
        assert self.ledger["delivered"] == len(self.delivered)
        assert sum(self.ledger["dead_lettered"].values()) == len(self.dead)
        assert (self.ledger["pending"], self.ledger["dropped"], self.ledger["filtered"]) == (0, {}, 0)
        # A service takes an event twice only where it has taken it before and its yes was not heard.
        if self.counts.repeated:
            assert self.doubles == 0
            assert self.counts.repeated >= self.counts.unheard
        else:
            assert self.doubles == self.counts.unheard


def drawn_up(sent: frozenset[str], received: Received, letters: Path, ledger: Mapping[str, Any]) -> Account:
    """The account, from what the service has kept and what stands in the files."""
    delivered = Counter(_id(accepted.event) for accepted in received.events)
    assert delivered.total() == received.counts.events, "the service has kept all to be looked at"
    dead = [
        json.loads(line)
        for file in sorted(letters.glob("*.ndjson"))
        for line in file.read_bytes().splitlines()
    ]
    by_id = {_id(json.dumps(letter["event"]).encode()): letter for letter in dead}
    assert len(by_id) == len(dead), "a dead letter an event"
    return Account(sent, delivered, by_id, ledger, received.counts)


def _id(event: bytes) -> str:
    found = _ID.search(event)
    assert found, f"an event without its id: {event[:200]!r}"
    return found[0].decode()
