from typing import get_args

from penstock.admin.table_destinations import BREAKER, DESTINATIONS
from penstock.delivery.stats import BreakerState, DestinationStats, Ledger


def test_every_state_of_the_breaker_has_a_number_of_its_own() -> None:
    assert set(BREAKER) == set(get_args(BreakerState))
    assert len(set(BREAKER.values())) == len(BREAKER)


def test_a_destination_is_read_where_the_name_says() -> None:
    stats = DestinationStats(
        "hook", "webhook", Ledger(100, 1, 2, {"a": 3}, {"b": 4}, 5),
        delivered=11, filtered=12, dead_lettered={"a": 13}, dropped={"b": 14}, retried=15, notes={"cut": 27},
        requests={"partial": 16}, bytes_sent=17, queue_events=18, queue_bytes=19, queue_oldest_age=20.5,
        retry_batches=21, in_flight=22, concurrency_limit=23, breaker="half_open", paused=True,
        last_success=24.5, dead_letter_bytes=25, dead_letters_expired=26,
    )  # fmt: skip
    read = {metric.name.removeprefix("penstock_"): metric.read(stats) for metric in DESTINATIONS}
    requests = read.pop("requests_total")
    assert isinstance(requests, dict)
    assert requests["partial"] == 16
    assert read == {
        "events_delivered_total": 11,
        "events_filtered_total": 12,
        "events_dead_lettered_total": {"a": 13},
        "events_dropped_total": {"b": 14},
        "events_noted_total": {"cut": 27, "late": 0, "restamped": 0, "duplicate": 0, "failure_store": 0},
        "events_retried_total": 15,
        "bytes_sent_total": 17,
        "queue_events": 18,
        "queue_bytes": 19,
        "queue_oldest_age_seconds": 20.5,
        "retry_queue_batches": 21,
        "in_flight_requests": 22,
        "concurrency_limit": 23,
        "breaker_state": 1,
        "destination_paused": 1,
        "last_success_timestamp_seconds": 24.5,
        "dead_letter_bytes": 25,
        "dead_letters_expired_total": 26,
        "request_duration_seconds": stats.request_duration,
        "delivery_latency_seconds": stats.delivery_latency,
        "batch_events": stats.batch_events,
        "batch_bytes": stats.batch_bytes,
        "ledger_imbalance_events": 85,
    }
