"""What a played indexer holds of acknowledgements."""

from penstock.sandbox.splunk_acks import Acks


def test_each_channel_counts_from_0_and_tells_each_yes_once() -> None:
    acks = Acks(delay=2.0, most=10)
    assert [acks.give("a", 0.0), acks.give("a", 1.0), acks.give("b", 0.0)] == [0, 1, 0]
    assert acks.ask("a", [0, 1], 1.0) == {"0": False, "1": False}
    assert acks.ask("a", [0, 1], 2.0) == {"0": True, "1": False}
    assert acks.ask("a", [0], 9.0) == {"0": False}
    assert acks.ask("a", [1, 1, -1], 9.0) == {"1": True, "-1": False}
    assert acks.ask("b", [0], 9.0) == {"0": True}


def test_it_is_full_until_it_is_asked() -> None:
    acks = Acks(delay=0.0, most=5)
    for count in range(5):
        assert not acks.full("a")
        acks.give("a", 0.0)
        assert acks.near("a") == (count >= 3)
    assert acks.full("a")
    assert not acks.full("b")
    acks.ask("a", range(3), 0.0)
    assert not acks.full("a")
