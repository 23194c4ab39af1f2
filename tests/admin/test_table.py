from typing import get_args

from penstock.admin.reference import families
from penstock.admin.table import BREAKER, DAEMON, DESTINATIONS, SOURCES, Summary
from penstock.delivery.stats import BreakerState, DestinationStats, Ledger
from penstock.journal.base import JournalStats
from penstock.sources.base import SourceStats
from penstock.testing.daemon import StillDaemon

PROMISED = [
    "penstock_events_received_total",
    "penstock_bytes_received_total",
    "penstock_events_delivered_total",
    "penstock_events_filtered_total",
    "penstock_events_dead_lettered_total",
    "penstock_events_dropped_total",
    "penstock_events_retried_total",
    "penstock_bytes_sent_total",
    "penstock_queue_events",
    "penstock_queue_bytes",
    "penstock_queue_oldest_age_seconds",
    "penstock_retry_queue_batches",
    "penstock_in_flight_requests",
    "penstock_breaker_state",
    "penstock_concurrency_limit",
    "penstock_request_duration_seconds",
    "penstock_delivery_latency_seconds",
    "penstock_batch_events",
    "penstock_batch_bytes",
    "penstock_requests_total",
    "penstock_journal_bytes",
    "penstock_journal_sync_seconds",
    "penstock_journal_damaged_records_total",
    "penstock_source_connections",
    "penstock_source_kernel_drops_total",
    "penstock_source_truncated_total",
    "penstock_ledger_imbalance_events",
    "penstock_loop_lag_seconds",
    "penstock_tls_not_after_seconds",
    "penstock_build_info",
]


def test_names_that_dashboards_rely_on_stay() -> None:
    assert set(PROMISED) <= {family.name for family in families()}


def test_a_name_stands_once_and_says_its_kind() -> None:
    names = [family.name for family in families()]
    assert len(names) == len(set(names))
    for family in families():
        assert family.name.endswith("_total") == (family.kind == "counter"), family.name


def test_labels_come_from_the_closed_sets() -> None:
    assert {label for f in families() for label in f.labels} == {
        "source", "destination", "processor", "reason", "note", "outcome", "version",
    }  # fmt: skip


def test_every_state_of_the_breaker_has_a_number_of_its_own() -> None:
    assert set(BREAKER) == set(get_args(BreakerState))
    assert len(set(BREAKER.values())) == len(BREAKER)


def test_a_source_is_read_where_the_name_says() -> None:
    stats = SourceStats(
        events=1, bytes=2, connections=3, connections_refused=4, wrapped=5, blank=6, invalid_utf8=7,
        truncated=8, discarded=9, kernel_drops=10, paused=True,
        files=11, files_unreadable=12, bytes_behind=13, bytes_missed=14,
    )  # fmt: skip
    assert {metric.name.removeprefix("penstock_"): metric.read(stats) for metric in SOURCES} == {
        "events_received_total": 1,
        "bytes_received_total": 2,
        "source_connections": 3,
        "source_connections_refused_total": 4,
        "source_wrapped_total": 5,
        "source_blank_total": 6,
        "source_invalid_utf8_total": 7,
        "source_truncated_total": 8,
        "source_discarded_total": 9,
        "source_kernel_drops_total": 10,
        "source_paused": True,
        "source_files": 11,
        "source_files_unreadable": 12,
        "source_behind_bytes": 13,
        "source_missed_bytes_total": 14,
    }


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


def test_the_daemon_is_read_where_the_name_says() -> None:
    daemon = StillDaemon(reasons=["no"], not_after={"hook": 9.0})
    daemon.journal.now = JournalStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10.5, 11.5, "disk full")
    read = {metric.name.removeprefix("penstock_"): metric.read(daemon) for metric in DAEMON}
    del read["build_info"]
    assert read == {
        "journal_bytes": 4,
        "journal_max_bytes": 5,
        "journal_writable": 0,
        "journal_sync_seconds": Summary(9, 10.5),
        "journal_damaged_records_total": 8,
        "loop_lag_seconds": daemon.loop_lag.histogram,
        "tls_not_after_seconds": {"hook": 9.0},
        "ready": 0,
    }
