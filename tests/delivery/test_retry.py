from penstock.block import Batch, Block
from penstock.delivery.job import Job
from penstock.delivery.retry import Backoff, RetryQueue
from penstock.delivery.settings import RetrySettings


def job(first_seq: int = 0) -> Job:
    return Job(Batch((Block(b"{}\n", 1, "s", 1.0, first_seq, "n"),), 1.0))


def test_waits_are_drawn_below_a_bound_that_doubles() -> None:
    backoff = Backoff(RetrySettings(initial=1, max=60))
    for attempts, bound in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (100, 60), (5000, 60)]:
        waits = [backoff.wait(attempts) for _ in range(300)]
        assert 0 <= min(waits) < bound * 0.2
        assert bound * 0.8 < max(waits) <= bound


def test_what_the_service_asks_for_wins_up_to_the_cap() -> None:
    backoff = Backoff(RetrySettings(max=60))
    assert [backoff.wait(9, after) for after in (7.0, 3600.0, float("inf"))] == [7.0, 60.0, 60.0]


def test_a_service_that_asks_for_no_wait_is_not_asked_without_a_pause() -> None:
    backoff = Backoff(RetrySettings(max=60))
    for after in (0.0, -5.0):
        assert max(backoff.wait(9, after) for _ in range(300)) > 40


def test_giving_up_by_attempts_and_by_age() -> None:
    tried = job()
    tried.attempts, tried.first_tried = 3, 100.0
    assert not Backoff(RetrySettings(give_up_after=10)).exhausted(tried, 109.0)
    assert Backoff(RetrySettings(give_up_after=10)).exhausted(tried, 110.0)
    assert not Backoff(RetrySettings(give_up_after=0)).exhausted(tried, 1e9)
    assert not Backoff(RetrySettings(attempts=4)).exhausted(tried, 101.0)
    assert Backoff(RetrySettings(attempts=3)).exhausted(tried, 101.0)


def test_the_queue_gives_what_is_due_first_and_knows_when_it_is_full() -> None:
    queue = RetryQueue(2)
    late, soon = job(1), job(2)
    queue.add(late, 20.0)
    assert not queue.full
    queue.add(soon, 10.0)
    assert queue.full
    assert queue.due() == 10.0
    assert (queue.pop(), queue.pop(), queue.due()) == (soon, late, None)


def test_what_lies_below_a_sequence_number_can_be_taken_out() -> None:
    queue = RetryQueue(5)
    jobs = [job(seq) for seq in (3, 1, 2)]
    for due, one in enumerate(jobs):
        queue.add(one, float(due))
    assert queue.remove_below(3) == [jobs[1], jobs[2]]
    assert queue.pop() is jobs[0]
