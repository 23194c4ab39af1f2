"""The reference page of the metrics, made from their tables.

Written anew by `python -m penstock.admin.reference docs/reference/metrics.md`.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from penstock.admin.table_daemon import DAEMON
from penstock.admin.table_destinations import DESTINATIONS
from penstock.admin.table_processors import PROCESSORS
from penstock.admin.table_sources import SOURCES

INTRODUCTION = """\
<!-- Made from src/penstock/admin/table_*.py by `python -m penstock.admin.reference docs/reference/metrics.md`. -->

# Metrics

`GET /metrics` on the admin listener gives these, as Prometheus text or, where it is asked for, as OpenMetrics. Counters
count from the start of the process. Labels come from closed sets: names in the configuration, and the reasons and outcomes
that Penstock knows. Beside them stand `process_*`, `python_info` and `python_gc_*` of the Prometheus client.

A histogram has `_bucket`, `_sum` and `_count`; a summary has `_sum` and `_count`.

## What to watch

| Alert when | It means |
|---|---|
| `penstock_ready == 0` | events cannot be taken; `/readyz` says why |
| `penstock_breaker_state >= 2` for 5 minutes | a destination does not answer (2) or lets nobody in (3); its events are kept |
| `rate(penstock_events_dropped_total[5m]) > 0` | events are being lost to a destination; `reason` says why |
| `rate(penstock_events_dead_lettered_total[5m]) > 0` | a service refuses events: `penstock dlq show NAME` |
| `penstock_queue_oldest_age_seconds > 300` | a destination is behind |
| `rate(penstock_source_kernel_drops_total[5m]) > 0` | datagrams are lost before they can be read |
| `rate(penstock_source_missed_bytes_total[5m]) > 0` | files are rotated away before they are read |
| `penstock_source_files_unreadable > 0` for 5 minutes | the daemon may not read a file that it should follow |
| `penstock_journal_writable == 0` | the disk refuses |
| `penstock_ledger_imbalance_events != 0` | a bug: please report it |
"""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric as `/metrics` shows it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str


def families() -> Iterator[Family]:
    """All of them, in the order of `/metrics`."""
    for labels, metrics in (
        (("source",), SOURCES),
        (("destination",), DESTINATIONS),
        (("destination", "processor"), PROCESSORS),
        ((), DAEMON),
    ):
        for metric in metrics:
            by = (metric.by,) if metric.by else ()
            yield Family(metric.name, metric.kind, (*labels, *by), metric.help)


def page() -> str:
    """The whole page."""
    rows = [
        f"| `{f.name}` | {f.kind} | {', '.join(f'`{label}`' for label in f.labels)} | {f.help} |"
        for f in families()
    ]
    return "\n".join(
        [INTRODUCTION, "## All", "", "| Name | Type | Labels | Meaning |", "|---|---|---|---|", *rows, ""]
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
