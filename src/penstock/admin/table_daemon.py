"""What `/metrics` tells about the process as a whole."""

from typing import Final

from penstock import __version__
from penstock.admin.metric import Metric, Summary
from penstock.admin.view import Daemon

DAEMON: Final[tuple[Metric[Daemon], ...]] = (
    Metric("penstock_journal_bytes", "gauge", "Size of the journal.", lambda d: d.journal.stats().bytes),
    Metric(
        "penstock_journal_max_bytes",
        "gauge",
        "What the journal may grow to.",
        lambda d: d.journal.stats().max_bytes,
    ),
    Metric(
        "penstock_journal_writable",
        "gauge",
        "0 while the disk refuses (full, I/O error), else 1.",
        lambda d: int(not d.journal.stats().error),
    ),
    Metric(
        "penstock_journal_sync_seconds",
        "summary",
        "Syncs of the journal, and the time spent in them.",
        lambda d: Summary((stats := d.journal.stats()).syncs, stats.sync_seconds),
    ),
    Metric(
        "penstock_journal_damaged_records_total",
        "counter",
        "Records found unreadable since the start.",
        lambda d: d.journal.stats().damaged_records,
    ),
    Metric(
        "penstock_loop_lag_seconds",
        "histogram",
        "How late a timer of the event loop is called, looked at every 50 ms.",
        lambda d: d.loop_lag.histogram,
    ),
    Metric(
        "penstock_tls_not_after_seconds",
        "gauge",
        "When our own certificate towards this destination ends, since the epoch.",
        lambda d: d.tls_not_after(),
        by="destination",
    ),
    Metric(
        "penstock_ready",
        "gauge",
        "1 while events can be taken, as /readyz says.",
        lambda d: int(not d.not_ready()),
    ),
    Metric("penstock_build_info", "gauge", "Always 1.", lambda _: {__version__: 1}, by="version"),
)
