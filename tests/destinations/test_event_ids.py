"""Ids for a whole batch are those that each event would give of itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.block import Batch, Block
from penstock.destinations.event_ids import event_ids, id_overhead, with_ids
from penstock.testing.contract import batch_of


@given(st.lists(st.tuples(st.integers(0, 2**63), st.integers(1, 2500)), min_size=1, max_size=3))
def test_as_each_event_would_say(runs: list[tuple[int, int]]) -> None:
    pieces = tuple(Block(b"{}\n" * count, count, "s", 0.0, first, "node") for first, count in runs)
    batch = Batch(pieces, 0.0)
    assert [text.decode() for text in event_ids(batch)] == list(batch.event_ids())


@pytest.mark.parametrize("event", [b"{}", b"{ }", b"{" + b" " * 40 + b"}", b'{"n":1}', b'{ "a" : {} }'])
def test_an_id_is_put_in_front(event: bytes) -> None:
    (line,) = with_ids(batch_of([event], first_seq=7), "id")
    assert json.loads(line) == {"id": "node-7", **json.loads(event)}
    assert len(line) <= len(event) + id_overhead("id")


def test_a_field_of_that_name_wins() -> None:
    (line,) = with_ids(batch_of([{"id": "mine"}]), "id")
    assert json.loads(line) == {"id": "mine"}


def test_without_a_name_events_are_as_they_came() -> None:
    assert with_ids(batch_of([{"n": 1}, {"n": 2}]), "") == [b'{"n":1}', b'{"n":2}']
    assert id_overhead("") == 0


def test_overhead_is_enough_for_the_longest() -> None:
    batch = Batch((Block(b'{"n":1}\n', 1, "s", 0.0, 2**64 - 1, "n" * 60),), 0.0)
    (line,) = with_ids(batch, "é")
    assert len(line) <= len(b'{"n":1}') + id_overhead("é")
