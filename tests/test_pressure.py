from penstock.pressure import Pressure


def test_sources_wait_while_anybody_has_a_reason() -> None:
    told: list[str] = []
    pressure = Pressure(lambda: told.append("pause"), lambda: told.append("resume"))
    one, two = pressure.gauge("one"), pressure.gauge("two")
    one("full")
    two("full too")
    one("")
    assert (told, pressure.reasons) == (["pause"], ("full too",))
    two("still full")
    one("")
    assert told == ["pause"]
    two("")
    assert (told, pressure.reasons) == (["pause", "resume"], ())


def test_no_reason_is_no_news() -> None:
    told: list[str] = []
    Pressure(lambda: told.append("pause"), lambda: told.append("resume")).set("one", "")
    assert told == []
