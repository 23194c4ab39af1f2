"""What `/metrics` tells about each source."""

from typing import Final

from penstock.admin.metric import Metric
from penstock.sources.base import SourceStats

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
