"""A slice holds the loop for three milliseconds, whatever the processors cost."""

from penstock.processors.pace import SLICE, Pace


def paced(*slices: tuple[int, float]) -> int:
    pace = Pace()
    for events, seconds in slices:
        pace.learn(events, seconds)
    return pace.events


def test_it_grows_by_doubling_up_to_a_bound() -> None:
    assert [paced(*[(250, 1e-5)] * slices) for slices in range(5)] == [250, 500, 1000, 1500, 1500]


def test_one_slice_that_was_interrupted_changes_nothing_and_a_second_does() -> None:
    fast = [(1000, SLICE / 1.4)] * 4
    assert paced(*fast) == 1400
    assert paced(*fast, (1000, 2 * SLICE)) == 1400
    assert paced(*fast, (1000, 2 * SLICE), (1000, 2 * SLICE)) == 500


def test_what_is_far_too_slow_is_cut_down_at_once() -> None:
    assert paced(*[(1000, SLICE / 1.4)] * 4, (1000, 100 * SLICE)) == 10
    assert paced((250, 1000.0)) == 1


def test_few_events_tell_nothing() -> None:
    assert paced((3, SLICE)) == 250
