from penstock.admin.metric import Summary
from penstock.admin.table_daemon import DAEMON
from penstock.journal.base import JournalStats
from penstock.testing.daemon import StillDaemon


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
