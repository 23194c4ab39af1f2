"""Every destination whose service the sandbox plays, through the whole daemon, in every weather.

Each test ends with the account: nothing is lost, nothing is unexplained, and nothing is there twice without a cause.
"""

import re
from pathlib import Path
from typing import Any, Final

import pytest

import penstock.destinations
from penstock import plugins
from penstock.destinations.base import DestinationSettings
from tests.weathers.account import event_id
from tests.weathers.poison import BY_GATE, BY_KIND
from tests.weathers.stage import Stage, played

pytestmark = pytest.mark.parametrize("kind", played())

Faults = list[dict[str, Any]]

TRANSIENT: Final[Faults] = [
    {"type": "status", "status": 503, "count": 2},
    {"type": "status", "status": 429, "count": 2, "retry_after": "1s"},
    {"type": "reset", "count": 2},
    {"type": "html", "status": 502, "count": 1},
    {"type": "cut", "taken": False, "count": 1},
    {"type": "hang", "count": 1},
]
"""One after another, for as many requests as they say; then all is well. `Retry-After` is capped by `retry.max`."""
KNOWS_AGAIN: Final = frozenset({"elasticsearch", "webhook"})
"""Services that know an event again, by its id or by the key of its request, so that it is there exactly once."""
PATIENCE: Final = "600ms"
"""Of a sender whose request hangs; no other has to be so impatient, however busy the machine is."""
UNHEARD: Final[Faults] = [
    {"type": "reset", "taken": True, "count": 2},
    {"type": "cut", "count": 1},
    {"type": "hang", "taken": True, "count": 1},
]
"""The service takes what came, and its sender does not hear of it."""


def test_a_played_service_is_of_the_kind_of_a_destination(kind: str) -> None:
    assert kind in plugins.kinds(penstock.destinations, DestinationSettings, "penstock.destinations")  # type: ignore[type-abstract] # it is only compared with


async def test_fine(kind: str, tmp_path: Path) -> None:
    async with Stage(kind, tmp_path) as stage:
        await stage.send(50)  # what the service lacks is made
        failed = (await stage.settled()).counts.failed_requests
        await stage.send(250)
        account = await stage.settled()
        account.explain()
        assert account.doubles == 0
        assert account.counts.failed_requests == failed


async def test_transient(kind: str, tmp_path: Path) -> None:
    async with Stage(kind, tmp_path, timeout=PATIENCE) as stage:
        await stage.befall(*TRANSIENT)
        await stage.send(500)
        account = await stage.settled()
        account.explain()
        assert account.counts.faults == sum(fault["count"] for fault in TRANSIENT), "all of them came to pass"
        assert account.doubles == 0


async def test_nobody_listens_for_a_while(kind: str, tmp_path: Path) -> None:
    async with Stage(kind, tmp_path) as stage:
        await stage.befall({"type": "refuse"})
        await stage.send(200)
        await stage.until(lambda destination: destination["breaker"] == "open")
        await stage.befall()
        account = await stage.settled()
        account.explain()
        assert account.doubles == 0


@pytest.mark.parametrize("status", [401, 403])
async def test_permanent_a_shut_door(kind: str, tmp_path: Path, status: int) -> None:
    async with Stage(kind, tmp_path) as stage:
        await stage.befall({"type": "status", "status": status})
        await stage.send(200)
        told = await stage.until(lambda destination: destination["breaker"] == "blocked")
        assert told["ledger"]["pending"] == 200, "all is held"
        assert told["last_error"]
        await stage.befall()
        account = await stage.settled()
        account.explain()
        assert account.doubles == 0


async def test_permanent_events_that_are_refused(kind: str, tmp_path: Path) -> None:
    poison = BY_KIND.get(kind, BY_GATE)
    async with Stage(kind, tmp_path, poison) as stage:
        await stage.send(200, poison={0, 77, 78, 199})
        account = await stage.settled()
        account.explain(dead=[event_id(number) for number in (0, 77, 78, 199)])
        for letter in account.dead.values():
            assert re.search(poison.reason, letter["reason"])
            assert (letter["kind"], letter["destination"]) == ("refused", kind)


async def test_mixed(kind: str, tmp_path: Path) -> None:
    poison = BY_KIND.get(kind, BY_GATE)
    bad = range(500, 3000, 1000)  # one in a thousand
    async with Stage(kind, tmp_path, poison, batch={"events": 200, "age": "5ms"}) as stage:
        await stage.befall(
            {"type": "status", "status": 503, "share": "10%"},
            {"type": "reset", "share": "10%"},
            {"type": "reset", "share": "5%", "taken": True},
            {"type": "latency", "delay": "0s", "up_to": "20ms", "share": "50%"},
        )
        await stage.send(3000, poison=bad)
        account = await stage.settled()
        account.explain(dead=[event_id(number) for number in bad])
        assert all(re.search(poison.reason, letter["reason"]) for letter in account.dead.values())


async def test_accepted_and_then_reset(kind: str, tmp_path: Path) -> None:
    async with Stage(kind, tmp_path, timeout=PATIENCE) as stage:
        await stage.send(50)  # what the service lacks is made
        await stage.settled()
        await stage.befall(*UNHEARD)
        await stage.send(450)
        account = await stage.settled()
        account.explain()
        assert account.counts.unheard > 0
        assert account.doubles == (0 if kind in KNOWS_AGAIN else account.counts.unheard)


async def test_some_events_of_a_request_fail(kind: str, tmp_path: Path) -> None:
    async with Stage(kind, tmp_path) as stage:
        if not stage.takes_in_part:
            pytest.skip("it takes a request or not")
        await stage.send(50)
        await stage.settled()
        await stage.befall({"type": "partial", "events": "10%", "count": 3})
        await stage.send(450)
        account = await stage.settled()
        assert account.counts.faults == 3
        # Whether they may be sent again the service says; what it will not have is a dead letter with its words.
        account.explain(dead=account.dead)
        assert all(letter["kind"] == "refused" and letter["reason"] for letter in account.dead.values())
        assert account.doubles == 0
