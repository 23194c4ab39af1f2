from typing import get_args

from penstock.admin.reference import families
from penstock.admin.table import BREAKER
from penstock.delivery.stats import BreakerState

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
        "source", "destination", "reason", "outcome", "version",
    }  # fmt: skip


def test_every_state_of_the_breaker_has_a_number_of_its_own() -> None:
    assert set(BREAKER) == set(get_args(BreakerState))
    assert len(set(BREAKER.values())) == len(BREAKER)
