"""Which node is asked, and when another is."""

from penstock.exchange import Answer, Failure, FailureKind, Request, Response
from penstock.testing import ManualClock
from penstock.wire.nodes import REST, Nodes

A, B, C = "http://a:1/_bulk", "http://b:1/_bulk", "https://c/_bulk"
REFUSED = Failure(FailureKind.REFUSED, "nobody listens")


def request(*, rotate: bool = False) -> Request:
    return Request("POST", A, nodes=(B, C), rotate=rotate)


def firsts(nodes: Nodes, count: int, *, rotate: bool = False) -> list[str]:
    return [nodes.order(request(rotate=rotate))[0] for _ in range(count)]


def test_the_first_is_asked_for_as_long_as_it_answers() -> None:
    nodes = Nodes(ManualClock())
    for answer in (Response(200), Response(429), Response(500)):
        nodes.learn(A, answer)
    assert nodes.order(request()) == [A, B, C]
    assert nodes.order(Request("GET", A)) == (A,)


async def test_one_that_is_away_is_asked_last_for_a_while() -> None:
    answers: list[Answer] = [REFUSED, Failure(FailureKind.TIMEOUT, "slow"), Response(502), Response(503)]
    for answer in answers:
        clock = ManualClock()
        nodes = Nodes(clock)
        nodes.learn(A, answer)
        assert nodes.order(request()) == [B, C, A]
        assert nodes.order(Request("GET", A + "?other=1", nodes=(B,))) == [B, A + "?other=1"]
        await clock.advance(REST + 1)
        assert nodes.order(request()) == [A, B, C]


def test_one_that_is_back_is_asked_at_once() -> None:
    nodes = Nodes(ManualClock())
    nodes.learn(A, REFUSED)
    nodes.learn(A, Response(200))
    assert firsts(nodes, 2) == [A, A]


def test_in_turns() -> None:
    nodes = Nodes(ManualClock())
    assert firsts(nodes, 4, rotate=True) == [A, B, C, A]
    nodes.learn(B, REFUSED)
    assert B not in firsts(nodes, 6, rotate=True)
    assert B in nodes.order(request(rotate=True))
