from structlog.testing import capture_logs

from penstock.pressure import CALM, Pressure
from penstock.testing import ManualClock


def test_sources_wait_while_anybody_has_a_reason() -> None:
    told: list[str] = []
    pressure = Pressure(lambda: told.append("pause"), lambda: told.append("resume"), ManualClock())
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
    Pressure(lambda: told.append("pause"), lambda: told.append("resume"), ManualClock()).set("one", "")
    assert told == []


async def test_the_log_tells_of_a_time_of_pressure_once() -> None:
    clock = ManualClock()
    pressure = Pressure(lambda: None, lambda: None, clock)
    with capture_logs() as logs:
        for _ in range(100):
            pressure.set("one", "the queue of one is full")
            await clock.advance(0.05)
            pressure.set("one", "")
            await clock.advance(0.05)
        assert [entry["event"] for entry in logs] == ["sources wait"]
        await clock.advance(CALM)
        pressure.set("one", "full again")
    assert [(entry["event"], entry.get("reason")) for entry in logs] == [
        ("sources wait", "the queue of one is full"),
        ("sources go on", None),
        ("sources wait", "full again"),
    ]
