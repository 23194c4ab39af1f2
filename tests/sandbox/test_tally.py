from penstock.sandbox.tally import Counts, Tally


def test_a_key_that_comes_again_is_counted_apart() -> None:
    tally = Tally()
    assert tally.take(10, 100, "a")
    assert tally.take(5, 50, "b")
    assert not tally.take(10, 100, "a")
    assert tally.counts == Counts(2, 15, 150, duplicate_requests=1, duplicate_events=10)


def test_without_a_key_each_request_is_new() -> None:
    tally = Tally()
    assert tally.take(1, 1, "")
    assert tally.take(1, 1, "")
    assert (tally.counts.requests, tally.keys) == (2, 0)


def test_keys_are_bounded_and_those_used_least_of_late_go_first() -> None:
    tally = Tally(keys=2)
    for key in ("a", "b", "a", "c"):
        tally.take(1, 1, key)
    assert tally.keys == 2
    assert not tally.take(1, 1, "a")
    assert tally.take(1, 1, "b")
