from typing import Any

import pytest
from pydantic import TypeAdapter

from penstock.sandbox.faults import Fault, FaultList, type_name
from penstock.sandbox.weather import CALM, Plan, Weather
from penstock.testing.clock import ManualClock

adapter: TypeAdapter[FaultList] = TypeAdapter(FaultList)


def faults(*written: dict[str, Any]) -> tuple[Fault, ...]:
    return adapter.validate_python(list(written))


def weather(*written: dict[str, Any], clock: ManualClock | None = None, seed: int = 1) -> Weather:
    return Weather(clock or ManualClock(), seed, faults(*written))


def plan(made: Weather, service: str = "hook", method: str = "POST", path: str = "/logs") -> Plan:
    return made.plan(service, method, path)


def breaches(made: Weather, requests: int, service: str = "hook") -> list[str]:
    return [
        type_name(found.breach) if found.breach else ""
        for found in (plan(made, service) for _ in range(requests))
    ]


def test_without_faults_all_is_calm() -> None:
    assert plan(weather()) is CALM
    assert (CALM.reaches_service, CALM.is_met) == (True, False)


@pytest.mark.parametrize(
    ("aim", "met"),
    [
        ({}, True),
        ({"services": ["hook"]}, True),
        ({"services": ["search"]}, False),
        ({"method": "post"}, True),
        ({"method": "GET"}, False),
        ({"path": "/lo*"}, True),
        ({"path": "/_bulk"}, False),
        ({"share": 0}, False),
    ],
)
def test_a_fault_befalls_what_it_names(aim: dict[str, Any], met: bool) -> None:
    assert (plan(weather({"type": "reset", **aim})).breach is not None) == met


def test_a_count_is_used_up_and_the_next_fault_has_its_turn() -> None:
    made = weather({"type": "reset", "count": 2}, {"type": "hang", "count": 1})
    assert breaches(made, 4) == ["reset", "reset", "hang", ""]
    assert [(fault["met"], fault["state"]) for fault in made.report()] == [(2, "is over"), (1, "is over")]


async def test_it_begins_and_ends_by_the_clock() -> None:
    clock = ManualClock()
    made = weather({"type": "reset", "after": "10s", "for": "5s"}, clock=clock)
    seen = []
    for _ in range(4):
        seen.append((breaches(made, 1)[0], made.report()[0]["state"]))
        await clock.advance(5)
    assert seen == [("", "waits"), ("", "waits"), ("reset", "stands"), ("", "is over")]


def test_a_share_befalls_about_as_many_and_the_same_again_with_the_same_seed() -> None:
    fault = {"type": "reset", "share": "10%"}
    first = breaches(weather(fault), 2000)
    assert 150 < first.count("reset") < 250
    assert breaches(weather(fault), 2000) == first
    assert breaches(weather(fault, seed=2), 2000) != first


def test_what_befalls_one_service_does_not_hang_on_another() -> None:
    fault = {"type": "reset", "share": "50%"}
    alone = breaches(weather(fault), 100)
    both = weather(fault)
    together = [breaches(both, 1, service)[0] for _ in range(100) for service in ("search", "hook")]
    assert together[1::2] == alone


def test_latency_adds_up_and_goes_with_other_faults() -> None:
    made = weather(
        {"type": "latency", "delay": "1s"},
        {"type": "latency", "delay": "1s", "up_to": "2s"},
        {"type": "status", "status": 503},
    )
    found = plan(made)
    assert 2 <= found.wait <= 3
    assert found.breach is not None
    assert not found.reaches_service
    assert plan(weather({"type": "latency", "delay": 1})).is_met is False


def test_events_are_spoiled_by_their_share() -> None:
    found = plan(weather({"type": "partial", "events": "20%"}, {"type": "partial", "events": 0}))
    assert 150 < sum(found.spoil(index) for index in range(1000)) < 250
    assert (found.is_met, found.reaches_service) == (True, True)


def test_a_service_that_takes_all_or_nothing_is_not_asked_to_spoil_any() -> None:
    partial = adapter.validate_python([{"type": "partial", "events": 1}])
    made = Weather(ManualClock(), 1, partial, whole={"hook"})
    taken_whole, in_part = plan(made), plan(made, "search")
    assert (taken_whole.spoil(0), in_part.spoil(0)) == (False, True)
    assert (taken_whole.is_met, in_part.is_met) == (False, True)


def test_a_request_of_which_no_event_fails_has_met_no_fault() -> None:
    made = weather({"type": "partial", "events": 0}, {"type": "partial", "events": 1, "count": 1})
    found = plan(made)
    assert (found.is_met, [fault["met"] for fault in made.report()]) == (False, [0, 0])
    assert [found.spoil(index) for index in range(3)] == [True, True, True]
    assert (found.is_met, [fault["met"] for fault in made.report()]) == (True, [0, 1])
    assert not plan(made).spoil(0), "it befalls one request"


async def test_connections_are_refused_for_a_time_and_its_ends_are_known() -> None:
    clock = ManualClock()
    refuse = {"type": "refuse", "services": ["hook"], "after": 10, "for": 5}
    made = weather(refuse, {"type": "reset", "for": 1}, clock=clock)
    assert (made.is_shut("hook"), made.next_change()) == (False, clock.monotonic() + 10)
    await clock.advance(10)
    assert (made.is_shut("hook"), made.is_shut("search")) == (True, False)
    assert made.next_change() == clock.monotonic() + 5
    await clock.advance(5)
    assert (made.is_shut("hook"), made.next_change()) == (False, None)


def test_a_handshake_is_spoiled_by_count() -> None:
    made = weather({"type": "tls", "certificate": "expired", "count": 1}, {"type": "tls", "count": 1})
    found = [made.handshake("hook") for _ in range(3)]
    assert [fault and (fault.certificate or "alert") for fault in found] == ["expired", "alert", None]


def test_faults_come_and_go_by_name_and_number() -> None:
    changes: list[int] = []
    made = weather({"type": "hang"})
    made.on_change = lambda: changes.append(1)
    assert made.add(faults({"type": "reset", "name": "mine"}, {"type": "cut"})) == ["mine", "3"]
    assert made.add(faults({"type": "html", "name": "mine"})) == ["mine"]
    assert [(fault["id"], fault["type"]) for fault in made.report()] == [
        ("1", "hang"),
        ("3", "cut"),
        ("mine", "html"),
    ]
    assert [made.remove("mine"), made.remove("mine"), made.remove()] == [1, 0, 2]
    assert plan(made) is CALM
    assert len(changes) == 5


def test_a_fault_is_told_as_it_was_written() -> None:
    written = {
        "type": "status",
        "services": ["hook"],
        "status": 503,
        "retry_after": "2s",
        "for": "1m",
        "share": 0.5,
    }
    assert weather(written).report() == [{"id": "1", **written, "state": "stands", "met": 0}]
