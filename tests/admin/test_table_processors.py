from penstock.admin.table_processors import PROCESSORS
from penstock.processors.stats import ProcessorStats


def test_a_processor_is_read_where_the_name_says() -> None:
    stats = ProcessorStats("1-parse", events_in=1, events_out=2, added=3, dropped=4, errors=5, seconds=6.5)
    assert {metric.name.removeprefix("penstock_processor_"): metric.read(stats) for metric in PROCESSORS} == {
        "events_in_total": 1,
        "events_out_total": 2,
        "events_added_total": 3,
        "events_dropped_total": 4,
        "errors_total": 5,
        "seconds_total": 6.5,
    }
