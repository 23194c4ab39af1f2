"""What `/api/status` and `/readyz` say: everything the parts tell about themselves, as plain JSON values."""

import os
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal

from penstock import __version__
from penstock.admin.rates import Rates
from penstock.admin.view import Daemon, SourceView
from penstock.delivery.stats import BreakerState, DestinationStats, Outcome
from penstock.metrics import Histogram

State = Literal[
    "disabled", "paused", "blocked", "not_answering", "trying", "retrying", "behind", "delivering", "idle"
]
"""A destination in one word; the first that holds."""

FAILED: Final[frozenset[Outcome]] = frozenset(
    {"partial", "retry", "too_large", "blocked", "refused", "failure"}
)
"""Outcomes of requests that did not get all their events delivered."""
_TROUBLE: Final[dict[BreakerState, State]] = {
    "blocked": "blocked",
    "open": "not_answering",
    "half_open": "trying",
}
BEHIND: Final = 60.0
"""Seconds that the oldest event may wait before the destination is called behind."""


def state(stats: DestinationStats, rate: float) -> State:
    """The one word; `rate` is what it delivers a second."""
    word: State = "delivering" if rate or stats.in_flight else "idle"
    if not stats.enabled:
        word = "disabled"
    elif stats.paused:
        word = "paused"
    elif stats.breaker != "closed":
        word = _TROUBLE[stats.breaker]
    elif stats.retry_batches:
        word = "retrying"
    elif stats.queue_oldest_age > BEHIND:
        word = "behind"
    return word


def readiness(daemon: Daemon) -> dict[str, Any]:
    """Whether events can be taken. A destination in trouble is a warning: its events are kept."""
    reasons = list(daemon.not_ready())
    return {"ready": not reasons, "reasons": reasons, "warnings": warnings(daemon)}


def warnings(daemon: Daemon) -> list[str]:
    """What wants attention although events are taken."""
    found = [f"source {name} waits: back-pressure" for name, s in daemon.sources.items() if s.stats.paused]
    for name, lane in daemon.destinations.items():
        stats = lane.stats()
        if stats.enabled and stats.breaker == "blocked":
            found.append(f"destination {name} does not let us in: {stats.last_error}")
        elif stats.enabled and stats.breaker != "closed":
            found.append(f"destination {name} does not take events: {stats.last_error}")
        if stats.paused:
            found.append(f"destination {name} is paused")
        if stats.ledger.imbalance:
            found.append(f"destination {name}: {stats.ledger.imbalance} events are not accounted for")
    return found


def status(daemon: Daemon, rates: Rates, now: float) -> dict[str, Any]:
    """Everything; `now` is in seconds since the epoch. Times are seconds, sizes bytes, rates a second."""
    return {
        "version": __version__,
        "time": now,
        "started": daemon.started,
        "uptime": max(0.0, now - daemon.started),
        **readiness(daemon),
        "process": {
            "pid": os.getpid(),
            "rss_bytes": resident_bytes(),
            "cpu_seconds": time.process_time(),
            "cpu": {"10s": rates.cpu(10), "60s": rates.cpu(60)},
            "loop_lag": asdict(daemon.loop_lag.stats()),
        },
        "sources": [_source(name, source, rates) for name, source in daemon.sources.items()],
        "processors": [asdict(one) for one in daemon.processors],
        "journal": asdict(daemon.journal.stats()),
        "destinations": [_destination(lane.stats(), rates) for lane in daemon.destinations.values()],
    }


def _source(name: str, source: SourceView, rates: Rates) -> dict[str, Any]:
    return {
        "name": name,
        "endpoint": source.endpoint(),
        "rate": {"10s": rates.received(name, 10), "60s": rates.received(name, 60)},
        **asdict(source.stats),
    }


def _destination(stats: DestinationStats, rates: Rates) -> dict[str, Any]:
    rate = rates.delivered(stats.name, 10)
    ledger = stats.ledger
    return {
        "name": stats.name,
        "type": stats.kind,
        "state": state(stats, rate),
        "enabled": stats.enabled,
        "paused": stats.paused,
        "breaker": stats.breaker,
        "rate": {"10s": rate, "60s": rates.delivered(stats.name, 60)},
        "delivered": stats.delivered,
        "filtered": stats.filtered,
        "dead_lettered": stats.dead_lettered,
        "dropped": stats.dropped,
        "retried": stats.retried,
        "notes": stats.notes,
        "requests": stats.requests,
        "failed_requests": sum(count for outcome, count in stats.requests.items() if outcome in FAILED),
        "bytes_sent": stats.bytes_sent,
        "queue": {
            "events": stats.queue_events,
            "bytes": stats.queue_bytes,
            "oldest_age": stats.queue_oldest_age,
            "retry_batches": stats.retry_batches,
        },
        "in_flight": stats.in_flight,
        "concurrency_limit": stats.concurrency_limit,
        "last_success": stats.last_success,
        "last_error": stats.last_error,
        "last_error_at": stats.last_error_at,
        "processors": [asdict(one) for one in stats.processors],
        "dead_letter_bytes": stats.dead_letter_bytes,
        "dead_letters_expired": stats.dead_letters_expired,
        "latency": _quantiles(rates.latency(stats.name)),
        "request_duration": _quantiles(stats.request_duration),
        "ledger": {**asdict(ledger), "imbalance": ledger.imbalance},
    }


def _quantiles(histogram: Histogram) -> dict[str, float]:
    return {"p50": histogram.quantile(0.5), "p99": histogram.quantile(0.99)}


def resident_bytes() -> int:
    """Memory of the process; where /proc is missing, the most it ever was."""
    try:
        pages = Path("/proc/self/statm").read_bytes().split()[1]
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
