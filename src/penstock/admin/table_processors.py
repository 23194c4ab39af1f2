"""What `/metrics` tells about each processor."""

from typing import Final

from penstock.admin.metric import Metric
from penstock.processors.stats import ProcessorStats

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
