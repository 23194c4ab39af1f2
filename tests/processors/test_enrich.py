from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.processors.enrich import REFRESH_EVERY, EnrichSettings
from penstock.testing import ManualClock
from penstock.testing.processing import ARRIVED, block_of, chain_of, context, decoded, process


def enrich(**settings: Any) -> EnrichSettings:
    return EnrichSettings.model_validate({"type": "enrich", **settings})


@pytest.mark.parametrize(
    ("settings", "event", "after"),
    [
        ({"host": "host"}, {"host": None}, {"host": None}),
        ({"host": "a.host"}, {}, {"a": {"host": "here"}}),
        ({"time": {"hour": ""}}, {"timestamp": "2026-11-25T23:59:59Z"}, {"timestamp": "2026-11-25T23:59:59Z", "weekday": "wednesday"}),
        ({"time": {"weekday": "", "from": "nowhere"}}, {}, {"hour": 7}),
        ({"time": {"from": "at", "zone": "Asia/Tokyo"}}, {"at": "noon"}, {"at": "noon", "weekday": "monday", "hour": 16}),
        ({"severity": "s"}, {"level": "WARN"}, {"level": "WARN", "s": 13}),
        ({"severity": "s"}, {"level": "odd"}, {"level": "odd"}),
        ({"severity": "s"}, {"level": 3}, {"level": 3}),
        ({"categories": [{"name": "x", "where": "n > 1"}]}, {"n": 1, "category": "own"}, {"n": 1, "category": "own"}),
        ({"environment": {"cloud.region": "TEST_REGION", "none": "TEST_NOTHING"}}, {}, {"cloud": {"region": "eu-1"}}),
    ],
)  # fmt: skip
def test_adds_what_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], event: dict[str, Any], after: dict[str, Any]
) -> None:
    monkeypatch.setenv("TEST_REGION", "eu-1")
    assert process(enrich(**settings).build(context()), [event]) == [after]


async def test_facts_from_files_follow_them(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text("a\n")
    (tmp_path / "labels").write_text('app="pay"\n')
    clock = ManualClock()
    settings = enrich(
        files={"zone": "zone", "none": "nothing"}, kubernetes={"labels": "labels", "field": "k8s"}
    )
    processor = settings.build(context(clock, folder=tmp_path))
    assert process(processor, [{}]) == [{"zone": "a", "k8s": {"labels": {"app": "pay"}}}]
    (tmp_path / "zone").write_text("b")
    assert process(processor, [{}])[0]["zone"] == "a"
    await clock.advance(REFRESH_EVERY)
    assert process(processor, [{}])[0]["zone"] == "b"


@pytest.mark.parametrize(
    ("settings", "event", "after"),
    [
        ({}, {"user": 7}, {"user": 7, "name": "Ana"}),
        ({}, {"user": "8"}, {"user": "8"}),
        ({"field": "who"}, {"user": "7", "who": 1}, {"user": "7", "who": {"name": "Ana"}}),
        ({"overwrite": False}, {"user": "7", "name": "own"}, {"user": "7", "name": "own"}),
        ({"key": "a.b"}, {"a": {"b": 7}}, {"a": {"b": 7}, "name": "Ana"}),
    ],
)
def test_tables_add_their_columns(
    tmp_path: Path, settings: dict[str, Any], event: dict[str, Any], after: dict[str, Any]
) -> None:
    (tmp_path / "users.csv").write_text("id,name\n7,Ana\n")
    table = {"file": "users.csv", "key": "user", **settings}
    assert process(enrich(lookup=[table]).build(context(folder=tmp_path)), [event]) == [after]


def test_an_address_gets_its_place(tmp_path: Path, write_mmdb: Callable[..., None]) -> None:
    write_mmdb(tmp_path / "g.mmdb", {"192.0.2.0/24": {"country": {"iso_code": "DE"}}})
    processor = enrich(geoip={"file": "g.mmdb", "from": "ip"}).build(context(folder=tmp_path))
    events: list[dict[str, Any]] = [{"ip": "192.0.2.1"}, {"ip": "10.0.0.1"}, {"ip": 7}, {}]
    assert process(processor, events) == [{"ip": "192.0.2.1", "geo": {"country": "DE"}}, *events[1:]]


def test_errors_of_rules_are_counted() -> None:
    chain = chain_of(enrich(categories=[{"name": "x", "where": "n > 1"}]).build(context()))
    assert decoded(chain.process(block_of([{"n": "x"}], ARRIVED))) == [{"n": "x"}]
    assert chain.stats[0].errors == 1


def test_a_zone_that_is_none_is_told() -> None:
    with pytest.raises(ValidationError, match="is no time zone"):
        enrich(time={"zone": "Berlin"})


def test_times_that_begin_alike_are_each_looked_at() -> None:
    times = {"time": {"zone": "America/New_York", "weekday": ""}}
    settings = EnrichSettings.model_validate({"type": "enrich", **times})
    good, bad = "2026-11-25T10:00:01Z", "2026-11-25T10:00 or so, Z"
    stamps = [good, good, "2026-11-25T10:00:01+02:00", bad, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
    came = process(settings.build(context()), [{"timestamp": stamp} for stamp in stamps])
    # Events arrive at 07:33 UTC: that counts where there is no time.
    assert [event["hour"] for event in came] == [5, 5, 3, 3, 0, 18]
