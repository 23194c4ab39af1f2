from penstock.admin.table_sources import SOURCES
from penstock.sources.base import SourceStats


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
