"""Every metric there is: its name, what it means, and where its value is read.

`/metrics`, the reference page and the tests are made from these four tables. Labels come from closed sets:
names in the configuration, and the reasons and outcomes that delivery knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar, get_args

from penstock import __version__
from penstock.admin.view import Daemon
from penstock.delivery.stats import BreakerState, DestinationStats, Outcome
from penstock.exchange import Note
from penstock.metrics import Histogram
from penstock.processors.stats import ProcessorStats
from penstock.sources.base import SourceStats

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Summary:
    """How often, and how much altogether."""

    count: int
    sum: float


Value = float | Histogram | Summary | Mapping[str, float]
"""A mapping has one sample for each value of the metric's `by`."""


@dataclass(frozen=True, slots=True)
class Metric(Generic[T]):
    """One name under `/metrics`, read from a `T`."""

    name: str
    kind: Literal["counter", "gauge", "histogram", "summary"]
    help: str
    read: Callable[[T], Value]
    by: str = ""
    """The label by which a mapping is told apart, beside the one that names the `T`."""


NOTES: Final[tuple[Note, ...]] = get_args(Note)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
BREAKER: Final[Mapping[BreakerState, int]] = {"closed": 0, "half_open": 1, "open": 2, "blocked": 3}
"""`penstock_breaker_state` in numbers: 2 and more want attention."""

SOURCES: Final[tuple[Metric[SourceStats], ...]] = (
    Metric(
        "penstock_events_received_total", "counter", "Events handed over by this source.", lambda s: s.events
    ),
    Metric(
        "penstock_bytes_received_total",
        "counter",
        "Bytes received, before framing and decoding.",
        lambda s: s.bytes,
    ),
    Metric("penstock_source_connections", "gauge", "Open connections.", lambda s: s.connections),
    Metric(
        "penstock_source_connections_refused_total",
        "counter",
        "Connections closed at once because max_connections were open.",
        lambda s: s.connections_refused,
    ),
    Metric(
        "penstock_source_paused", "gauge", "1 while back-pressure holds this source.", lambda s: int(s.paused)
    ),
    Metric(
        "penstock_source_kernel_drops_total",
        "counter",
        "Datagrams that the kernel dropped because nobody read them in time.",
        lambda s: s.kernel_drops,
    ),
    Metric(
        "penstock_source_truncated_total",
        "counter",
        "Lines over max_line that were cut.",
        lambda s: s.truncated,
    ),
    Metric(
        "penstock_source_discarded_total",
        "counter",
        "Lines over max_line that were dropped, and parts of a request that were refused.",
        lambda s: s.discarded,
    ),
    Metric(
        "penstock_source_wrapped_total",
        "counter",
        "Lines that were no JSON object (no syslog, where that is taken apart) and became the message of an event.",
        lambda s: s.wrapped,
    ),
    Metric("penstock_source_blank_total", "counter", "Blank lines, skipped.", lambda s: s.blank),
    Metric(
        "penstock_source_invalid_utf8_total",
        "counter",
        "Lines that held bytes which are not UTF-8.",
        lambda s: s.invalid_utf8,
    ),
    Metric("penstock_source_files", "gauge", "Files that are followed now.", lambda s: s.files),
    Metric(
        "penstock_source_files_unreadable",
        "gauge",
        "Files that are there and cannot be read.",
        lambda s: s.files_unreadable,
    ),
    Metric(
        "penstock_source_behind_bytes",
        "gauge",
        "Bytes of files that are written and not read yet.",
        lambda s: s.bytes_behind,
    ),
    Metric(
        "penstock_source_missed_bytes_total",
        "counter",
        "Bytes of files that went, or were cut to nothing, before they were read.",
        lambda s: s.bytes_missed,
    ),
)
"""Each with the label `source`."""

DESTINATIONS: Final[tuple[Metric[DestinationStats], ...]] = (
    Metric(
        "penstock_events_delivered_total",
        "counter",
        "Events that the service has accepted.",
        lambda d: d.delivered,
    ),
    Metric(
        "penstock_events_filtered_total",
        "counter",
        "Events that match or the processors left out.",
        lambda d: d.filtered,
    ),
    Metric(
        "penstock_events_dead_lettered_total",
        "counter",
        "Events kept as dead letters.",
        lambda d: d.dead_lettered,
        by="reason",
    ),
    Metric(
        "penstock_events_dropped_total",
        "counter",
        "Events lost to this destination: its queue or the journal was full, a record was damaged, "
        "or what it refused had no folder for dead letters.",
        lambda d: d.dropped,
        by="reason",
    ),
    Metric("penstock_events_retried_total", "counter", "Events that were sent again.", lambda d: d.retried),
    Metric(
        "penstock_events_noted_total",
        "counter",
        "Delivered events of which there is more to say, such as that they were cut or that the service had them already.",
        lambda d: {note: d.notes.get(note, 0) for note in NOTES},
        by="note",
    ),
    Metric(
        "penstock_bytes_sent_total",
        "counter",
        "Bytes of request bodies, before compression.",
        lambda d: d.bytes_sent,
    ),
    Metric(
        "penstock_requests_total",
        "counter",
        "Requests, by what they came to.",
        lambda d: {outcome: d.requests.get(outcome, 0) for outcome in OUTCOMES},
        by="outcome",
    ),
    Metric(
        "penstock_queue_events", "gauge", "Events that wait or are on their way.", lambda d: d.queue_events
    ),
    Metric("penstock_queue_bytes", "gauge", "Bytes of the events that wait.", lambda d: d.queue_bytes),
    Metric(
        "penstock_queue_oldest_age_seconds",
        "gauge",
        "Since the oldest waiting event arrived; 0 where none waits.",
        lambda d: d.queue_oldest_age,
    ),
    Metric(
        "penstock_retry_queue_batches",
        "gauge",
        "Batches that wait for their next attempt.",
        lambda d: d.retry_batches,
    ),
    Metric("penstock_in_flight_requests", "gauge", "Requests under way.", lambda d: d.in_flight),
    Metric(
        "penstock_concurrency_limit",
        "gauge",
        "Requests allowed at a time now.",
        lambda d: d.concurrency_limit,
    ),
    Metric(
        "penstock_breaker_state",
        "gauge",
        "0 closed (all is well), 1 half open (one batch tries), 2 open (it does not answer), "
        "3 blocked (it answers and will not let us in).",
        lambda d: BREAKER[d.breaker],
    ),
    Metric("penstock_destination_paused", "gauge", "1 while paused by hand.", lambda d: int(d.paused)),
    Metric(
        "penstock_last_success_timestamp_seconds",
        "gauge",
        "When the service last accepted something, since the epoch; 0: not since the start.",
        lambda d: d.last_success or 0,
    ),
    Metric("penstock_dead_letter_bytes", "gauge", "Dead letters on disk.", lambda d: d.dead_letter_bytes),
    Metric(
        "penstock_dead_letters_expired_total",
        "counter",
        "Dead letters that went for their age or for the bound.",
        lambda d: d.dead_letters_expired,
    ),
    Metric(
        "penstock_request_duration_seconds",
        "histogram",
        "From sending a request to its answer.",
        lambda d: d.request_duration,
    ),
    Metric(
        "penstock_delivery_latency_seconds",
        "histogram",
        "From the arrival of an event to its acceptance by the service.",
        lambda d: d.delivery_latency,
    ),
    Metric(
        "penstock_batch_events",
        "histogram",
        "Events a batch, as they were accepted.",
        lambda d: d.batch_events,
    ),
    Metric("penstock_batch_bytes", "histogram", "Bytes of the events a batch.", lambda d: d.batch_bytes),
    Metric(
        "penstock_ledger_imbalance_events",
        "gauge",
        "Events that are not accounted for: accepted - delivered - filtered - dead-lettered - dropped - pending. "
        "Always 0; anything else is a bug.",
        lambda d: d.ledger.imbalance,
    ),
)
"""Each with the label `destination`."""

PROCESSORS: Final[tuple[Metric[ProcessorStats], ...]] = (
    Metric("penstock_processor_events_in_total", "counter", "Events that came to it.", lambda p: p.events_in),
    Metric("penstock_processor_events_out_total", "counter", "Events that went on.", lambda p: p.events_out),
    Metric(
        "penstock_processor_events_added_total",
        "counter",
        "Events made by it: several out of one, summaries.",
        lambda p: p.added,
    ),
    Metric(
        "penstock_processor_events_dropped_total",
        "counter",
        "Events that it left out, sent to the dead letters or took into a window.",
        lambda p: p.dropped,
    ),
    Metric(
        "penstock_processor_errors_total",
        "counter",
        "Events with which something went wrong; what became of them is its option's to say.",
        lambda p: p.errors,
    ),
    Metric("penstock_processor_seconds_total", "counter", "Time spent in it.", lambda p: p.seconds),
)
"""Each with the labels `destination` (empty: before the journal) and `processor` (its place and kind: `2-fields`)."""

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
"""Of the process as a whole."""
