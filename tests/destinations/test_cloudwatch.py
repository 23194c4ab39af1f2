"""What CloudWatch Logs sees of a batch, and what becomes of it in a conversation with the service."""

import json
import os
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from pydantic import ValidationError

from penstock.block import Batch
from penstock.delivery.batcher import Batcher
from penstock.destinations.base import BatchSize, Split, Unfit
from penstock.destinations.cloudwatch import CloudWatch, CloudWatchSettings
from penstock.destinations.cloudwatch_events import LONGEST_MESSAGE, MOST_BYTES
from penstock.exchange import Request
from penstock.testing.contract import batch_of, check_encode, check_judge, check_secrets
from penstock.transport import HttpTransport

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_793_000_002.0  # 2026-10-26T07:33:22Z
KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "hunter2"}
EVENTS = [
    {"timestamp": "2026-10-26T07:33:20.250Z", "level": "info", "message": "an é and a 💧", "host": "web-1"},
    {"message": 'a "quote", 100% and a \n newline', "n": [1, 2.5, None], "host": "web-1"},
    {"timestamp": "2026-10-26T07:33:20.125Z", "message": "the first", "host": "web-1"},
]


def cloudwatch(**settings: Any) -> CloudWatch:
    given = {
        "type": "cloudwatch",
        "region": "us-east-1",
        "group": "/shop/web",
        "stream": "web-1",
        "auth": KEYS,
    }
    return CloudWatchSettings.model_validate({**given, **settings}).build("logs")


def batch() -> Batch:
    """In two pieces, as batches often are; arrived at 2026-10-26T07:33:20Z."""
    first, rest = batch_of(EVENTS, first_seq=41, arrived=1_793_000_000.0).pieces[0].cut(2)
    return Batch((first, rest), 1_793_000_001.5)


def told(request: Request) -> str:
    """A request as a person would write it down."""
    assert request.sign is not None
    signed = dict(request.sign(request.url, request.body, NOW))
    headers = "".join(f"{name}: {value}\n" for name, value in (dict(request.headers) | signed).items())
    return f"{request.method} {request.url}\n{headers}\n{request.body.decode()}\n"


def request_of(destination: CloudWatch, of: Batch) -> Request:
    ((_, request),) = check_encode(destination, of)
    assert isinstance(request, Request)
    return request


def log_events(request: Request) -> list[tuple[int, str]]:
    return [(event["timestamp"], event["message"]) for event in json.loads(request.body)["logEvents"]]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("plain", {}),
        ("field", {"message_field": "message", "stream": "{host}-%Y-%m-%d", "region": "cn-north-1"}),
        ("ids", {"id_field": "event_id", "time_field": "", "auth": {**KEYS, "session_token": "hunter2t"}}),
    ],
)
def test_the_whole_request(name: str, settings: dict[str, Any]) -> None:
    golden = GOLDEN / f"cloudwatch-{name}.http"
    seen = told(request_of(cloudwatch(**settings), batch()))
    if os.environ.get("PENSTOCK_GOLDEN") == "write":
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8"), "PENSTOCK_GOLDEN=write pytest writes it anew"


def test_whole_events_in_the_order_of_their_times() -> None:
    found = log_events(request_of(cloudwatch(), batch()))
    assert [time for time, _ in found] == [1_793_000_000_000, 1_793_000_000_125, 1_793_000_000_250]
    assert [json.loads(message) for _, message in found] == [EVENTS[1], EVENTS[2], EVENTS[0]]


def test_one_field_and_the_whole_event_where_it_is_no_text() -> None:
    events = [
        {"message": "text"},
        {"message": ""},
        {"message": None},
        {},
        {"message": {"a": 1}},
        {"message": 7},
    ]
    found = log_events(request_of(cloudwatch(message_field="message"), batch_of(events)))
    assert [message for _, message in found] == [
        "text", '{"message":""}', '{"message":null}', "{}", '{"message":{"a":1}}', "7",
    ]  # fmt: skip


def test_the_events_id_in_the_message() -> None:
    found = log_events(request_of(cloudwatch(id_field="id"), batch_of([{"n": 1}, {}], first_seq=7)))
    assert [json.loads(message) for _, message in found] == [{"id": "node-7", "n": 1}, {"id": "node-8"}]


def test_another_field_says_the_time() -> None:
    destination = cloudwatch(time_field="context.at")
    found = log_events(
        request_of(destination, batch_of([{"context": {"at": 1793000000.5}}, {"timestamp": 1}]))
    )
    assert [time for time, _ in found] == [1_793_000_000_000, 1_793_000_000_500]


def test_events_of_several_streams_go_apart_and_those_of_none_are_unfit() -> None:
    destination = cloudwatch(group="/shop/{service|other}", stream="{host}")
    events = [{"host": "a"}, {"host": "b"}, {"service": "web", "host": "a"}, {"host": "a"}]
    assert destination.encode(batch_of(events)) == Split([[0, 3], [1], [2]])
    encoded = destination.encode(batch_of([*events, {"service": "web"}]))
    assert isinstance(encoded, Unfit)
    assert set(encoded.refused) == {4}
    places = [
        json.loads(request.body)
        for _, request in check_encode(destination, batch_of(events))
        if isinstance(request, Request)
    ]
    assert [(place["logGroupName"], place["logStreamName"]) for place in places] == [
        ("/shop/other", "a"), ("/shop/other", "b"), ("/shop/web", "a"),
    ]  # fmt: skip


def test_a_day_is_the_longest_that_a_request_spans() -> None:
    events = [{"timestamp": f"2026-10-{day:02d}T00:00:00Z"} for day in (20, 26, 21, 25)]
    assert cloudwatch().encode(batch_of(events)) == Split([[0, 2], [3, 1]])


def test_long_events_as_configured() -> None:
    long = batch_of([{"message": "x" * 3000}, {}])
    cut = request_of(cloudwatch(max_event="1KiB", too_long="cut"), long)
    assert cut.notes == {0: "cut"}
    assert len(log_events(cut)[0][1]) == 1022  # the ellipsis has three bytes
    split = request_of(cloudwatch(max_event="1KiB", too_long="split"), long)
    assert (len(log_events(split)), split.notes) == (5, {})
    refused = cloudwatch(max_event="1KiB", too_long="dead_letter").encode(long)
    assert isinstance(refused, Unfit)
    assert set(refused.refused) == {0}


def test_what_the_batcher_cuts_is_exactly_what_the_service_takes() -> None:
    for settings in ({}, {"id_field": "id"}, {"message_field": "message"}):
        destination = cloudwatch(**settings)
        batcher = Batcher(BatchSize(10**6, 2**40, 0.0), destination.limits)
        for part in range(20):
            events = [{"message": "é" * (n % 300), "n": n} for n in range(1000)]
            batcher.feed(batch_of(events, first_seq=1 + 1000 * part).pieces[0], 0.0, 0.0)
        request = request_of(destination, batcher.cut(0.0))
        weight = sum(len(message.encode()) + 26 for _, message in log_events(request))
        assert request.weight == weight
        assert weight <= MOST_BYTES
        assert settings or weight > MOST_BYTES - 1000, "and not much less"


def test_the_longest_event_goes_as_it_is() -> None:
    line = b'{"message":"%b"}' % (b"x" * (LONGEST_MESSAGE - 14))
    request = request_of(cloudwatch(), batch_of([line]))
    assert (request.weight, request.notes) == (MOST_BYTES, {})
    assert request_of(cloudwatch(), batch_of([line[:-2] + b'x"}'])).notes == {0: "cut"}


def test_where_every_region_is() -> None:
    """As botocore knows it."""
    partitions = botocore.session.get_session().get_data("endpoints")["partitions"]
    found = {region: partition["dnsSuffix"] for partition in partitions for region in partition["regions"]}
    assert len(found) > 20
    for region, suffix in sorted(found.items()):
        settings = {"type": "cloudwatch", "region": region, "group": "g", "stream": "s"}
        assert CloudWatchSettings.model_validate(settings).url == f"https://logs.{region}.{suffix}/"


def test_an_endpoint_of_your_own() -> None:
    request = request_of(cloudwatch(endpoint="http://127.0.0.1:4566/"), batch())
    assert request.url == "http://127.0.0.1:4566/"
    assert request.compression == "none"
    assert request_of(cloudwatch(compression="gzip"), batch()).compression == "gzip"


def test_the_contract_in_every_shape() -> None:
    for settings in (
        {},
        {"stream": "{host|x}"},
        {"create": False},
        {"max_event": "1KiB", "too_long": "split"},
    ):
        check_judge(cloudwatch(**settings), batch())


def test_no_secret_is_shown() -> None:
    auth = {
        "access_key_id": "hunter2-id",
        "secret_access_key": "hunter2-key",
        "session_token": "hunter2-token",
    }
    check_secrets(cloudwatch(auth=auth), list(auth.values()))


def test_the_settings_are_the_transport() -> None:
    destination = cloudwatch(timeout="5s")
    assert isinstance(destination.transport, HttpTransport)
    assert destination.transport.timeout == 5.0


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"region": "Frankfurt"}, "such as eu-central-1"),
        ({"group": "my group"}, "' ' in it"),
        ({"stream": "a:b"}, "':' in it"),
        ({"endpoint": "logs.example.com"}, "is not a URL"),
        ({"retention": "31d"}, "take one of 1d, 3d"),
        ({"retention": 30}, "take one of 1d, 3d"),
        ({"id_field": "id", "message_field": "message"}, "keep one"),
        ({"too_long": "split"}, "at most 512KiB"),
        ({"max_event": "2MiB"}, "less than or equal"),
        ({"max_event": "100B"}, "greater than or equal"),
        ({"create": False, "retention": "30d"}, "set `create: true`"),
        ({"tags": {"": "x"}}, "at least 1"),
        ({"auth": {"access_key_id": "hunter2"}}, "half of a key"),
        ({"log_group": "g"}, "Extra inputs"),
    ],
)
def test_mistakes_in_the_configuration(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        cloudwatch(**settings)
    assert "hunter2" not in str(caught.value)
