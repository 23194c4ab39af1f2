from penstock.journal.pressure import Pressure


def test_the_gravest_reason_is_told_once() -> None:
    pressure = Pressure()
    told: list[str] = []
    pressure.watch(told.append)
    pressure.set("full", "full")
    pressure.set("refused", "no space")
    pressure.set("refused", "no space")
    pressure.set("full", "")
    pressure.set("behind", "slow")
    pressure.set("refused", "")
    pressure.set("behind", "")
    assert told == ["full", "no space", "slow", ""]


def test_who_comes_late_is_told_at_once() -> None:
    pressure = Pressure()
    pressure.set("full", "full")
    told: list[str] = []
    pressure.watch(told.append)
    assert told == ["full"]
