"""`@timestamp` is put in; the rest of an event stays what it was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.columns import Columns
from penstock.destinations.elasticsearch_stamps import FIELD, OVERHEAD, stamped
from penstock.destinations.event_time import event_times
from penstock.testing.contract import batch_of

ARRIVED = 1_793_000_000.0
ARRIVAL = "2026-10-26T07:33:20.000Z"


def one(event: Any, rename: str = "") -> Any:
    batch = batch_of([event], arrived=ARRIVED)
    values, existing = Columns(["timestamp", FIELD]).read(batch)
    (line,) = stamped(batch.lines(), existing, values, event_times(batch, values), rename=rename)
    assert len(line) <= batch.size + OVERHEAD
    pairs: list[list[tuple[str, Any]]] = []
    json.loads(line, object_pairs_hook=pairs.append)
    assert len(pairs[-1]) == len(dict(pairs[-1])), "no field stands twice: the service refuses that"
    return json.loads(line)


@pytest.mark.parametrize(
    ("value", "stamp"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.123456789+01:00", "2026-01-02T03:04:05.123456789+01:00"),  # to the last digit
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z"),  # the default mapping takes no space
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"),
        (1767323045, "2026-01-02T03:04:05.000Z"),
        (1767323045678, "2026-01-02T03:04:05.678Z"),
        ("yesterday", ARRIVAL),
        ("2026-13-01T00:00:00Z", ARRIVAL),  # written as the service wants it, and yet no time
        ("2026-02-30T00:00:00Z", ARRIVAL),
        ("2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"),
        ("2026-01-02T03:04:60Z", ARRIVAL),
        ("2026-01-02T03:04:05+24:00", ARRIVAL),
        (None, ARRIVAL),
        ({"$date": 1}, ARRIVAL),
    ],
)
def test_the_time_of_an_event(value: Any, stamp: str) -> None:
    event = {"a": 1, "timestamp": value, "z": [2]}
    assert one(event) == {FIELD: stamp, **event}


@pytest.mark.parametrize("event", [b'{"timestamp":"2026-01-02T03:04:05Z","m":"x"}', b'{"m":"x","timestamp":"2026-01-02T03:04:05Z"}',
                                   b'{"timestamp":"2026-01-02T03:04:05Z"}', b'{"timestamp" : 1767323045 }'])  # fmt: skip
def test_renamed(event: bytes) -> None:
    whole = json.loads(event)
    del whole["timestamp"]
    made = one(event, rename="timestamp")
    assert made.pop(FIELD) in ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z")
    assert made == whole


def test_what_is_no_time_is_not_renamed_away() -> None:
    assert one({"timestamp": "yesterday"}, rename="timestamp") == {FIELD: ARRIVAL, "timestamp": "yesterday"}


def test_one_that_is_there_stays() -> None:
    event = {"timestamp": 5, FIELD: "2020-01-01"}
    assert one(event, rename="timestamp") == event
    assert one({FIELD: None}) == {FIELD: ARRIVAL}
    assert one({"message": 'what is "@timestamp"?'}) == {FIELD: ARRIVAL, "message": 'what is "@timestamp"?'}


@given(st.dictionaries(st.text(max_size=3) | st.just("timestamp"), st.none() | st.integers(0, 2**40) | st.text(max_size=3)),
       st.booleans())  # fmt: skip
def test_nothing_else_changes(event: dict[str, Any], rename: bool) -> None:
    event = json.loads(json.dumps(event).encode("utf-8", "replace"))
    made = one(event, rename="timestamp" if rename else "")
    assert made.pop(FIELD)
    event_without = {key: value for key, value in event.items() if key in made}
    assert made == event_without
    assert set(event) - set(made) <= {"timestamp"}


def test_an_event_that_cannot_be_read_keeps_the_stamp_that_it_has() -> None:
    event = b'{"@timestamp":"2026-01-02T03:04:05Z","m":"\\ud800"}'
    batch = batch_of([event], arrived=ARRIVED)
    values, existing = Columns(["timestamp", FIELD]).read(batch)
    assert stamped(batch.lines(), existing, values, [ARRIVED], rename="") == [event]
