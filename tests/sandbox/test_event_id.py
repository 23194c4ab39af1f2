import json

import pytest

from penstock.sandbox.event_id import EventId


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (b'{"id":"web-1-7","message":"x"}', "web-1-7"),
        (b'{"a":[{"id":1}],"id":17}', "17"),
        (b'{"id":"\\u0061"}', "a"),
        (b'{"id":1.5}', ""),
        (b'{"id":null}', ""),
        (b'{"id":{"id":1}}', ""),
        (b'{"message":"hello"}', ""),
        (b'{"time":1,"event":{"id":"7"}}', "7"),
        (b'{"timestamp":1,"message":"{\\"id\\":\\"7\\"}"}', "7"),
        (b'{"_source":{"id":7},"_id":"x"}', "7"),
        (b'{"event":{"event":{"event":{"id":1}}}}', ""),
        (b'{"message":"{not JSON"}', ""),
        (b'{"message":"\\ud800{"}', ""),
        (b'"text"', ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_the_id_is_found_where_the_event_is(event: bytes, found: str) -> None:
    assert EventId("id")(event) == found


@pytest.mark.parametrize("name", ["event", "message", "event id"])
def test_any_name_will_do(name: str) -> None:
    assert EventId(name)(json.dumps({name: "a-1", "id": "b"}).encode()) == "a-1"
