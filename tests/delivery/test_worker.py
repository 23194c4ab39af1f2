"""Each verdict, and what the worker makes of it; with a destination of ten lines and a wire that answers from a list."""

import asyncio
from collections.abc import Callable

import pytest

from penstock.block import Batch, Block
from penstock.delivery.decision import Decision
from penstock.delivery.job import Job, SearchBudget
from penstock.delivery.ledger import Books
from penstock.delivery.stats import DestinationStats
from penstock.delivery.worker import Worker
from penstock.destinations.base import (
    Blocked,
    Confirm,
    Delivered,
    Limits,
    Partial,
    Prepare,
    Probe,
    Refused,
    Retry,
    TooLarge,
    Verdict,
)
from penstock.exchange import Answer, Failure, FailureKind, ForAll, Request, Response
from penstock.journal.base import Cursor
from penstock.testing import ManualClock, ScriptedWire, TableDestination

ASK = Request("GET", "http://service/ack")
MAKE = Request("POST", "http://service/make")


def service(**verdicts: Verdict) -> TableDestination:
    """By status: `s503=Retry(...)`."""
    made = TableDestination({int(status[1:]): verdict for status, verdict in verdicts.items()})
    made.secrets = frozenset({"hunter2"})
    return made


def job(count: int = 4) -> Job:
    data = b"".join(b'{"n":%d}\n' % n for n in range(count))
    return Job(Batch((Block(data, count, "s", 5.0, 10, "n"),), 6.0))


def numbers(batch: Batch | None) -> list[int]:
    return (
        []
        if batch is None
        else [seq - 10 for piece in batch.pieces for seq in range(piece.first_seq, piece.end_seq)]
    )


class Bench:
    def __init__(self, destination: TableDestination, *replies: Answer) -> None:
        self.clock = ManualClock()
        self.wire = ScriptedWire(replies)
        self.stats = DestinationStats("d", "k", Books(Cursor(0, 0)).ledger(0))
        self.confirming: list[Job] = []
        self.job = job()
        self.worker = Worker(
            destination,
            self.wire,
            self.clock,
            self.stats,
            self.confirming.append,
        )

    async def attempt(self) -> Decision:
        decision = await self.worker.attempt(self.job)
        told = [
            *numbers(decision.delivered),
            *(n for dead in decision.dead for n in numbers(dead.batch)),
            *(n for part in decision.again for n in numbers(part.batch)),
            *(n for n in numbers(decision.later.batch if decision.later else None)),
        ]
        assert sorted(told) == [0, 1, 2, 3], "each event is in exactly one part of a decision"
        return decision


async def test_delivered() -> None:
    bench = Bench(service(), Response(200))
    decision = await bench.attempt()
    assert numbers(decision.delivered) == [0, 1, 2, 3]
    assert (decision.failed, decision.overload, bench.stats.requests) == (False, False, {"delivered": 1})
    assert bench.stats.bytes_sent == len(bench.job.batch.data)


async def test_delivered_but_slow_down() -> None:
    decision = await Bench(service(s200=Delivered(slow_down=True)), Response(200)).attempt()
    assert (numbers(decision.delivered), decision.overload, decision.failed) == ([0, 1, 2, 3], True, False)


async def test_retry() -> None:
    bench = Bench(service(s503=Retry("busy", after=7.0, overload=True)), Response(503), Response(503))
    decision = await bench.attempt()
    assert decision.later is bench.job
    assert (decision.after, decision.failed, decision.overload, decision.reason) == (7.0, True, True, "busy")
    assert (bench.job.attempts, bench.stats.retried) == (1, 0)
    await bench.attempt()
    assert (bench.job.attempts, bench.stats.retried) == (2, 4)
    assert bench.wire.sent[0] == bench.wire.sent[1]


async def test_no_answer_is_counted_as_a_failure() -> None:
    bench = Bench(service(), Failure(FailureKind.TIMEOUT, "no answer in 60 s"))
    decision = await bench.attempt()
    assert (decision.later, decision.reason) == (bench.job, "no answer in 60 s")
    assert bench.stats.requests == {"failure": 1}


async def test_partial() -> None:
    verdict = Partial(retry=[3], refused={0: "bad date", 2: "bad date"}, reason="too many", after=2.0)
    decision = await Bench(service(s200=verdict), Response(200, body=b"{}")).attempt()
    assert numbers(decision.delivered) == [1]
    assert [(numbers(dead.batch), dead.kind, dead.reason) for dead in decision.dead] == [
        ([0, 2], "refused", "bad date")
    ]
    assert decision.later is not None
    assert numbers(decision.later.batch) == [3]
    assert (decision.after, decision.failed, decision.overload) == (2.0, False, True)


async def test_partial_that_took_nothing_counts_against_the_service() -> None:
    decision = await Bench(service(s200=Partial(retry=range(4), refused={})), Response(200)).attempt()
    assert decision.failed


async def test_what_the_service_has_not_looked_at_goes_at_once() -> None:
    verdict = Partial(retry=[], refused={1: "bad date"}, again=[2, 3])
    decision = await Bench(service(s200=verdict), Response(200)).attempt()
    assert numbers(decision.delivered) == [0]
    assert [(numbers(part.batch), part.attempts) for part in decision.again] == [([2, 3], 0)]
    assert (decision.later, decision.failed, decision.overload) == (None, False, False)


async def test_too_large_is_halved() -> None:
    decision = await Bench(service(s413=TooLarge()), Response(413)).attempt()
    assert [numbers(part.batch) for part in decision.again] == [[0, 1], [2, 3]]
    assert all(part.attempts == 0 for part in decision.again)


async def test_one_event_that_is_too_large_is_dead() -> None:
    bench = Bench(service(s413=TooLarge("over 1 MB")), Response(413, body=b"too long"))
    decision = await bench.worker.attempt(job(1))
    (dead,) = decision.dead
    assert (dead.kind, dead.reason, dead.status, dead.answer) == ("too_large", "over 1 MB", 413, "too long")


async def test_what_encodes_beyond_the_limit_is_not_even_sent() -> None:
    made = service()
    made.limits = Limits(bytes=20)
    bench = Bench(made)
    decision = await bench.attempt()
    assert (len(decision.again), bench.wire.sent, decision.sent) == (2, [], False)


async def test_the_limit_is_of_what_the_service_counts() -> None:
    made = service()
    made.limits = Limits(bytes=20)
    made.weight = 20
    decision = await Bench(made, Response(200)).attempt()
    assert numbers(decision.delivered) == [0, 1, 2, 3]


async def test_prepare() -> None:
    made = service(s404=Prepare(MAKE, lambda _: Delivered()))
    bench = Bench(made, Response(404), Response(201), Response(200))
    decision = await bench.attempt()
    assert numbers(decision.delivered) == [0, 1, 2, 3]
    assert [request.url for request in bench.wire.sent if isinstance(request, Request)] == [
        "http://service/", "http://service/make", "http://service/",
    ]  # fmt: skip
    assert bench.wire.sent[0] == bench.wire.sent[2]


async def test_prepared_in_vain_is_tried_later() -> None:
    bench = Bench(service(s404=Prepare(MAKE, lambda _: Delivered(), "no stream")), *[Response(404)] * 3)
    decision = await bench.attempt()
    assert (decision.later, decision.failed) == (bench.job, True)
    assert "no stream" in decision.reason


async def test_what_cannot_be_prepared_is_as_its_own_verdict_says() -> None:
    made = service(s404=Prepare(MAKE, lambda _: Blocked("no right to create it")))
    decision = await Bench(made, Response(404), Response(403)).attempt()
    assert (decision.blocked, decision.reason) == (True, "no right to create it")


async def test_one_preparation_may_ask_for_another() -> None:
    group = Request("POST", "http://service/group")
    made = service(s404=Prepare(MAKE, lambda _: Prepare(group, lambda _: Delivered())))
    bench = Bench(made, Response(404), Response(404), Response(201), Response(200))
    decision = await bench.attempt()
    assert numbers(decision.delivered) == [0, 1, 2, 3]
    assert [request.url for request in bench.wire.sent if isinstance(request, Request)] == [
        "http://service/", "http://service/make", "http://service/group", "http://service/",
    ]  # fmt: skip


async def test_preparations_without_end_are_tried_later() -> None:
    def more(_: Answer) -> Verdict:
        return Prepare(MAKE, more, "and another thing")

    bench = Bench(service(s404=Prepare(MAKE, more)), *[Response(404)] * 50)
    decision = await bench.attempt()
    assert (decision.later, decision.failed) == (bench.job, True)
    assert len(bench.wire.sent) <= 10


def confirm(judge: Callable[[Answer], Verdict]) -> TableDestination:
    return service(s202=Confirm(ASK, judge, every=1.0, until=5.0))


def acked(answer: Answer) -> Verdict:
    return Delivered() if isinstance(answer, Response) and answer.status == 200 else Retry("not yet")


async def test_confirm_waits_for_the_yes_and_frees_the_connection_meanwhile() -> None:
    bench = Bench(confirm(acked), Response(202), Response(204), Response(200))
    task = asyncio.get_running_loop().create_task(bench.attempt())
    await bench.clock.advance(1.5)
    assert not task.done()
    assert bench.confirming == [bench.job]
    await bench.clock.advance(1.0)
    assert numbers((await task).delivered) == [0, 1, 2, 3]


async def test_a_yes_that_never_comes_means_that_it_is_sent_again() -> None:
    bench = Bench(confirm(acked), Response(202), *[Response(204)] * 10)
    task = asyncio.get_running_loop().create_task(bench.attempt())
    await bench.clock.advance(10.0)
    decision = await task
    assert (decision.later, decision.failed) == (bench.job, True)
    assert "not confirmed in 5 s" in decision.reason


async def test_a_no_is_a_verdict_on_the_batch() -> None:
    bench = Bench(confirm(lambda _: Refused("rejected", "the request")), Response(202), Response(200))
    task = asyncio.get_running_loop().create_task(bench.attempt())
    await bench.clock.advance(1.0)
    assert [dead.reason for dead in (await task).dead] == ["rejected"]


async def test_blocked() -> None:
    bench = Bench(service(s401=Blocked("HTTP 401")), Response(401))
    decision = await bench.attempt()
    assert (decision.later, decision.blocked, decision.failed) == (bench.job, True, False)


async def test_refused_without_a_culprit_is_halved() -> None:
    bench = Bench(service(s400=Refused("bad")), Response(400))
    decision = await bench.attempt()
    assert [numbers(part.batch) for part in decision.again] == [[0, 1], [2, 3]]
    assert decision.again[0].search is decision.again[1].search is bench.job.search


async def test_refused_alone_is_dead() -> None:
    bench = Bench(service(s400=Refused("bad")), Response(400, body=b"why"))
    (dead,) = (await bench.worker.attempt(job(1))).dead
    assert (dead.kind, dead.reason, dead.status, dead.answer) == ("refused", "bad", 400, "why")


async def test_refused_for_the_request_s_sake_is_not_searched() -> None:
    decision = await Bench(service(s404=Refused("no such path", "the request")), Response(404)).attempt()
    assert [numbers(dead.batch) for dead in decision.dead] == [[0, 1, 2, 3]]


async def test_the_search_for_a_culprit_is_bounded() -> None:
    bench = Bench(service(s400=Refused("bad")), Response(400))
    bench.job.search = SearchBudget(1)
    assert [numbers(dead.batch) for dead in (await bench.attempt()).dead] == [[0, 1, 2, 3]]


@pytest.mark.parametrize("bad", [{0}, {999}, {500, 501}, {3, 400, 997}])
async def test_one_bad_event_does_not_take_its_neighbours_along(bad: set[int]) -> None:
    made = service(s400=Refused("bad"))

    def answer(request: object) -> Answer:
        assert isinstance(request, Request)
        return Response(400 if any(b'{"n":%d}\n' % n in request.body for n in bad) else 200)

    bench = Bench(made)
    bench.wire = ScriptedWire(otherwise=answer)
    bench.worker = Worker(made, bench.wire, bench.clock, bench.stats, lambda _: None)
    todo, delivered, dead = [job(1000)], 0, []
    while todo:
        decision = await bench.worker.attempt(todo.pop())
        todo += decision.again
        delivered += decision.delivered.count if decision.delivered else 0
        dead += [n for grave in decision.dead for n in numbers(grave.batch)]
    assert (delivered, set(dead)) == (1000 - len(bad), bad)
    assert len(bench.wire.sent) <= 90


async def test_what_is_bad_as_a_whole_costs_a_bounded_number_of_requests() -> None:
    bench = Bench(service(s400=Refused("bad")), *[Response(400)] * 1000)
    todo, dead = [job(1000)], 0
    while todo:
        decision = await bench.worker.attempt(todo.pop())
        todo += decision.again
        dead += sum(grave.batch.count for grave in decision.dead)
    assert dead == 1000
    assert len(bench.wire.sent) <= 90


async def test_unfit_events_are_dead_and_the_rest_goes_on() -> None:
    made = service()
    made.unfit = {1: "no timestamp"}
    bench = Bench(made)
    decision = await bench.attempt()
    assert [(numbers(dead.batch), dead.kind) for dead in decision.dead] == [([1], "unfit")]
    assert [numbers(part.batch) for part in decision.again] == [[0, 2, 3]]
    assert (decision.sent, bench.wire.sent) == (False, [])


async def test_a_secret_that_the_service_repeats_is_blotted_out() -> None:
    made = service(s400=Refused("bad token hunter2", "the request"))
    decision = await Bench(made, Response(400, body=b"you said hunter2")).attempt()
    assert "hunter2" not in repr(decision)
    assert (decision.dead[0].reason, decision.dead[0].answer) == (
        "bad token **********",
        "you said **********",
    )


async def test_a_secret_in_a_warning_is_blotted_out() -> None:
    made = service(s200=Delivered(warning="the key hunter2 ends soon"))
    decision = await Bench(made, Response(200)).attempt()
    assert decision.warning == "the key ********** ends soon"


async def test_what_does_not_go_together_is_sent_apart() -> None:
    destination = service()
    destination.most = 3
    bench = Bench(destination)
    decision = await bench.attempt()
    assert [numbers(part.batch) for part in decision.again] == [[0, 1, 2], [3]]
    assert bench.wire.sent == []
    assert not decision.sent
    assert bench.job.attempts == 0


async def test_notes_are_counted_of_what_is_delivered() -> None:
    destination = service(
        s200=Delivered(notes={1: "duplicate"}),
        s207=Partial(retry=[0], refused={1: "no"}, notes={2: "duplicate", 1: "duplicate"}),
    )
    destination.notes = {0: "cut", 1: "cut", 3: "restamped"}
    bench = Bench(destination, Response(207), Response(200), Response(503))
    assert (await bench.attempt()).notes == {"duplicate": 1, "restamped": 1}
    assert (await bench.attempt()).notes == {"duplicate": 1, "cut": 2, "restamped": 1}


async def test_a_note_on_all_is_counted_of_what_is_delivered() -> None:
    destination = service(s200=Delivered(), s207=Partial(retry=[0], refused={1: "no"}))
    bench = Bench(destination, Response(207), Response(200))
    destination.notes = ForAll(bench.job.batch.count, "late")
    assert (await bench.attempt()).notes == {"late": bench.job.batch.count - 2}
    assert (await bench.attempt()).notes == {"late": bench.job.batch.count}


class Asked(TableDestination):
    def probe(self) -> Probe:
        return Probe(ASK, lambda answer: self.judge(job().batch, answer))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response(503), (True, False, "busy")),
        (Response(401), (False, True, "HTTP 401")),
        (Failure(FailureKind.REFUSED, "nobody listens"), (True, False, "nobody listens")),
    ],
)
async def test_a_service_that_is_not_back_gets_no_batch(answer: Answer, told: tuple[bool, bool, str]) -> None:
    bench = Bench(Asked({503: Retry("busy"), 401: Blocked("HTTP 401")}), answer)
    decision = await bench.worker.knock(bench.job)
    assert decision is not None
    assert (decision.failed, decision.blocked, decision.reason) == told
    assert decision.later is bench.job
    assert bench.wire.sent == [ASK]
    assert bench.job.attempts == 0, "a question is no attempt"
    assert bench.job.first_tried, "but the time until it is given up runs"


async def test_a_service_that_is_back_or_cannot_be_asked_is_tried_with_a_batch() -> None:
    for destination in (Asked(), service()):
        bench = Bench(destination, Response(200))
        assert await bench.worker.knock(bench.job) is None
