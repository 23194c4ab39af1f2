import json
from typing import Any

import msgspec
import pytest

from penstock.sandbox.datadog_event import Event, clipped, said_time


@pytest.mark.parametrize(
    ("event", "seconds"),
    [
        ({"timestamp": "2026-01-02T03:04:05.5Z"}, 1767323045.5),
        ({"timestamp": "2026-01-02T04:04:05+01:00", "date": 5}, 1767323045),
        ({"date": 1767323045678, "timestamp": "yesterday"}, 1767323045.678),
        ({"@timestamp": 1767323045}, 1767323.045),  # taken for milliseconds, as the intake takes it
        ({"eventTime": True, "published_date": {"a": 1}}, None),
        ({"timestamp": -1}, None),
        ({"timestamp": 1e300}, None),
        ({"time": "2026-01-02T03:04:05Z"}, None),
    ],
)
def test_when_it_happened(event: dict[str, Any], seconds: float | None) -> None:
    assert said_time(Event.read(json.dumps(event).encode())) == seconds


def test_what_is_no_object_is_no_event() -> None:
    for raw in (b"5", b'"text"', b"[]", b"{", b"null"):
        with pytest.raises(msgspec.MsgspecError):
            Event.read(raw)
    assert Event.read(b"{ }").empty
    assert not Event.of({"message": "x"}).empty


@pytest.mark.parametrize("text", ["x", '"', "é", "\u0001", "💧"])
def test_what_is_too_long_keeps_its_beginning(text: str) -> None:
    raw = json.dumps({"message": text * 2000}, ensure_ascii=False).encode()
    made = clipped(raw, 1000)
    assert 300 < len(made) <= 1000
    assert raw.decode().startswith(json.loads(made)["message"])


@pytest.mark.parametrize("length", [0, 1, 13, 14])
def test_where_there_is_no_room_for_a_message_it_is_empty(length: int) -> None:
    assert clipped(b'{"message":"long"}', length) == b'{"message":""}'
