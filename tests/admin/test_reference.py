from pathlib import Path

from penstock.admin.reference import families, page

PAGE = Path(__file__).parents[2] / "docs/reference/metrics.md"

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


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m penstock.admin.reference docs/reference/metrics.md"
    )


def test_the_page_names_every_metric_with_its_labels() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| `penstock_") and " | " in line]
    for family in families():
        (row,) = [row for row in rows if row.startswith(f"| `{family.name}` | {family.kind} |")]
        assert all(f"`{label}`" in row for label in family.labels)


def test_alerts_name_only_metrics_that_exist() -> None:
    alerts = page().split("## What to watch")[1].split("## All")[0]
    named = {
        part.split("[")[0].split(" ")[0].strip("`(")
        for part in alerts.replace("rate(", " ").split()
        if "penstock_" in part
    }
    assert len(named) == 10
    assert named <= {family.name for family in families()}


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
