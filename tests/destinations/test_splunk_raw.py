"""What the query of the `raw` endpoint says, and which events share one."""

from urllib.parse import parse_qs

from penstock.block import Batch
from penstock.destinations.base import Split
from penstock.destinations.splunk_raw import RawQuery
from penstock.testing.contract import batch_of

EVENTS = [
    {"timestamp": "2026-01-02T03:04:05Z", "host": "web-1", "n": 0},
    {"timestamp": "2026-01-03T03:04:05Z", "host": "web/2 &ü", "n": 1},
    {"timestamp": "2026-01-02T13:04:05Z", "host": "web-1", "n": 2},
    {"timestamp": "2026-01-02T03:04:05Z", "n": 3},
]


def query(batch: Batch, **metadata: str) -> str:
    found = RawQuery(metadata, "timestamp").of(batch)
    assert isinstance(found, str)
    return found


def test_what_is_the_same_for_all() -> None:
    batch = batch_of(EVENTS)
    assert query(batch) == ""
    assert query(batch, host="a b&c=ü", index="main") == "?host=a%20b%26c%3D%C3%BC&index=main"


def test_events_that_do_not_share_it_go_apart() -> None:
    batch = batch_of(EVENTS)
    assert RawQuery({"host": "{host}"}, "timestamp").of(batch) == Split([[0, 2], [1], [3]])
    assert RawQuery({"source": "app-%d"}, "timestamp").of(batch) == Split([[0, 2, 3], [1]])
    assert RawQuery({"source": "app-%d", "host": "{host|x}"}, "").of(batch) == Split([[0, 2], [1], [3]])


def test_those_that_share_it_go_together() -> None:
    batch = batch_of(EVENTS)
    assert query(batch.select([0, 2]), host="{host}", index="main") == "?host=web-1&index=main"
    assert parse_qs(query(batch.select([1]), host="{host}")[1:]) == {"host": ["web/2 &ü"]}
    assert query(batch.select([3]), host="{host}") == "", "what an event lacks is left out"
