"""What Datadog's intake sees, and what its answers mean."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from penstock.block import Batch, Block
from penstock.destinations.base import Unfit
from penstock.destinations.datadog import MOST_BYTES, MOST_EVENTS, Datadog, DatadogSettings
from penstock.destinations.datadog_items import LONGEST
from penstock.exchange import Request
from penstock.testing.contract import batch_of, check_encode, check_judge, check_secrets

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()
MS = round(NOW * 1000)
EVENTS: list[dict[str, Any]] = [
    {"timestamp": "2026-01-02T03:04:05Z", "level": "info", "message": "an é and a 💧", "host": "web-1"},
    {"timestamp": "2026-01-02T03:04:06Z", "level": "SEVERE", "message": 'a "quote"', "service": "own"},
    {"message": "no time", "ddtags": ["x:y", "env:prod"]},
]  # fmt: skip


def datadog(**fields: Any) -> Datadog:
    return DatadogSettings.model_validate(
        {"type": "datadog", "auth": {"api_key": "hunter2"}, **fields}
    ).build("d")


def batch(*events: Any) -> Batch:
    """In two pieces where there are several, as batches often are."""
    whole = batch_of(events or EVENTS, first_seq=41, arrived=NOW)
    if whole.count == 1:
        return Batch(whole.pieces, NOW + 1)
    return Batch(whole.pieces[0].cut(1), NOW + 1)


def sent(to: Datadog, of: Batch) -> Request:
    ((_, request),) = check_encode(to, of)
    assert isinstance(request, Request)
    return request


def items(to: Datadog, of: Batch) -> list[Any]:
    """What the service parses, each member once."""

    def once(members: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(members) == len(dict(members)), f"a member stands twice: {members}"
        return dict(members)

    return list(json.loads(sent(to, of).body, object_pairs_hook=once))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("default", {}),
        ("filled", {"site": "us5.datadoghq.com", "ddsource": "nginx", "service": "shop", "hostname": "{node|web-9}",
                    "ddtags": ["env:prod", "team:{team}"], "status": "notice", "id_field": "event_id"}),
        ("untouched", {"url": "https://logs.example.com/base/", "time_field": "", "level_field": "", "compression": "none"}),
    ],
)  # fmt: skip
def test_the_whole_request(name: str, fields: dict[str, Any]) -> None:
    golden = GOLDEN / f"datadog-{name}.http"
    request = sent(datadog(**fields), batch())
    headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    seen = f"{request.method} {request.url}\n{headers}\n{request.body.decode()}\n"
    if os.environ.get("PENSTOCK_GOLDEN") == "write":
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8"), "PENSTOCK_GOLDEN=write pytest writes it anew"


def test_by_default_events_keep_all_they_have() -> None:
    assert items(datadog(), batch()) == [
        EVENTS[0],
        {**EVENTS[1], "status": "error"},
        {**EVENTS[2], "ddtags": "x:y,env:prod", "timestamp": MS},
    ]


def test_what_is_not_looked_at_goes_as_it_is() -> None:
    assert items(datadog(time_field="", level_field=""), batch()) == EVENTS


def test_an_event_s_own_wins_over_the_settings() -> None:
    to = datadog(ddsource="nginx", service="shop", hostname="web-9", status="notice", ddtags=["env:prod"])
    first, second, third = items(to, batch())
    filled = {"ddsource": "nginx", "ddtags": "env:prod"}
    assert first == {**EVENTS[0], **filled, "service": "shop"}
    assert second == {**EVENTS[1], **filled, "hostname": "web-9", "status": "error"}
    assert third == {"message": "no time", "timestamp": MS, "ddsource": "nginx", "service": "shop", "hostname": "web-9",
                     "status": "notice", "ddtags": "env:prod,x:y"}  # fmt: skip


def test_a_message_from_a_field() -> None:
    made = items(datadog(message="{text}"), batch({"text": "x"}, {"text": "x", "message": "y"}, {"n": 1}))
    assert [event.get("message") for event in made] == ["x", "y", None]


def test_a_status_from_a_field() -> None:
    to = datadog(status="{severity_text|info}", level_field="severity_text")
    made = items(to, batch({"severity_text": "FINE"}, {"severity_text": "warn"}, {"status": "ok"}, {}))
    assert [event["status"] for event in made] == ["debug", "warn", "ok", "info"]
    assert items(datadog(level_field="status"), batch({"status": "severe"}))[0]["status"] == "error"


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_compression_is_left_to_the_wire(compression: str) -> None:
    request = sent(datadog(compression=compression), batch())
    assert request.compression == compression
    assert request.body == sent(datadog(), batch()).body


OLD = {"timestamp": "2026-01-01T03:04:05Z", "message": "old"}
AHEAD = {"timestamp": MS + 3 * 3_600_000, "message": "ahead"}
FINE = {"timestamp": "2026-01-02T03:04:05Z", "message": "fine"}


def test_events_that_the_service_would_leave_out_are_counted() -> None:
    request = sent(datadog(), batch(FINE, OLD, AHEAD))
    assert request.notes == {1: "late", 2: "late"}
    assert json.loads(request.body) == [FINE, OLD, AHEAD]


def test_or_get_a_new_time_and_keep_the_old() -> None:
    of = batch(FINE, OLD, AHEAD, {"date": "2000-01-01T00:00:00Z"}, {**OLD, "original_timestamp": 5})
    request = sent(datadog(too_old="restamp"), of)
    assert request.notes == dict.fromkeys([1, 2, 3, 4], "restamped")
    assert items(datadog(too_old="restamp"), of) == [
        FINE,
        {"message": "old", "original_timestamp": OLD["timestamp"], "timestamp": MS + 1000},
        {"message": "ahead", "original_timestamp": AHEAD["timestamp"], "timestamp": MS + 1000},
        {"date": "2000-01-01T00:00:00Z", "timestamp": MS + 1000},
        {"message": "old", "original_timestamp": OLD["timestamp"], "timestamp": MS + 1000},
    ]


def test_or_become_dead_letters() -> None:
    encoded = datadog(too_old="dead_letter").encode(batch(FINE, OLD, AHEAD))
    assert isinstance(encoded, Unfit)
    assert {index: reason.partition(":")[0] for index, reason in encoded.refused.items()} == {1: "older than 18 h", 2: "more than 2 h ahead"}  # fmt: skip
    assert items(datadog(too_old="dead_letter"), batch(FINE, OLD, AHEAD)) == [FINE]


def test_a_time_in_another_field_is_said_where_the_service_looks() -> None:
    to = datadog(time_field="ts")
    assert items(to, batch({"ts": NOW, "a": 1}, {"ts": NOW, "timestamp": "x"}, FINE)) == [
        {"ts": NOW, "a": 1, "timestamp": MS},
        {"ts": NOW, "original_timestamp": "x", "timestamp": MS},
        FINE,
    ]


def long(size: int, **more: Any) -> dict[str, Any]:
    return {"timestamp": "2026-01-02T03:04:05Z", "message": "x" * size, **more}


def test_an_event_that_is_too_long_is_cut_with_a_mark_and_counted() -> None:
    request = sent(
        datadog(ddsource="nginx"), batch(FINE, long(2 * LONGEST, n=7), {**OLD, "message": "y" * LONGEST})
    )
    assert request.notes == {1: "cut", 2: "late"}
    _, cut, old = json.loads(request.body)
    assert (cut["n"], cut["ddsource"]) == (7, "nginx")
    assert cut["message"].endswith(f"… [cut: it had {2 * LONGEST} characters]")
    for event in (cut, old):
        assert len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()) <= LONGEST


def test_or_becomes_a_dead_letter() -> None:
    encoded = datadog(too_long="dead_letter").encode(batch(FINE, long(LONGEST)))
    assert isinstance(encoded, Unfit)
    assert encoded.refused == {1: f"it has {len(json.dumps(long(LONGEST), separators=(',', ':')))} bytes, more than {LONGEST}"}  # fmt: skip


def test_so_does_one_that_cannot_be_cut() -> None:
    encoded = datadog().encode(batch(FINE, {f"field {n}": n for n in range(60_000)}))
    assert isinstance(encoded, Unfit)
    assert list(encoded.refused) == [1]


SIZES = (0, 300, LONGEST // 2, LONGEST - 200, LONGEST)
ODD: tuple[dict[str, Any], ...] = (
    {}, {"level": "FINE"}, {"ddtags": ["a"]}, {"timestamp": 5}, {"timestamp": NOW}, {"service": None},
)  # fmt: skip
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"time_field": "", "level_field": ""},
    {"ddsource": "x" * 300, "ddtags": ["env:prod", "a:b"], "id_field": "id", "too_old": "restamp"},
    {"service": "{message}", "ddtags": ["m:{message}"], "too_long": "dead_letter"},
)


@settings(max_examples=12, deadline=None)  # a case is of some megabytes
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(SIZES), st.sampled_from(range(len(ODD)))), min_size=1, max_size=6
    ),
    which=st.sampled_from(range(len(SETTINGS))),
)
def test_the_three_limits_hold_for_any_batch(drawn: list[tuple[int, int]], which: int) -> None:
    events = [{"message": '"' * (size // 2), **ODD[odd]} for size, odd in drawn]
    to = datadog(**SETTINGS[which])
    assert (to.limits.events, to.limits.bytes) == (MOST_EVENTS, MOST_BYTES) == (1000, 5_000_000)
    for part, request in check_encode(to, batch(*events)):
        assert isinstance(request, Request)
        made = json.loads(request.body)
        assert len(made) == part.count
        for event in made:
            assert len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()) <= 1_000_000
        # Of the whole the batcher takes care, by what `limits` tell; where they are a guess, the worker measures.
        if not to.limits.estimated:
            assert len(request.body) <= part.size + part.count * to.limits.event_overhead + to.limits.batch_overhead  # fmt: skip


def test_a_batch_as_large_as_the_batcher_allows_stays_within_the_estimate() -> None:
    for fields in ({}, {"ddsource": "é", "ddtags": ["a:b"], "id_field": "id"}, {"too_old": "restamp"}):
        for line in (b"{}\n", b'{"timestamp":1e9,"level":"Dpanic"}\n'):
            check_encode(datadog(**fields), Batch((Block(line * 1000, 1000, "s", 1.0, 0, "n"),), 4e9))


def test_contract() -> None:
    check_judge(datadog(), batch())
    check_secrets(datadog(), ["hunter2"], datadog().limits)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"site": "datadoghq.eu", "url": "http://h/"}, "keep `site` or `url`"),
        ({"url": "http://h/api/v2/logs"}, "is to be the base"),
        ({"ddtags": ["env:prod,team:a"]}, "is not one tag"),
        ({"ddtags": [""]}, "is not one tag"),
        ({"service": "{"}, "has no other"),
        ({"compression": "deflate"}, "gzip"),
        ({"too_old": "drop"}, "dead_letter"),
    ],
)
def test_mistakes_in_the_configuration(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        datadog(**fields)
    assert "hunter2" not in str(caught.value)
