"""What a played indexer holds of acknowledgements."""

import json

from penstock.sandbox.service import Answered
from penstock.sandbox.splunk_acks import Acks


def told(answered: Answered) -> dict[str, bool]:
    said: dict[str, bool] = json.loads(answered.body)["acks"]
    return said


def test_each_channel_counts_from_0_and_tells_each_yes_once() -> None:
    acks = Acks(delay=2.0, most=10)
    assert [acks.give("a", 0.0), acks.give("a", 1.0), acks.give("b", 0.0)] == [0, 1, 0]
    assert told(acks.ask("a", [0, 1], 1.0)) == {"0": False, "1": False}
    assert told(acks.ask("a", [0, 1], 2.0)) == {"0": True, "1": False}
    assert told(acks.ask("a", [0], 9.0)) == {"0": False}
    assert told(acks.ask("a", [1, 1, -1], 9.0)) == {"1": True, "-1": False}
    assert told(acks.ask("b", [0], 9.0)) == {"0": True}


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


def test_it_says_how_many_events_are_confirmed_for_the_only_time() -> None:
    acks = Acks(delay=2.0, most=10)
    acks.give("a", 0.0, events=3)
    acks.give("a", 1.0, events=5)
    assert [acks.ask("a", [0, 1], now).confirmed for now in (1.0, 2.0, 3.0, 4.0)] == [0, 3, 5, 0]
