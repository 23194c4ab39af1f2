"""Items are what they would be were each event read, changed and written again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.destinations.datadog_items import LONGEST, Items, shortened, without
from penstock.testing.contract import batch_of

LINES = (
    b"{}",
    b"{ }",
    b'{"a":1}',
    b'{ "a" : 1 }',
    b'{"a":"},{","b":[{}]}',
    '{"é":"💧"}'.encode(),
    b'{"a":",}"}',
)


@given(
    lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=5),
    same=st.sampled_from([b"", b',"x":1', b',"x":1,"y":"},"']),
    some=st.dictionaries(st.integers(0, 4), st.just(b',"z":{}'), max_size=3),
    ids=st.booleans(),
)
def test_members_come_behind_those_of_each_event(
    lines: list[bytes], same: bytes, some: dict[int, bytes], ids: bool
) -> None:
    batch = batch_of(lines)
    items = Items(batch, "id" if ids else "")
    items.put(same)
    items.put_some(some)
    wanted = [
        {
            **({"id": f"node-{index + 1}"} if ids else {}),
            **json.loads(line),
            **json.loads(b"{%b}" % same[1:]),
            **({"z": {}} if index in some else {}),
        }
        for index, line in enumerate(lines)
    ]
    made = json.loads(items.body())
    assert made == wanted
    assert [list(event) for event in made] == [list(event) for event in wanted]


@pytest.mark.parametrize(
    ("line", "rest", "value"),
    [
        (b'{"t":5,"a":1}', {"a": 1}, b"5"),
        (b'{"t":1.5e3,"a":"t"}', {"a": "t"}, b"1.5e3"),
        (b'{"t":5}', {}, b"5"),
        (b'{"t":"x","a":1}', {"a": 1}, b'"x"'),
        (b'{"a":[1,2],"t":[1,{"t":2}]}', {"a": [1, 2]}, b'[1,{"t":2}]'),
        (b'{"a":{"t":1}}', {"a": {"t": 1}}, b""),
        (b'{"a":"t"}', {"a": "t"}, b""),
        (b'{ "t" : 5 , "a" : 1 }', {"a": 1}, b"5"),
    ],
)
def test_a_member_is_taken_out(line: bytes, rest: dict[str, Any], value: bytes) -> None:
    left, found = without(line, b'"t"')
    assert (json.loads(left), found) == (rest, value)
    items = Items(batch_of([b"{}", line]), "")
    assert items.take_out(1, "t") == value
    items.put(b',"z":0')
    assert json.loads(items.body()) == [{"z": 0}, {**rest, "z": 0}]


texts = st.text(st.sampled_from('x"\\\n\x01é💧'), max_size=400)


@given(message=texts, other=texts, room=st.integers(150, 900))
def test_a_shorter_event_fits_and_begins_as_it_did(message: str, other: str, room: int) -> None:
    line = json.dumps({"n": 1, "message": message, "other": other}, ensure_ascii=len(other) % 2 == 0).encode()
    made = shortened(line, room)
    if len(line) <= room:
        assert made == line
        return
    assert made is not None
    assert len(made) <= room
    event = json.loads(made)
    assert (event["n"], list(event)) == (1, ["n", "message", "other"])
    for text, whole in ((event["message"], message), (event["other"], other)):
        begin, mark, rest = text.partition("… [cut: it had ")
        assert whole.startswith(begin) if mark else text == whole
        assert rest == (f"{len(whole)} characters]" if mark else "")
    if len(other) < 10:
        assert event["other"] == other, "the message goes first"


def test_little_more_is_cut_than_must_be() -> None:
    line = json.dumps({"message": "x" * 5000}).encode()
    made = shortened(line, 1000)
    assert made is not None
    assert len(made) > 950


def test_what_is_no_text_is_cut_as_text() -> None:
    made = shortened(json.dumps({"a": 1, "list": list(range(1000))}).encode(), 200)
    assert made is not None
    event = json.loads(made)
    assert event["a"] == 1
    assert event["list"].startswith("[0, 1, 2")


def test_an_event_of_many_small_members_cannot_be_cut() -> None:
    assert shortened(json.dumps({f"n{n}": n for n in range(100)}).encode(), 300) is None


def test_how_long_an_item_is_counts_what_it_gets() -> None:
    line = b'{"m":"%b"}' % (b"x" * (LONGEST - 14))
    assert len(line) == LONGEST - 6
    for more in (b"", b',"z":1'):
        items = Items(batch_of([line, b"{}"]), "")
        items.put(more)
        assert items.too_long() == {}
    items = Items(batch_of([line, b"{}"]), "")
    items.put(b',"z":12')
    assert items.too_long() == {0: LONGEST + 1}
    assert items.cut(0)
    assert not items.too_long()
    cut, other = json.loads(items.body())
    assert (cut["z"], other) == (12, {"z": 12})
    assert len(json.dumps(cut, ensure_ascii=False, separators=(",", ":")).encode()) <= LONGEST
