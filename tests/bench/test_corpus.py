import json

from tests.bench.corpus import EVENT, Chunks, count, every, first, last


def test_events_are_realistic_of_like_size_and_numbered_without_holes() -> None:
    chunks = Chunks(100)
    data = chunks.make(0) + chunks.make(1)
    events = [json.loads(line) for line in data.splitlines()]
    assert {"timestamp", "level", "message", "service", "host", "context", "seq", "sent"} == set(events[0])
    assert all(EVENT - 5 <= len(line) < EVENT + 25 for line in data.splitlines())
    assert abs(len(data) / 200 - EVENT) < 5
    assert [chunks.number(match) for match in every(data)] == list(range(200))


def test_the_ends_of_a_body_are_found() -> None:
    chunks = Chunks(10)
    data = b"[" + chunks.make(7).replace(b"\n", b",") + b"]"
    head, tail = first(data), last(data)
    assert head is not None
    assert tail is not None
    assert (chunks.number(head), chunks.number(tail)) == (70, 79)
    assert first(b"{}") is None
    assert last(b"{}") is None


def test_events_are_counted_and_found_inside_text_too() -> None:
    chunks = Chunks(10)
    bodies = [
        b"\n".join([json.dumps({"message": line.decode()}).encode() for line in chunks.make(3).splitlines()]),
        chunks.make(3),
    ]
    for body in bodies:
        assert count(body) == 10
        assert [chunks.number(match) for match in every(body)] == list(range(30, 40))
