import json
import re
from dataclasses import fields, replace
from typing import Any, get_args

import orjson
import pytest

from penstock.admin.page import Page
from penstock.admin.rates import Rates
from penstock.admin.status import FAILED, State, readiness, resident_bytes, state, status
from penstock.delivery.stats import DestinationStats, Ledger
from penstock.processors.stats import ProcessorStats
from penstock.testing import ManualClock
from penstock.testing.daemon import StillDaemon, StillSource

WELL = DestinationStats("hook", "webhook", Ledger(0, 0, 0, {}, {}, 0))


@pytest.mark.parametrize(
    ("word", "facts", "rate"),
    [
        ("idle", {}, 0.0),
        ("delivering", {}, 3.0),
        ("delivering", {"in_flight": 1}, 0.0),
        ("behind", {"queue_oldest_age": 61.0, "in_flight": 1}, 9.0),
        ("retrying", {"retry_batches": 1, "queue_oldest_age": 61.0}, 9.0),
        ("trying", {"breaker": "half_open", "retry_batches": 1}, 0.0),
        ("not_answering", {"breaker": "open", "retry_batches": 1}, 0.0),
        ("blocked", {"breaker": "blocked", "retry_batches": 1}, 9.0),
        ("paused", {"paused": True, "breaker": "blocked"}, 9.0),
        ("disabled", {"enabled": False, "paused": True}, 9.0),
    ],
)
def test_a_destination_in_one_word(word: State, facts: dict[str, Any], rate: float) -> None:
    assert state(replace(WELL, **facts), rate) == word


def test_the_page_has_a_word_for_every_state() -> None:
    text = Page().body.decode()
    for word in get_args(State):
        assert f"{word}: [" in text
        assert f'"{word}"' in text.split("const ORDER")[1]


def test_the_page_shows_processors_by_what_they_tell() -> None:
    text = Page().body.decode()
    assert set(re.findall(r"\bone\.(\w+)", text)) == {field.name for field in fields(ProcessorStats)} - {
        "added"
    }
    assert "chain(d.processors" in text, "those of a destination"
    assert "chain(s.processors" in text, "those before the journal"


def test_trouble_with_a_destination_is_a_warning_and_not_a_reason_to_be_unready() -> None:
    daemon = StillDaemon(sources={"app": StillSource()})
    assert readiness(daemon) == {"ready": True, "reasons": [], "warnings": []}
    daemon.sources["app"].stats.paused = True
    shut = daemon.add("shut")
    shut.breaker, shut.last_error = "blocked", "401 Unauthorized"
    silent = daemon.add("silent")
    silent.breaker, silent.last_error = "open", "connection_refused"
    daemon.add("held").paused = True
    daemon.add("odd").ledger = Ledger(10, 3, 0, {}, {}, 5)
    off = daemon.add("off")
    off.breaker, off.enabled = "open", False
    assert readiness(daemon) == {
        "ready": True,
        "reasons": [],
        "warnings": [
            "source app waits: back-pressure",
            "destination shut does not let us in: 401 Unauthorized",
            "destination silent does not take events: connection_refused",
            "destination held is paused",
            "destination odd: 2 events are not accounted for",
        ],
    }
    daemon.reasons = ["the journal cannot be written: No space left on device"]
    assert readiness(daemon)["ready"] is False
    assert readiness(daemon)["reasons"] == daemon.reasons


async def test_everything_that_the_parts_tell_is_there() -> None:
    clock, daemon = ManualClock(), StillDaemon(sources={"app": StillSource()})
    daemon.started = clock.time() - 60
    rates = Rates(daemon, clock)
    stats = daemon.add("hook")
    rates.start()
    daemon.sources["app"].stats.events += 500
    stats.delivered = 100
    stats.delivery_latency.observe(0.3, times=100)
    stats.requests = {"delivered": 4, "partial": 1, "retry": 2, "confirm": 9, "failure": 3}
    stats.dead_lettered, stats.dropped = {"refused": 2}, {"queue_full": 1}
    stats.queue_events, stats.queue_bytes, stats.queue_oldest_age = 7, 1750, 1.5
    stats.last_error, stats.last_error_at, stats.last_success = "503", clock.time(), clock.time()
    stats.ledger = Ledger(110, 100, 0, {"refused": 2}, {"queue_full": 1}, 7)
    daemon.processors = [ProcessorStats("1-clean", events_in=500)]
    stats.processors = [ProcessorStats("1-parse", 500, 490, 1, 11, 3, 0.25, "no JSON")]
    await clock.advance(1.0)
    rates.stop()
    told = json.loads(orjson.dumps(status(daemon, rates, clock.time())))
    (hook,) = told["destinations"]
    assert hook["rate"] == {"10s": 100.0, "60s": 100.0}
    assert told["sources"][0]["rate"]["10s"] == 500.0
    assert told["sources"][0]["endpoint"].startswith("tcp://")
    assert (hook["state"], hook["delivered"], hook["failed_requests"]) == ("delivering", 100, 6)
    assert hook["queue"] == {"events": 7, "bytes": 1750, "oldest_age": 1.5, "retry_batches": 0}
    assert hook["ledger"]["imbalance"] == 0
    assert hook["ledger"]["dead_lettered"] == {"refused": 2}
    assert [one["name"] for one in told["processors"]] == ["1-clean"]
    assert hook["processors"] == [
        {
            "name": "1-parse", "events_in": 500, "events_out": 490, "added": 1, "dropped": 11, "errors": 3, "seconds": 0.25,
            "last_error": "no JSON",
        }
    ]  # fmt: skip
    assert 0.25 <= hook["latency"]["p50"] <= 0.5
    assert told["uptime"] == 61.0
    assert told["journal"]["max_bytes"] == 2**30
    assert told["process"]["rss_bytes"] > 2**20
    assert told["ready"] is True


def test_a_request_that_delivered_nothing_whole_has_failed() -> None:
    assert {"delivered", "prepare", "confirm"}.isdisjoint(FAILED)


def test_the_memory_of_this_process_is_known() -> None:
    assert 2**20 < resident_bytes() < 2**36
