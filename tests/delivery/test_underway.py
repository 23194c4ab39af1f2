"""Where the batches are that were cut."""

from penstock.block import Batch, Block
from penstock.delivery.job import Job
from penstock.delivery.underway import UnderWay


def job(size: int = 10, arrived: float = 5.0) -> Job:
    return Job(Batch((Block(b"x" * (size - 1) + b"\n", 1, "s", arrived, 0, "n"),), 6.0))


def test_all_places_count_towards_what_is_held() -> None:
    under_way = UnderWay(max_retries=4, max_held=30, batch_bytes=10)
    assert (under_way.nothing, under_way.enough, under_way.oldest()) == (True, False, None)
    under_way.active.add(job(arrived=7.0))
    under_way.retries.add(job(arrived=6.0), 1.0)
    assert not under_way.enough
    under_way.again.append(job(arrived=8.0))
    assert under_way.enough
    assert (len(list(under_way)), under_way.nothing, under_way.oldest()) == (3, False, 6.0)


def test_bytes_count_and_not_batches() -> None:
    under_way = UnderWay(max_retries=4, max_held=30, batch_bytes=10)
    under_way.again.extend([job(2), job(2), job(2)])
    assert not under_way.enough


def test_what_is_being_confirmed_takes_no_connection() -> None:
    under_way = UnderWay(max_retries=4, max_held=30, batch_bytes=10)
    first, second = job(), job()
    under_way.active |= {first, second}
    under_way.confirming.add(first)
    assert under_way.in_flight == 1
    under_way.home(first)
    under_way.home(second)
    assert (under_way.in_flight, under_way.nothing) == (0, True)
