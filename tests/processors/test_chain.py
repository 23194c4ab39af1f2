import pytest
from structlog.testing import capture_logs

from penstock.processors.base import Processor
from penstock.processors.events import Events, Held
from penstock.testing.processing import ARRIVED, Each, Tally, block_of, chain_of, decoded


def set_field(name: str) -> Processor:
    def work(events: Events) -> None:
        for event in events.edit():
            event[name] = len(event)

    return Each(work)


def test_each_sees_what_the_one_before_it_has_left() -> None:
    chain = chain_of(set_field("a"), Each(lambda events: events.keep([1, 0])), set_field("b"))
    (events,) = chain.process(block_of([{}, {"x": 1}]))
    assert events.data() == b'{"a":0,"b":1}\n'
    assert [(s.events_in, s.events_out, s.dropped, s.added) for s in chain.stats] == [
        (2, 2, 0, 0),
        (2, 1, 1, 0),
        (1, 1, 0, 0),
    ]
    assert all(s.seconds > 0 for s in chain.stats)


def test_where_nothing_is_left_the_rest_is_not_asked() -> None:
    seen: list[int] = []
    chain = chain_of(Each(lambda events: events.keep([0])), Each(lambda events: seen.append(events.count)))
    (events,) = chain.process(block_of([{}]))
    assert (events.count, seen) == (0, [])


def test_what_was_held_goes_on_through_the_rest_of_the_chain_before_what_came_after_it() -> None:
    held = Held()

    def work(events: Events) -> None:
        if events.read()[0].get("open"):
            events.hold(held)
        else:
            events.release(held, [{"closed": True}])

    chain = chain_of(Each(work), set_field("seen"))
    (first,) = chain.process(block_of([{"open": True}]))
    assert (first.count, first.held) == (0, held)
    released, own = chain.process(block_of([{}]))
    assert (released.held, own.held) == (held, None)
    assert decoded([released, own]) == [{"closed": True, "seen": 1}, {"seen": 0}]
    assert [(s.events_in, s.events_out, s.dropped, s.added) for s in chain.stats] == [
        (2, 2, 1, 1),
        (2, 2, 0, 0),
    ]


def test_what_is_told_without_an_event_goes_through_the_rest_of_the_chain() -> None:
    chain = chain_of(Tally(), set_field("seen"))
    chain.process(block_of([{}, {}]))
    assert chain.due() == ARRIVED + 10
    assert not chain.tick(ARRIVED + 9, ARRIVED + 9)
    assert decoded(chain.tick(ARRIVED + 10, ARRIVED + 10)) == [{"count": 2, "seen": 1}]
    assert chain.due() is None


def test_a_bug_costs_neither_the_events_nor_the_daemon() -> None:
    def work(events: Events) -> None:
        if b"bad" in events.data():
            raise KeyError("oops")

    chain = chain_of(Each(work))
    with capture_logs() as logs:
        (events,) = chain.process(block_of([{"bad": 1}, {}]))
    assert events.refused == {
        0: "1: internal error: KeyError('oops')",
        1: "1: internal error: KeyError('oops')",
    }
    assert events.count == 0
    assert chain.stats[0].errors == 2
    assert logs[0]["event"] == "processor failed unexpectedly"


def test_errors_are_told_and_counted() -> None:
    chain = chain_of(Each(lambda events: events.fail(1, "no number")))
    with capture_logs() as logs:
        chain.process(block_of([{}]))
        chain.process(block_of([{}]))
    assert [(entry["processor"], entry["error"], entry["events"]) for entry in logs] == [
        ("1", "no number", 1)
    ]
    assert (chain.stats[0].errors, chain.stats[0].last_error) == (2, "no number")


@pytest.mark.parametrize("count", [1, 250, 251, 1000])
def test_a_block_goes_through_in_slices_and_none_is_lost(count: int) -> None:
    chain = chain_of(set_field("n"))
    block = block_of([{"i": i} for i in range(count)], first_seq=7)
    pieces = list(chain.slices(block))
    assert max(piece.count for piece in pieces) <= 250
    assert b"".join(piece.data for piece in pieces) == block.data
    assert [piece.first_seq for piece in pieces] == list(range(7, 7 + count, 250))
