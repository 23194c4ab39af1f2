import pytest

from penstock.columns import Columns
from penstock.processors.events import Events, Held
from penstock.testing.processing import HOSTILE, block_of

NUMBERED = [{"n": n, "context": {"id": f"r{n}"}} for n in range(4)]


def numbers(events: Events) -> list[object]:
    return [event["n"] for event in events.read()]


def test_what_nobody_touches_keeps_its_bytes() -> None:
    block = block_of(NUMBERED)
    events = Events(block)
    assert numbers(events) == [0, 1, 2, 3]
    assert events.data() is block.data
    assert not events.changed


def test_what_is_changed_in_place_is_encoded() -> None:
    events = Events(block_of(NUMBERED[:2]))
    for event in events.edit():
        event["more"] = None
    assert (
        events.data()
        == b'{"n":0,"context":{"id":"r0"},"more":null}\n{"n":1,"context":{"id":"r1"},"more":null}\n'
    )


@pytest.mark.parametrize("decode", ["before", "between", "after", "never"])
def test_what_is_left_out_is_gone_in_bytes_and_decoded(decode: str) -> None:
    events = Events(block_of(NUMBERED))
    if decode == "before":
        events.edit()
    events.keep([1, 0, True, "yes"])
    if decode == "between":
        events.read()
    events.keep([False, True, True])
    if decode == "after":
        events.edit()
    assert (events.count, list(events.origins or ())) == (2, [2, 3])
    assert events.data() == b'{"n":2,"context":{"id":"r2"}}\n{"n":3,"context":{"id":"r3"}}\n'
    assert numbers(events) == [2, 3]


def test_of_one_may_come_several_or_none() -> None:
    events = Events(block_of(NUMBERED))
    events.replace({1: [], 2: [{"n": "a"}, {"n": "b"}]})
    assert numbers(events) == [0, "a", "b", 3]
    assert list(events.origins or ()) == [0, 2, 2, 3]
    events.insert({3: [{"n": "behind"}]})
    assert numbers(events) == [0, "a", "b", 3, "behind"]
    assert list(events.origins or ()) == [0, 2, 2, 3, 3]
    assert events.added == 2


def test_what_is_refused_goes_with_all_that_came_of_it() -> None:
    events = Events(block_of(NUMBERED))
    events.keep([0, 1, 1, 1])
    events.replace({1: [{"n": "a"}, {"n": "b"}]})
    events.refuse({2: "bad"})
    assert events.refused == {2: "bad"}
    assert numbers(events) == [1, 3]


def test_what_is_held_leaves_nothing_and_comes_back_as_what_it_has_become() -> None:
    held = Held()
    events = Events(block_of(NUMBERED))
    events.hold(held)
    assert (events.count, events.data(), events.held) == (0, b"", held)
    events.release(held, [{"total": 4}])
    (released,) = events.released
    assert (released.held, released.data(), released.count) == (held, b'{"total":4}\n', 1)


@pytest.mark.parametrize("decoded", [False, True])
def test_fields_are_read_alike_from_bytes_and_decoded(decoded: bool) -> None:
    missing = object()
    events = Events(block_of([{"a": 1, "b": {"c": None}}, {"b.c": 2, "b": {"c": 3}}, {"b": 7}]))
    if decoded:
        events.edit()
    assert events.columns(Columns(["a", "b.c"], missing)) == [[1, missing, missing], [None, 2, missing]]


@pytest.mark.parametrize(
    "line", [line for line in HOSTILE if b"1e400" in line or b"ud800" in line or b"[[" in line]
)
def test_what_cannot_be_decoded_goes_on_as_text_and_is_counted(line: bytes) -> None:
    events = Events(block_of([{"n": 1}, line]))
    first, second = events.read()
    assert (first, second) == ({"n": 1}, {"message": line.decode()})
    assert events.errors == 1
    assert events.data() != block_of([{"n": 1}, line]).data
