import random

import pytest

from tests.bench.corpus import Chunks
from tests.bench.intervals import Arrivals

CHUNKS = Chunks(10)
LINES = b"".join([CHUNKS.make(number) for number in range(20)]).splitlines(keepends=True)


def body(*indices: int) -> bytes:
    return b"".join([LINES[index] for index in indices])


def test_it_agrees_with_a_count_of_each_event() -> None:
    rng = random.Random(1)
    arrivals = Arrivals(CHUNKS, times=False)
    seen: list[int] = []
    for _ in range(30):
        start = rng.randrange(190)
        run = list(range(start, start + rng.randrange(1, 10)))
        if rng.random() < 0.3:
            del run[len(run) // 2]
        if run:
            arrivals.take(body(*run), len(run), 0.0)
            seen += run
    assert arrivals.distinct() == len(set(seen))
    assert arrivals.doubled() == len(seen) - len(set(seen)) > 0


def test_a_wrong_count_does_not_hide_what_is_missing() -> None:
    arrivals = Arrivals(CHUNKS, times=False)
    arrivals.take(body(0, 1, 5), 3, 0.0)
    assert (arrivals.distinct(), arrivals.doubled()) == (3, 0)


def test_times_are_those_of_each_event() -> None:
    arrivals = Arrivals(CHUNKS, times=True)
    sent = int(LINES[0].partition(b'"sent":')[2][:16]) / 1e6
    arrivals.take(body(0, 1, 2), 3, sent + 2.0)
    assert len(arrivals.latencies) == 3
    assert arrivals.quantile(0.5) == pytest.approx(2.0, abs=0.5)


def test_a_body_without_numbers_is_told() -> None:
    with pytest.raises(ValueError, match="without numbered events"):
        Arrivals(CHUNKS, times=False).take(b"{}", 1, 0.0)
