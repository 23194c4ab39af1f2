"""What the `event` endpoint is sent, read by Python's own JSON reader."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch, Block
from penstock.destinations.splunk_envelopes import Envelopes
from penstock.testing.contract import batch_of

AT = "2026-01-02T03:04:05.678Z"
EVENTS: list[dict[str, Any]] = [
    {"timestamp": AT, "level": "info", "message": "an é and a 💧", "host": "web-1", "service": "shop"},
    {"message": 'a "quote" and a \n newline', "host": "web-2", "tags": ["a", 1, True, None, {"x": 1}]},
    {"timestamp": 1767323045123, "context": {"user": "u"}, "level": 3, "tags": []},
]


def read(body: bytes) -> list[dict[str, Any]]:
    """Objects one behind the other, as the collector reads them."""
    decoder, text, found, at = json.JSONDecoder(parse_float=Decimal), body.decode(), [], 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        assert text[at] == "\n", "each on a line of its own"
        at += 1
    return found


def envelopes(**settings: Any) -> Envelopes:
    return Envelopes(**{"time_field": "timestamp", "metadata": {}, "fields": {}, **settings})


def sent(batch: Batch, **settings: Any) -> list[dict[str, Any]]:
    return read(envelopes(**settings).body(batch))


def batch() -> Batch:
    """In two pieces, which came at different times."""
    first, rest = batch_of(EVENTS, first_seq=41, arrived=1_793_000_000.0).pieces[0].cut(2)
    later = Block(rest.data, rest.count, "test", 1_793_000_009.25, rest.first_seq, "node")
    return Batch((first, later), 1_793_000_010.0)


def test_the_time_is_the_events_own_or_when_it_came() -> None:
    assert sent(batch()) == [
        {"time": Decimal("1767323045.678"), "event": EVENTS[0]},
        {"time": Decimal("1793000000.000"), "event": EVENTS[1]},
        {"time": Decimal("1767323045.123"), "event": EVENTS[2]},
    ]


def test_the_time_of_arrival_alone() -> None:
    metadata = {"host": 'ho"st', "index": "main"}
    assert sent(batch(), time_field="", metadata=metadata) == [
        {"time": Decimal(time), **metadata, "event": event}
        for time, event in zip(("1793000000.000", "1793000000.000", "1793000009.250"), EVENTS, strict=True)
    ]


def test_what_is_the_same_for_all() -> None:
    metadata = {"host": "h", "source": 'a "source"', "sourcetype": "_json", "index": "main"}
    for found in sent(batch(), metadata={**metadata, "x": ""}, fields={"env": "prod", "none": ""}):
        del found["time"], found["event"]
        assert found == {**metadata, "fields": {"env": "prod"}}


def test_what_an_event_lacks_is_left_out() -> None:
    metadata = {
        "host": "{host}",
        "source": "{service|other}/%Y",
        "index": "main",
        "sourcetype": "{context.user}",
    }
    found = [{key: one.get(key) for key in metadata} for one in sent(batch(), metadata=metadata)]
    assert found == [
        {"host": "web-1", "source": "shop/2026", "index": "main", "sourcetype": None},
        {"host": "web-2", "source": "other/2026", "index": "main", "sourcetype": None},
        {"host": None, "source": "other/2026", "index": "main", "sourcetype": "u"},
    ]
    assert [set(one) - {"time", "event"} for one in sent(batch(), metadata={"host": "{host}"})] == [
        {"host"}, {"host"}, set(),
    ]  # fmt: skip


def test_indexed_fields_are_texts_or_lists_of_texts() -> None:
    fields = {
        "level": "{level}",
        "tags": "{tags}",
        "env": "prod",
        "user": "{context.user}",
        "all": "{context}",
    }
    assert [one["fields"] for one in sent(batch(), fields=fields)] == [
        {"env": "prod", "level": "info"},
        {"env": "prod", "tags": ["a", "1", "true"]},
        {"env": "prod", "level": "3", "user": "u"},
    ]
    assert ["fields" in one for one in sent(batch(), fields={"user": "{context.user}"})] == [
        False,
        False,
        True,
    ]


def test_ids_are_an_indexed_field() -> None:
    assert [one["fields"] for one in sent(batch(), id_field="id", fields={"h": "{host}"})] == [
        {"id": "node-41", "h": "web-1"}, {"id": "node-42", "h": "web-2"}, {"id": "node-43"},
    ]  # fmt: skip
    alone = sent(batch(), id_field="id")
    assert [one["event"] for one in alone] == EVENTS
    assert [one["fields"] for one in alone] == [{"id": "node-41"}, {"id": "node-42"}, {"id": "node-43"}]


@pytest.mark.parametrize("blank", [None, "", " \n", {}, []])
def test_one_field_alone_unless_there_is_nothing_in_it(blank: object) -> None:
    of = batch_of(
        [{"message": "text"}, {"message": {"a": 1}}, {"message": 0}, {"message": blank, "n": 1}, {"n": 1}]
    )
    assert [one["event"] for one in sent(of, event_field="message")] == [
        "text", {"a": 1}, 0, {"message": blank, "n": 1}, {"n": 1},
    ]  # fmt: skip


values = st.none() | st.integers(-5, 5) | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)
events = st.dictionaries(st.sampled_from(["timestamp", "host", "message", "tags"]), values, max_size=4)
templates = st.sampled_from(["", "x", "{host}", "{host|none}-%d", "{message}{tags}"])


@given(
    st.lists(events, min_size=1, max_size=8),
    st.sampled_from(["", "timestamp"]),
    st.dictionaries(st.sampled_from(["host", "source", "index"]), templates),
    st.dictionaries(st.sampled_from(["a", "é"]), templates | st.just("{tags}")),
    st.sampled_from(["", "message"]),
    st.sampled_from(["", "id"]),
)
def test_whatever_is_asked_for_it_can_be_read_and_no_event_is_lost(
    given_events: list[dict[str, Any]],
    time: str,
    metadata: dict[str, str],
    fields: dict[str, str],
    alone: str,
    id_: str,
) -> None:
    of = batch_of(given_events, first_seq=7)
    with_all = envelopes(time_field=time, metadata=metadata, fields=fields, event_field=alone, id_field=id_)
    body = with_all.body(of)
    found = read(body)
    assert len(found) == len(given_events)
    for one, event in zip(found, given_events, strict=True):
        assert one["event"] in (event, event.get("message"))
        assert all(type(one[name]) is str for name in metadata if name in one)
        for value in one.get("fields", {}).values():
            assert all(type(text) is str for text in (value if isinstance(value, list) else [value]))
    if with_all.exact:
        assert len(body) <= of.size + of.count * with_all.overhead


def test_an_event_that_python_cannot_say_goes_as_it_is() -> None:
    line = b'{"timestamp":"2026-01-02T03:04:05.678Z","message":"\\ud800"}'
    body = envelopes(metadata={"host": "{host}"}, event_field="message").body(batch_of([line]))
    assert body.endswith(b',"event":' + line + b"}\n")
