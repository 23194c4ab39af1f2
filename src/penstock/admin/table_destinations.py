"""What `/metrics` tells about each destination."""

from collections.abc import Mapping
from typing import Final, get_args

from penstock.admin.metric import Metric
from penstock.delivery.stats import BreakerState, DestinationStats, Outcome
from penstock.exchange import Note

NOTES: Final[tuple[Note, ...]] = get_args(Note)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
BREAKER: Final[Mapping[BreakerState, int]] = {"closed": 0, "half_open": 1, "open": 2, "blocked": 3}
"""`penstock_breaker_state` in numbers: 2 and more want attention."""

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
