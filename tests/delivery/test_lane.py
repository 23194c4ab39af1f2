"""A lane from end to end: a journal in memory, a clock that is told to go, a wire that answers from a list."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from penstock.block import Batch, Block
from penstock.delivery.deadletters import DeadLetterStore
from penstock.delivery.lane import Lane
from penstock.delivery.settings import DeadLetterSettings, DeliverySettings, QueueSettings, RetrySettings
from penstock.destinations.base import (
    BatchSize,
    Blocked,
    Delivered,
    Destination,
    Encoded,
    Partial,
    Probe,
    Refused,
    Retry,
    TooLarge,
    Verdict,
)
from penstock.exchange import Append, Failure, FailureKind, Request, Response
from penstock.journal.base import Cursor, Journal, JournalSettings
from penstock.journal.open import open_journal
from penstock.processors.base import Processor
from penstock.processors.events import Events, Held
from penstock.tasks import Tasks
from penstock.testing import ManualClock, ScriptedWire, TableDestination
from penstock.testing.clock import _Timer
from penstock.testing.processing import Each, chain_of
from penstock.testing.wire import Reply

EMPTY = Batch((), 0.0)
DOWN = Failure(FailureKind.REFUSED, "nobody listens")
BUSY = {429: Retry("HTTP 429", overload=True), 503: Retry("HTTP 503", after=30.0, overload=True)}


class Rig:
    """A lane and all that it needs."""

    def __init__(self, clock: ManualClock, journal: Journal, lane: Lane, wire: ScriptedWire) -> None:
        self.clock = clock
        self.journal = journal
        self.lane = lane
        self.wire = wire
        self.full: list[str] = []

    def feed(self, count: int, size: int = 20, only: str = "") -> None:
        """Appends events that hold their own sequence number."""
        first = self.journal.head
        lines = [b'{"n":%d,"p":"' % n for n in range(first, first + count)]
        data = b"".join(line.ljust(size - 3, b".") + b'"}\n' for line in lines)
        self.journal.append(Block(data, count, "s", self.clock.time(), only=only))

    def sent(self) -> list[list[int]]:
        """The numbers in each request, in order."""
        bodies = [r.body if isinstance(r, Request) else r.data for r in self.wire.sent]
        return [[int(line[5:].split(b",")[0]) for line in body.splitlines()] for body in bodies]

    def seen(self) -> list[int]:
        """The numbers in all requests together."""
        return list(chain.from_iterable(self.sent()))

    def balanced(self) -> None:
        """The ledger adds up, to the journal's own head."""
        ledger = self.lane.stats().ledger
        assert ledger.imbalance == 0
        assert ledger.accepted <= self.journal.head


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def journal(clock: ManualClock) -> AsyncIterator[Journal]:
    made = open_journal(JournalSettings(type="memory"), clock=clock, version="test")
    yield made
    await made.close()


@asynccontextmanager
async def rigged(
    clock: ManualClock,
    journal: Journal,
    folder: Path,
    *replies: Reply,
    otherwise: Reply | None = None,
    verdicts: Mapping[int, Verdict] | None = None,
    batch: BatchSize = BatchSize(events=2, age=1.0),  # noqa: B008 - frozen
    settings: DeliverySettings = DeliverySettings(),  # noqa: B008 - frozen
    max_held: int = 2**20,
    dead_letters: bool = True,
    dead_letter_bytes: int = 2**28,
    destination: Destination | None = None,
    processors: Sequence[Processor] = (),
) -> AsyncIterator[Rig]:
    wire = ScriptedWire(replies, otherwise)
    full: list[str] = []
    lane = Lane(
        name="d",
        kind="table",
        destination=destination or TableDestination(verdicts),
        wire=wire,
        journal=journal,
        settings=settings,
        batch=batch,
        dead_letters=DeadLetterStore(
            folder / "d" if dead_letters else None, DeadLetterSettings(max_bytes=dead_letter_bytes), clock
        ),
        clock=clock,
        max_held=max_held,
        on_full=full.append,
        chain=chain_of(*processors) if processors else None,
    )
    rig = Rig(clock, journal, lane, wire)
    rig.full = full
    journal.on_append(lane.grown)
    crashes: list[BaseException] = []
    tasks = Tasks("test", crashes.append)
    tasks.start(lane.run(), "lane")
    await clock.advance(0)
    try:
        yield rig
        rig.balanced()
    finally:
        await lane.stop()
        await tasks.join()
        assert not crashes


async def test_batches_go_when_full_or_when_their_oldest_event_is_old(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path) as rig:
        rig.feed(3)
        await clock.advance(0)
        assert rig.sent() == [[0, 1]]
        await clock.advance(0.9)
        assert len(rig.sent()) == 1
        await clock.advance(0.1)
        assert rig.sent() == [[0, 1], [2]]
        assert rig.lane.stats().ledger.delivered == 3


async def test_a_failed_batch_waits_while_newer_ones_go_on(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, DOWN) as rig:
        rig.feed(4)
        await clock.advance(0)
        assert rig.sent() == [[0, 1], [2, 3]]
        stats = rig.lane.stats()
        assert (stats.retry_batches, stats.ledger.pending, stats.last_error) == (1, 2, "nobody listens")
        await clock.advance(1.0)
        assert rig.sent()[2:] == [[0, 1]]
        assert (rig.lane.stats().retried, rig.lane.stats().ledger.pending) == (2, 0)


async def test_ordered_holds_all_behind_the_one_that_failed(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, DOWN, DOWN, settings=DeliverySettings(ordered=True)) as rig:
        rig.feed(6)
        await clock.advance(10.0)
        assert rig.sent() == [[0, 1], [0, 1], [0, 1], [2, 3], [4, 5]]


async def test_ordered_holds_the_second_half_behind_the_first_that_failed(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    large: dict[int, Verdict] = {413: TooLarge()}
    ordered = DeliverySettings(ordered=True)
    async with rigged(clock, journal, tmp_path, Response(413), DOWN, verdicts=large, settings=ordered) as rig:
        rig.feed(4)
        await clock.advance(10.0)
        assert rig.sent() == [[0, 1], [0], [0], [1], [2, 3]]


async def test_a_dead_destination_costs_few_requests_and_no_memory(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    settings = DeliverySettings(retry=RetrySettings(max_batches=3))
    async with rigged(clock, journal, tmp_path, otherwise=DOWN, settings=settings) as rig:
        for _ in range(100):
            rig.feed(10)
        await clock.advance(600.0)
        stats = rig.lane.stats()
        assert stats.breaker in ("open", "half_open")
        assert stats.retry_batches <= 3 + settings.max_in_flight
        assert len(rig.wire.sent) < 120  # one try at a time, further and further apart
        assert stats.ledger.pending == 1000
        assert stats.queue_oldest_age == pytest.approx(600.0)
        rig.wire.otherwise(Response(200))
        await clock.advance(120.0)
        assert rig.lane.stats().ledger.delivered == 1000
        assert rig.lane.stats().breaker == "closed"


class Asked(TableDestination):
    """Can be asked how it is."""

    def probe(self) -> Probe:
        return Probe(Request("GET", "http://service/health"), lambda answer: self.judge(EMPTY, answer))


async def test_a_service_that_can_be_asked_gets_no_batch_until_it_is_back(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, otherwise=DOWN, destination=Asked()) as rig:
        rig.feed(2)
        await clock.advance(600.0)
        assert rig.lane.stats().breaker in ("open", "half_open")
        batches = [request for request in rig.wire.sent if request.body]  # type: ignore[union-attr] # no appends here
        assert (len(batches), len(rig.wire.sent) > 10) == (5, True), "five failures, then only questions"
        rig.wire.otherwise(Response(200))
        await clock.advance(61.0)
        assert rig.lane.stats().ledger.delivered == 2
        assert rig.lane.stats().breaker == "closed"


async def test_what_is_held_in_memory_is_bounded(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, otherwise=DOWN, max_held=100) as rig:
        rig.feed(40, size=50)  # batches of 100 bytes
        await clock.advance(3600.0)
        assert rig.lane.stats().retry_batches == 1
        assert rig.lane.stats().ledger.pending == 40


async def test_retry_after_is_honoured_by_the_whole_destination(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, Response(503), verdicts=BUSY) as rig:
        rig.feed(2)
        await clock.advance(0)
        rig.feed(4)
        await clock.advance(29.9)
        assert len(rig.wire.sent) == 1
        await clock.advance(1.2)
        assert sorted(rig.seen()[2:]) == [0, 1, 2, 3, 4, 5]


async def test_giving_up_makes_dead_letters(clock: ManualClock, journal: Journal, tmp_path: Path) -> None:
    settings = DeliverySettings(retry=RetrySettings(attempts=3))
    async with rigged(clock, journal, tmp_path, DOWN, DOWN, DOWN, settings=settings) as rig:
        rig.feed(2)
        await clock.advance(60.0)
        await until(clock, lambda: rig.lane.stats().ledger.pending == 0)
        assert rig.lane.stats().ledger.dead_lettered == {"gave_up": 2}
        letters = list(DeadLetterStore(tmp_path / "d", DeadLetterSettings(), clock).read())
        assert [(letter.attempts, letter.reason) for letter in letters] == [(3, "nobody listens")] * 2


async def test_a_shut_door_holds_the_data_for_as_long_as_it_takes(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    settings = DeliverySettings(retry=RetrySettings(attempts=2, give_up_after=10))
    shut = {401: Blocked("HTTP 401")}
    async with rigged(
        clock, journal, tmp_path, otherwise=Response(401), verdicts=shut, settings=settings
    ) as rig:
        rig.feed(2)
        await clock.advance(3600.0)
        stats = rig.lane.stats()
        assert (stats.ledger.pending, stats.ledger.dead_lettered) == (2, {})
        assert 55 <= len(rig.wire.sent) <= 62  # once a minute
        assert stats.breaker in ("blocked", "half_open")
        rig.wire.otherwise(Response(200))
        await clock.advance(121.0)
        assert rig.lane.stats().ledger.delivered == 2


async def test_partial_answers_settle_each_event_on_its_own(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    partial = {207: Partial(retry=[1], refused={0: "bad"}, reason="later")}
    batch = BatchSize(events=3)
    async with rigged(clock, journal, tmp_path, Response(207), verdicts=partial, batch=batch) as rig:
        rig.feed(3)
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"refused": 1})
        await clock.advance(2.0)
        assert rig.sent() == [[0, 1, 2], [1]]
        assert rig.lane.stats().ledger.delivered == 2


async def test_one_poison_event_among_a_thousand_dies_alone(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    def service(request: Request | Append) -> Response:
        assert isinstance(request, Request)
        return Response(400 if b'"n":537,' in request.body else 200)

    refuse = {400: Refused("HTTP 400")}
    async with rigged(
        clock, journal, tmp_path, otherwise=service, verdicts=refuse, batch=BatchSize(events=1000)
    ) as rig:
        rig.feed(1000)
        await until(clock, lambda: rig.lane.stats().ledger.pending == 0)
        assert rig.lane.stats().ledger.delivered == 999
        (letter,) = DeadLetterStore(tmp_path / "d", DeadLetterSettings(), clock).read()
        assert letter.id == f"{journal.node}-537"


async def test_too_large_is_halved_until_it_fits(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    def service(request: Request | Append) -> Response:
        assert isinstance(request, Request)
        return Response(413 if len(request.body) > 60 else 200)

    verdicts: dict[int, Verdict] = {413: TooLarge()}
    async with rigged(
        clock, journal, tmp_path, otherwise=service, verdicts=verdicts, batch=BatchSize(events=10)
    ) as rig:
        rig.feed(10)
        await clock.advance(1.0)
        assert rig.lane.stats().ledger.delivered == 10


async def test_the_oldest_go_where_the_queue_is_bounded(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    settings = DeliverySettings(queue=QueueSettings(max_bytes=100_000))
    async with rigged(clock, journal, tmp_path, otherwise=DOWN, settings=settings) as rig:
        for _ in range(200):
            rig.feed(10, size=200)
            await clock.advance(0.01)
        stats = rig.lane.stats()
        assert stats.queue_bytes <= 110_000
        assert stats.ledger.dropped["queue_full"] == stats.dropped["queue_full"] > 1000
        rig.wire.otherwise(Response(200))
        await clock.advance(200.0)
        delivered = sorted(set(rig.seen()))
        assert delivered[-1] == 1999
        assert rig.lane.stats().ledger.pending == 0


async def test_a_block_larger_than_the_queue_loses_its_oldest_events_only(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    settings = DeliverySettings(queue=QueueSettings(max_bytes=100_000))
    async with rigged(clock, journal, tmp_path, otherwise=DOWN, settings=settings) as rig:
        rig.feed(2000, size=200)
        await clock.advance(0.1)
        stats = rig.lane.stats()
        assert 80_000 < stats.queue_bytes <= 100_000
        rig.wire.otherwise(Response(200))
        await clock.advance(200.0)
        assert sorted(set(rig.seen())) == list(range(stats.dropped["queue_full"], 2000))
        assert rig.lane.stats().ledger.pending == 0


async def test_sources_are_told_to_wait_where_nothing_may_be_dropped(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    settings = DeliverySettings(queue=QueueSettings(max_bytes=10_000, when_full="block"))
    async with rigged(clock, journal, tmp_path, otherwise=DOWN, settings=settings) as rig:
        for _ in range(10):
            rig.feed(10, size=200)
            await clock.advance(0)
        assert rig.full == ["the queue of d is full"]
        rig.wire.otherwise(Response(200))
        await clock.advance(300.0)
        assert rig.full == ["the queue of d is full", ""]
        assert rig.lane.stats().ledger.delivered == 100


async def test_what_is_meant_for_another_is_passed_by(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path) as rig:
        rig.feed(1)
        rig.feed(1, only="other")
        rig.feed(1, only="d")
        await clock.advance(1.0)
        assert rig.sent() == [[0, 2]]
        assert (rig.lane.stats().ledger.accepted, rig.lane.stats().ledger.pending) == (2, 0)


async def test_a_replayed_dead_letter_comes_again_for_this_destination_alone(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    refuse = {400: Refused("HTTP 400", "the request")}
    async with rigged(clock, journal, tmp_path, Response(400), verdicts=refuse) as rig:
        rig.feed(2)
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"refused": 2})
        assert await rig.lane.replay({f"{journal.node}-1"}) == 1
        await clock.advance(1.0)
        assert rig.sent() == [[0, 1], [1]]
        assert rig.lane.stats().ledger.delivered == 1
        assert await rig.lane.discard(None) == 1
        assert rig.lane.stats().dead_letter_bytes == 0


async def test_dead_letters_of_many_files_are_replayed_each_once(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    refuse = {400: Refused("HTTP 400", "the request")}
    batch = BatchSize(events=50, age=1.0)
    async with rigged(
        clock, journal, tmp_path, *[Response(400)] * 10, verdicts=refuse, batch=batch, dead_letter_bytes=2**20
    ) as rig:
        rig.feed(500, size=900)
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"refused": 500})
        assert len(list((tmp_path / "d").iterdir())) > 3
        assert await rig.lane.replay(None) == 500
        await until(clock, lambda: rig.lane.stats().ledger.delivered == 500)
        assert sorted(rig.seen()[500:]) == list(range(500))


async def test_old_dead_letters_go_in_time(clock: ManualClock, journal: Journal, tmp_path: Path) -> None:
    refuse = {400: Refused("HTTP 400", "the request")}
    async with rigged(clock, journal, tmp_path, Response(400), verdicts=refuse) as rig:
        rig.feed(2)
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"refused": 2})
        (file,) = (tmp_path / "d").iterdir()
        os.utime(file, (clock.time() - 31 * 86400, clock.time() - 31 * 86400))
        await until(clock, lambda: rig.lane.stats().dead_letters_expired == 2)


async def test_paused_it_holds_its_queue(clock: ManualClock, journal: Journal, tmp_path: Path) -> None:
    async with rigged(clock, journal, tmp_path) as rig:
        rig.lane.pause(paused=True)
        rig.feed(2)
        await clock.advance(60.0)
        assert rig.sent() == []
        rig.lane.pause(paused=False)
        await clock.advance(0)
        assert rig.sent() == [[0, 1]]


async def test_turned_off_it_keeps_to_the_head(clock: ManualClock, journal: Journal, tmp_path: Path) -> None:
    async with rigged(clock, journal, tmp_path, settings=DeliverySettings(enabled=False)) as rig:
        rig.feed(5)
        await clock.advance(1.0)
        assert rig.sent() == []
        assert rig.lane.stats().ledger.pending == 0
    assert journal.cursors()["d"].done == 5


async def test_at_rest_it_begins_nothing_and_waits_for_what_it_has_sent(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path) as rig:
        rig.wire.hold()
        rig.feed(2)
        await clock.advance(0)
        resting = asyncio.get_running_loop().create_task(rig.lane.rest())
        rig.feed(2)
        await clock.advance(60.0)
        assert not resting.done()
        rig.wire.release()
        await clock.advance(60.0)
        assert resting.done()
        assert rig.sent() == [[0, 1]]
        assert rig.lane.stats().ledger.delivered == 2


async def test_a_drain_sends_what_is_there_at_once(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, batch=BatchSize(events=100, age=3600)) as rig:
        rig.feed(3)
        await clock.advance(0)
        assert rig.sent() == []
        await rig.lane.drain()
        assert rig.sent() == [[0, 1, 2]]


async def test_a_drain_does_not_wait_for_the_dead(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, otherwise=DOWN) as rig:
        rig.feed(20)
        await clock.advance(30.0)
        await rig.lane.drain()
        assert rig.lane.stats().ledger.pending == 20


async def test_what_was_done_is_not_done_again_after_a_restart(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, DOWN) as rig:
        rig.feed(4)
        await clock.advance(0)
        assert rig.sent() == [[0, 1], [2, 3]]
    assert journal.cursors()["d"] == Cursor(start=0, done=0, beyond=((2, 4),), delivered=2)
    async with rigged(clock, journal, tmp_path) as rig:
        rig.feed(1)
        await clock.advance(1.0)
        assert rig.seen() == [0, 1, 4]
        assert rig.lane.stats().ledger.delivered == 5


async def test_what_was_done_is_passed_over_where_it_is_a_block_of_its_own(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    large = BatchSize(events=100, age=1.0)
    async with rigged(clock, journal, tmp_path, DOWN) as rig:
        rig.feed(2)
        rig.feed(2)
        await clock.advance(0)
        assert rig.sent() == [[0, 1], [2, 3]]
    async with rigged(clock, journal, tmp_path, batch=large) as rig:
        rig.feed(2)
        await clock.advance(1.0)
        assert rig.seen() == [0, 1, 4, 5]
        assert rig.lane.stats().ledger.delivered == 6


@pytest.mark.parametrize(("start", "seen"), [("latest", [3]), ("earliest", [0, 1, 2, 3])])
async def test_a_new_destination_begins_where_it_is_told(
    clock: ManualClock, journal: Journal, tmp_path: Path, start: str, seen: list[int]
) -> None:
    journal.hold(["somebody"])
    journal.append(Block(b'{"n":0,""}\n{"n":1,""}\n{"n":2,""}\n', 3, "s", clock.time()))
    settings = DeliverySettings.model_validate({"queue": {"start": start}})
    async with rigged(clock, journal, tmp_path, settings=settings) as rig:
        rig.feed(1)
        await clock.advance(1.0)
        assert rig.seen() == seen


async def test_a_destination_with_a_bug_loses_nothing(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    def bug(_: object) -> Response:
        raise RuntimeError("a bug")

    async with rigged(clock, journal, tmp_path, bug) as rig:
        rig.feed(2)
        await clock.advance(3.0)
        assert rig.sent() == [[0, 1], [0, 1]]
        assert "a bug" in rig.lane.stats().last_error
        assert rig.lane.stats().ledger.delivered == 2


async def test_dead_letters_that_cannot_be_written_keep_their_events(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "d").write_text("a file where the folder should be")
    refuse = {400: Refused("HTTP 400", "the request")}
    async with rigged(clock, journal, tmp_path, otherwise=Response(400), verdicts=refuse) as rig:
        rig.feed(2)
        await until(clock, lambda: rig.lane.stats().retry_batches == 1)
        stats = rig.lane.stats()
        assert (stats.ledger.pending, stats.ledger.dead_lettered) == (2, {})
        assert "dead letters cannot be written" in stats.last_error


async def test_dead_letters_that_cannot_be_written_are_told_once(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "d").write_text("a file where the folder should be")
    refuse = {400: Refused("HTTP 400", "the request")}
    with capture_logs() as logs:
        async with rigged(clock, journal, tmp_path, otherwise=Response(400), verdicts=refuse) as rig:
            rig.feed(4)
            await until(clock, lambda: rig.lane.stats().retry_batches == 2)
            (tmp_path / "d").unlink()
            await clock.advance(60.0)
            await until(clock, lambda: rig.lane.stats().ledger.pending == 0)
            assert rig.lane.stats().ledger.dead_lettered == {"refused": 4}
    told = [entry["event"] for entry in logs if "dead letters" in entry["event"]]
    assert told == [
        "dead letters cannot be written, holding their events",
        "dead letters are written again",
    ]


async def test_dead_letters_that_go_for_the_bound_are_told(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    refuse = {400: Refused("HTTP 400", "the request")}
    replies, size = [Response(400)] * 24, BatchSize(events=1000)
    async with rigged(
        clock, journal, tmp_path, *replies, verdicts=refuse, batch=size, dead_letter_bytes=2**20
    ) as rig:
        for _ in replies:
            rig.feed(1000)
        await until(clock, lambda: rig.lane.stats().ledger.pending == 0)
        stats = rig.lane.stats()
        assert stats.dead_letters_expired > 0
        assert stats.dead_lettered == {"refused": 24_000}


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def test_where_no_dead_letters_are_kept_their_events_are_dropped_and_told(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    refuse = {400: Refused("HTTP 400", "the request")}
    with capture_logs() as logs:
        async with rigged(
            clock, journal, tmp_path, Response(400), verdicts=refuse, dead_letters=False
        ) as rig:
            rig.feed(4)
            await clock.advance(0)
            stats = rig.lane.stats()
            assert (stats.ledger.delivered, stats.ledger.dropped) == (2, {"no_dead_letters": 2})
            assert (stats.last_error, stats.dead_letter_bytes) == ("HTTP 400", 0)
            assert await rig.lane.replay(None) == 0
    assert {"event": "events dropped", "reason": "no_dead_letters", "events": 2}.items() <= next(
        entry for entry in logs if entry["event"] == "events dropped"
    ).items()
    assert is_empty(tmp_path)


async def test_what_crashes_behind_an_attempt_ends_the_lane_in_the_open(
    clock: ManualClock, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_batch: object, _notes: object) -> None:
        raise RuntimeError("a bug")

    async def deliver() -> None:
        async with rigged(clock, journal, tmp_path) as rig:
            monkeypatch.setattr(rig.lane._settlement, "delivered", fail)
            rig.feed(2)
            await clock.advance(1.0)

    with pytest.raises(AssertionError, match="RuntimeError"):
        await deliver()


async def test_two_replays_at_a_time_send_each_letter_once(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    refuse = {400: Refused("HTTP 400", "the request")}
    async with rigged(clock, journal, tmp_path, Response(400), verdicts=refuse) as rig:
        rig.feed(2)
        await until(clock, lambda: rig.lane.stats().ledger.pending == 0)
        assert sorted(await asyncio.gather(rig.lane.replay(None), rig.lane.replay(None))) == [0, 2]
        await until(clock, lambda: rig.lane.stats().ledger.delivered == 2)
        assert journal.head == 4


async def test_all_weathers_end_in_a_ledger_that_adds_up(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    weather: list[Reply] = [
        DOWN,
        Response(400),
        Response(200),
        Response(207),
        Response(413),
        Response(429),
        Response(401),
    ]
    verdicts: dict[int, Verdict] = {
        400: Refused("HTTP 400"),
        401: Blocked("HTTP 401"),
        207: Partial(retry=[0], refused={}),
        413: TooLarge(),
        429: Retry("HTTP 429", overload=True),
        200: Delivered(),
    }
    async with rigged(clock, journal, tmp_path, *weather * 10, verdicts=verdicts) as rig:
        for _ in range(50):
            rig.feed(7)
            await clock.advance(0.3)
            rig.balanced()
        await until(clock, lambda: rig.lane.stats().ledger.pending == 0)
        ledger = rig.lane.stats().ledger
        assert ledger.delivered + sum(ledger.dead_lettered.values()) == ledger.accepted == 350


async def until(clock: ManualClock, condition: Callable[[], bool]) -> None:
    """Moves on until it holds; dead letters are written in a thread, which no clock can hurry."""
    for _ in range(5000):
        if condition():
            return
        await clock.advance(0.5)
        await asyncio.to_thread(lambda: None)
    raise AssertionError("it never came true")


async def test_growth_is_looked_at_only_where_it_changes_something(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    """Many small blocks for a large batch, and none while all requests are under way."""
    async with rigged(clock, journal, tmp_path, batch=BatchSize(events=100, age=1.0)) as rig:
        fills = 0
        fill = rig.lane._queue.fill

        async def counted() -> bool:
            nonlocal fills
            fills += 1
            return await fill()

        rig.lane._queue.fill = counted  # type: ignore[method-assign] # only to count
        for _ in range(99):
            rig.feed(1)
            await clock.advance(0.001)
        assert (fills, rig.sent()) == (1, [])
        rig.feed(1)
        await clock.advance(0)
        assert [len(numbers) for numbers in rig.sent()] == [100]
        rig.wire.hold()
        while rig.lane.stats().in_flight < rig.lane.stats().concurrency_limit:
            rig.feed(100)
            await clock.advance(0)
        fills = 0
        for _ in range(20):
            rig.feed(100)
            await clock.advance(0)
        assert fills == 0
        rig.wire.release()
        await clock.advance(0)
        assert rig.seen() == list(range(journal.head))


async def test_a_partial_batch_that_grew_unseen_goes_whole_when_its_oldest_event_is_old(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, batch=BatchSize(events=100, age=1.0)) as rig:
        rig.feed(3)
        await clock.advance(0.5)
        rig.feed(4)
        await clock.advance(0.49)
        assert rig.sent() == []
        await clock.advance(0.01)
        assert rig.sent() == [[0, 1, 2, 3, 4, 5, 6]]


class EarlyClock(ManualClock):
    """Its timers come a little early, as those of uvloop do."""

    def call_at(self, when: float, callback: Callable[[], object]) -> _Timer:
        early = 0.0005 if when - self.monotonic() > 0.001 else 0.0
        return super().call_at(when - early, callback)


async def test_a_timer_that_comes_early_loses_no_batch(journal: Journal, tmp_path: Path) -> None:
    clock = EarlyClock()
    async with rigged(clock, journal, tmp_path, batch=BatchSize(events=100, age=1.0)) as rig:
        for _ in range(5):
            rig.feed(2)
            await clock.advance(0)
            await clock.advance(1.001)
        assert rig.seen() == list(range(10))


class Window:
    """Takes all events, and releases their number when it is told the time."""

    def __init__(self) -> None:
        self.held = Held()
        self.count = 0
        self.closes: float | None = None

    def process(self, events: Events) -> None:
        self.count += events.count
        self.closes = self.closes or events.arrived + 10
        events.hold(self.held)

    def due(self) -> float | None:
        return self.closes

    def tick(self, events: Events, now: float) -> None:
        if now == float("inf"):
            return
        events.release(self.held, [{"n": self.count, "p": ""}, {"n": -self.count, "p": ""}])
        self.held, self.count, self.closes = Held(), 0, None


def only(*wanted: int) -> Each:
    return Each(lambda events: events.keep([event["n"] in wanted for event in events.read()]))


async def test_what_is_left_out_is_on_the_books_as_filtered(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, processors=[only(1, 4, 7)]) as rig:
        rig.feed(10)
        await clock.advance(1)
        assert rig.sent() == [[1, 4], [7]]
        ledger = rig.lane.stats().ledger
        assert (ledger.delivered, ledger.filtered, ledger.pending) == (3, 7, 0)
        assert (rig.lane.stats().delivered, rig.lane.stats().filtered) == (3, 7)
        assert rig.lane.stats().processors[0].dropped == 7


async def test_where_nothing_is_left_all_is_settled_at_once(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, processors=[only()]) as rig:
        rig.feed(5)
        await clock.advance(0)
        assert (rig.sent(), rig.lane.stats().ledger.filtered) == ([], 5)


async def test_ids_are_those_of_the_events_as_they_came(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    ids: list[str] = []

    class Naming(TableDestination):
        def encode(self, batch: Batch) -> Encoded:
            ids.extend(batch.event_ids())
            return super().encode(batch)

    def twice(events: Events) -> None:
        events.insert({0: [{"n": 100, "p": ""}]})

    async with rigged(
        clock,
        journal,
        tmp_path,
        destination=Naming(),
        processors=[only(1, 3), Each(twice)],
        batch=BatchSize(events=9, age=1.0),
    ) as rig:
        rig.feed(4)
        await clock.advance(1)
        assert ids == [f"{journal.node}-1", f"{journal.node}-1.1", f"{journal.node}-3"]
        assert rig.sent() == [[1, 100, 3]]
        assert (rig.lane.stats().ledger.delivered, rig.lane.stats().ledger.filtered) == (2, 2)


async def test_several_of_one_are_settled_when_the_last_of_them_is(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    def thrice(events: Events) -> None:
        events.replace({0: [{"n": n, "p": ""} for n in (10, 11, 12)]})

    async with rigged(
        clock, journal, tmp_path, processors=[Each(thrice)], batch=BatchSize(events=1, age=1.0)
    ) as rig:
        rig.wire.script(Response(200), DOWN)
        rig.feed(1)
        await clock.advance(0)
        assert (rig.lane.stats().delivered, rig.lane.stats().ledger.pending) == (2, 1)
        await clock.advance(60)
        assert sorted(rig.seen()) == [10, 11, 11, 12]
        assert (rig.lane.stats().ledger.delivered, rig.lane.stats().ledger.pending) == (1, 0)


async def test_a_window_is_settled_when_what_it_became_is(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, DOWN, processors=[Window()]) as rig:
        rig.feed(5)
        await clock.advance(5)
        rig.feed(2)
        await clock.advance(4)
        assert (rig.sent(), rig.lane.stats().ledger.pending) == ([], 7)
        await clock.advance(1)
        assert rig.sent() == [[7, -7]]
        assert rig.lane.stats().ledger.pending == 7
        await clock.advance(60)
        assert rig.sent() == [[7, -7], [7, -7]]
        ledger = rig.lane.stats().ledger
        assert (ledger.delivered, ledger.filtered, ledger.pending) == (2, 5, 0)


async def test_a_window_that_is_open_at_the_end_comes_again(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, processors=[Window()]) as rig:
        rig.feed(5)
        await clock.advance(1)
        await rig.lane.drain()
    async with rigged(clock, journal, tmp_path, processors=[Window()]) as rig:
        await clock.advance(20)
        assert rig.sent() == [[5, -5]]
        assert rig.lane.stats().ledger.pending == 0


async def test_a_window_larger_than_its_queue_is_told_all_the_same(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    settings = DeliverySettings(queue=QueueSettings(max_bytes=200))
    async with rigged(clock, journal, tmp_path, DOWN, settings=settings, processors=[Window()]) as rig:
        for _ in range(8):
            rig.feed(5)
            await clock.advance(1)
        await clock.advance(60)
        assert rig.sent() == [[40, -40], [40, -40]]
        assert rig.lane.stats().ledger.dropped == {}


class Told:
    """Says at the end how many it has seen."""

    count = 0

    def process(self, events: Events) -> None:
        self.count += events.count
        events.keep([False] * events.count)

    def due(self) -> float | None:
        return float("inf") if self.count else None

    def tick(self, events: Events, now: float) -> None:
        assert now == float("inf")
        events.emit([{"n": self.count, "p": ""}])
        self.count = 0


async def test_a_chain_tells_its_end_when_it_has_seen_all(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    async with rigged(clock, journal, tmp_path, processors=[Told()]) as rig:
        rig.feed(300)
        drained = asyncio.create_task(rig.lane.drain())  # noqa: TID251 - awaited below
        await clock.advance(1)
        await drained
        assert rig.sent() == [[300]]
        assert rig.lane.stats().ledger.filtered == 300


async def test_what_a_processor_refuses_is_a_dead_letter_as_it_came(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    def odd(events: Events) -> None:
        for event in events.edit():
            event["n"] += 100
        events.refuse({i: "odd" for i, event in enumerate(events.read()) if event["n"] % 2})

    async with rigged(
        clock, journal, tmp_path, processors=[Each(odd)], batch=BatchSize(events=10, age=1.0)
    ) as rig:
        rig.feed(5)
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"unprocessed": 2})
        await clock.advance(1)
        assert rig.sent() == [[100, 102, 104]]
        ledger = rig.lane.stats().ledger
        assert (ledger.delivered, ledger.dead_lettered, ledger.pending) == (3, {"unprocessed": 2}, 0)
        letters = list(rig.lane._settlement._dead_letters.read())
        assert [(letter.id, letter.reason, bytes(letter.event)[:7]) for letter in letters] == [
            (f"{journal.node}-1", "odd", b'{"n":1,'),
            (f"{journal.node}-3", "odd", b'{"n":3,'),
        ]
        assert await rig.lane.replay(None) == 2  # through the processors again
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"unprocessed": 4})


async def test_what_the_service_refuses_does_not_go_through_the_processors_twice(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    def more(events: Events) -> None:
        for event in events.edit():
            event["n"] += 100

    refuse: dict[int, Verdict] = {413: Refused("no")}
    async with rigged(
        clock,
        journal,
        tmp_path,
        Response(413),
        verdicts=refuse,
        processors=[Each(more)],
        batch=BatchSize(events=1, age=1.0),
    ) as rig:
        rig.feed(1)
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"refused": 1})
        await rig.lane.replay(None)
        await clock.advance(1)
        assert rig.sent() == [[100], [100]]


async def test_what_was_left_out_lies_with_the_part_before_it_in_halves_and_partial_answers(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    verdicts: dict[int, Verdict] = {207: Partial(retry=[1], refused={2: "bad"}), 413: TooLarge()}
    replies = [Response(413), Response(207)]
    async with rigged(
        clock,
        journal,
        tmp_path,
        *replies,
        verdicts=verdicts,
        processors=[only(1, 2, 4, 6, 7, 9)],
        batch=BatchSize(events=6, age=1.0),
    ) as rig:
        rig.feed(12)
        await until(clock, lambda: rig.lane.stats().ledger.dead_lettered == {"refused": 1})
        await clock.advance(60)
        ledger = rig.lane.stats().ledger
        assert (ledger.delivered, ledger.dead_lettered, ledger.filtered, ledger.pending) == (
            5,
            {"refused": 1},
            6,
            0,
        )


async def test_a_queue_that_is_full_gives_way_with_what_was_left_out(
    clock: ManualClock, journal: Journal, tmp_path: Path
) -> None:
    settings = DeliverySettings(queue=QueueSettings(max_bytes=200))
    async with rigged(
        clock,
        journal,
        tmp_path,
        settings=settings,
        processors=[Each(lambda events: events.keep([n % 2 for n in range(events.count)]))],
    ) as rig:
        rig.wire.hold()
        for _ in range(8):
            rig.feed(5)
            await clock.advance(0)
        rig.wire.release()
        await clock.advance(2)
        ledger = rig.lane.stats().ledger
        assert ledger.pending == 0
        assert ledger.dropped["queue_full"] > 0
