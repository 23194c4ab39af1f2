"""Through the whole daemon to the played intake: its limits are never met, and what it would do in silence is told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from penstock.clock import SystemClock
from penstock.sandbox.datadog import PlayedDatadog, PlayedDatadogSettings
from penstock.sandbox.received import Received
from penstock.sandbox.server import Server
from penstock.testing.local import LocalDaemon

SETTINGS = PlayedDatadogSettings.model_validate({"type": "datadog"})


async def delivered(folder: Path, events: list[dict[str, Any]], **fields: Any) -> tuple[Server, PlayedDatadog, dict[str, Any]]:  # fmt: skip
    """The service when all is settled, and what the daemon tells of the destination."""
    service = SETTINGS.build()
    async with Server(service, SystemClock(), received=Received(keep=10_000)) as server:
        daemon = LocalDaemon(
            folder,
            {
                "sources": {"tcp": {"type": "tcp", "listen": "127.0.0.1:0", "max_line": "4MiB"}},
                "journal": {"path": str(folder / "journal"), "sync": "10ms"},
                "destinations": {
                    "datadog": {**SETTINGS.destination(server.url), "batch": {"age": "50ms"}, **fields}
                },
            },
        )
        try:
            await daemon.start()
            await daemon.write("tcp", b"".join([json.dumps(event).encode() + b"\n" for event in events]))
            await daemon.received(len(events))
            await daemon.settled("datadog")
            await daemon.ledger("datadog")
            return server, service, await daemon.destination("datadog")
        finally:
            await daemon.end()


def at(hours: float, **more: Any) -> dict[str, Any]:
    return {"timestamp": (datetime.now(UTC) + timedelta(hours=hours)).isoformat(), **more}


async def test_no_limit_of_the_service_is_ever_met(tmp_path: Path) -> None:
    events = [at(0, message="x" * 900_000, n=n) for n in range(12)]
    events += [at(0, message="y", n=n) for n in range(12, 2500)]
    server, service, told = await delivered(tmp_path, events, ddtags=["env:prod"], service="shop")
    assert server.received.counts.failed_requests == service.clipped == 0
    seen = [json.loads(accepted.event) for accepted in server.received.events]
    assert sorted(event["n"] for event in seen) == list(range(2500))
    assert {(event["ddtags"], event["service"]) for event in seen} == {("env:prod", "shop")}
    assert told["ledger"]["delivered"] == 2500


@pytest.mark.parametrize(
    ("fields", "notes", "left_out", "dead"),
    [
        ({}, {"late": 2, "cut": 1}, 2, 0),
        ({"too_old": "restamp"}, {"restamped": 2, "cut": 1}, 0, 0),
        ({"too_old": "dead_letter", "too_long": "dead_letter"}, {}, 0, 3),
    ],
)
async def test_what_the_service_would_do_in_silence_is_told(
    tmp_path: Path, fields: dict[str, Any], notes: dict[str, int], left_out: int, dead: int
) -> None:
    events = [at(0, message="fine"), at(-19), at(3), at(0, message="x" * 1_100_000)]
    server, service, told = await delivered(tmp_path, events, **fields)
    assert (server.received.counts.refused, service.clipped) == (left_out, 0)
    assert told["notes"] == notes
    assert sum(told["dead_lettered"].values()) == dead
    assert server.received.counts.events == 4 - left_out - dead
