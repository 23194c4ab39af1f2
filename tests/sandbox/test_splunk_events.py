"""Which events Splunk takes, and by which code it refuses the others."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.sandbox.service import sound
from penstock.sandbox.splunk_events import read_events, read_lines


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ('{"event":"a"}', 0),
        ('{"event":{"a":1},"time":1767323045.678,"host":"h","source":"s","sourcetype":"t","index":"main"}', 0),
        ('{"event":0,"time":1767323045}', 0),
        ('{"event":false,"time":"1767323045.678"}', 0),
        ('{"event":"a","fields":{"a":"b","c":["d","e"]}}', 0),
        ('{"event":"metric","fields":{"metric_name":"cpu","_value":1.5}}', 0),
        ('{"event":"metric","fields":{"metric_name:cpu":3}}', 0),
        ("{}", 12), ('{"fields":{"a":"b"}}', 12),
        ('{"event":""}', 13), ('{"event":" \\n"}', 13), ('{"event":null}', 13), ('{"event":{}}', 13), ('{"event":[]}', 13),
        ('{"event":"a","time":1.7e9}', 15), ('{"event":"a","time":"1.7e9"}', 15), ('{"event":"a","time":"now"}', 15),
        ('{"event":"a","time":true}', 15), ('{"event":"a","time":null}', 15), ('{"event":"a","time":{}}', 15),
        ('{"event":"a","time":"2026-01-02T03:04:05Z"}', 15),
        ('{"event":"a","fields":{"a":1}}', 15), ('{"event":"a","fields":{"a":true}}', 15),
        ('{"event":"a","fields":{"a":null}}', 15), ('{"event":"a","fields":{"a":{"b":"c"}}}', 15),
        ('{"event":"a","fields":{"a":["b",1]}}', 15), ('{"event":"a","fields":["a"]}', 15),
        ('{"event":"a","fields":{"a":1.5}}', 15),
        ('{"event":"a","index":"other"}', 7), ('{"event":"a","index":7}', 7),
        ('{"event":"a","host":7}', 6),
        ("[]", 6), ('"a"', 6), ("{", 6), ("nonsense", 6), ('{"event":NaN}', 6), ("[" * 5000, 6),
    ],
)  # fmt: skip
def test_each_event_has_its_code(event: str, code: int) -> None:
    good = '{"event":"good"}'
    taken = read_events(f"{good}\n{event} {good}".encode(), ["main"], "id", sound)
    assert taken.code == code
    assert (len(taken.accepted), taken.number) == ((3, 3) if code == 0 else (1, 1))


def test_an_array_of_events_is_none() -> None:
    assert read_events(b'[{"event":"a"}]', [], "id", sound).code == 6


def test_bytes_that_are_no_text() -> None:
    assert read_events(b'{"event":"\xff"}', [], "id", sound).code == 6


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.integers(), min_size=1), min_size=1),
    st.sampled_from(["", "\n", " \r\n\t"]),
)
def test_events_are_taken_as_they_came(events: list[dict[str, int]], between: str) -> None:
    body = between.join([json.dumps({"event": event}, ensure_ascii=False) for event in events])
    taken = read_events(body.encode(), [], "id", sound)
    assert [json.loads(one.event)["event"] for one in taken.accepted] == events


def test_lines_are_taken_or_none_of_them_is() -> None:
    assert len(read_lines(b"a\n\n b\r\n", sound).accepted) == 2
    taken = read_lines(b"a\nb", lambda index: index == 1)
    assert (taken.code, taken.accepted) == (6, [])
