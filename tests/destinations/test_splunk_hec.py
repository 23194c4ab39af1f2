"""What Splunk's HTTP Event Collector sees, at which of its addresses, and what it is asked besides."""

import json
import os
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from penstock.block import Batch
from penstock.destinations.base import Blocked, Confirm, Delivered, Partial, Probing, Refused
from penstock.destinations.splunk_hec import SplunkHec, SplunkHecSettings
from penstock.exchange import Request, Response
from penstock.testing.contract import batch_of, check_encode, check_judge, check_secrets, sample_batches
from penstock.transport import HttpTransport

GOLDEN = Path(__file__).parent / "golden"
URL = "https://splunk.example:8088"
TOKEN = "hunter2-0aeeac95"
EVENTS: list[dict[str, Any]] = [
    {"timestamp": "2026-01-02T03:04:05.678Z", "level": "info", "message": "an é and a 💧", "service": "shop"},
    {
        "message": 'a "quote" and a \n newline',
        "context": {"order": 17, "trace": {"id": "4f"}},
        "tags": ["a", "b"],
    },
    {"timestamp": "2026-01-02T03:04:06.123456+02:00", "message": "the last", "service": "shop"},
]


def splunk(name: str = "splunk", **settings: Any) -> SplunkHec:
    given = {"type": "splunk_hec", "url": URL, "auth": {"token": TOKEN}, **settings}
    return SplunkHecSettings.model_validate(given).build(name)


def batch() -> Batch:
    """In two pieces, as batches often are."""
    first, rest = batch_of(EVENTS, first_seq=41, arrived=1_793_000_000.0).pieces[0].cut(2)
    return Batch((first, rest), 1_793_000_001.5)


def requests(of: SplunkHec, batch: Batch) -> list[Request]:
    sent = [request for _, request in check_encode(of, batch)]
    assert all(isinstance(request, Request) for request in sent)
    return [request for request in sent if isinstance(request, Request)]


def request_of(of: SplunkHec, batch: Batch) -> Request:
    (request,) = requests(of, batch)
    return request


def told(request: Request) -> str:
    """A request as a person would write it down."""
    headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    return f"{request.method} {request.url}\n{headers}\n{request.body.decode()}\n"


METADATA = {"host": "web-1", "source": "{service|other}", "sourcetype": "app:json", "index": "main"}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("event", {}),
        ("event-arrival", {"time_field": "", "host": "web-1", "index": "main"}),
        (
            "event-detailed",
            {**METADATA, "fields": {"tags": "{tags}", "env": "prod"}, "id_field": "penstock_id"},
        ),
        ("event-message", {"event_field": "message", "sourcetype": "app"}),
        ("raw", {"endpoint": "raw", "host": "web 1", "index": "main", "id_field": "penstock_id"}),
        ("raw-text", {"endpoint": "raw", "format": "text", "url": f"{URL}/prefix/"}),
    ],
)
def test_the_whole_request(name: str, settings: dict[str, Any]) -> None:
    golden = GOLDEN / f"splunk_hec-{name}.http"
    seen = told(request_of(splunk(**settings), batch()))
    if os.environ.get("PENSTOCK_GOLDEN") == "write":
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8"), "PENSTOCK_GOLDEN=write pytest writes it anew"


def test_raw_lines_are_the_events() -> None:
    request = request_of(splunk(endpoint="raw"), batch())
    assert request.body == batch().data
    with_ids = request_of(splunk(endpoint="raw", id_field="id"), batch()).body
    assert [json.loads(line) for line in with_ids.splitlines()] == [
        {"id": f"node-{41 + n}", **event} for n, event in enumerate(EVENTS)
    ]
    text = request_of(splunk(endpoint="raw", format="text", id_field="id"), batch()).body.decode()
    assert [f'id="node-{41 + n}"' in line for n, line in enumerate(text.splitlines())] == [True] * 3


def test_raw_events_from_different_hosts_go_apart() -> None:
    sent = requests(splunk(endpoint="raw", source="{service|other}", index="main"), batch())
    assert [parse_qs(urlsplit(request.url).query) for request in sent] == [
        {"source": ["shop"], "index": ["main"]}, {"source": ["other"], "index": ["main"]},
    ]  # fmt: skip
    lines = [line for request in sent for line in request.body.splitlines()]
    assert sorted(lines) == sorted(batch().lines())


def test_the_channel_is_the_same_for_all_requests_of_a_destination() -> None:
    one = request_of(splunk(), batch()).headers["X-Splunk-Request-Channel"]
    assert str(uuid.UUID(one)) == one
    assert request_of(splunk(), batch().select([1])).headers["X-Splunk-Request-Channel"] == one
    assert request_of(splunk("other"), batch()).headers["X-Splunk-Request-Channel"] != one


def test_further_indexers() -> None:
    urls = ["https://b.example:8088/hec", "http://c.example"]
    for settings, path in (
        ({}, "/services/collector/event"),
        ({"endpoint": "raw", "host": "h"}, "/services/collector/raw?host=h"),
    ):
        request = request_of(splunk(urls=urls, rotate=True, **settings), batch())
        assert request.url == URL + path
        assert request.nodes == tuple(url + path for url in urls)
        assert request.rotate


@pytest.mark.parametrize("endpoint", ["event", "raw"])
def test_acks_are_asked_for_where_the_events_were_taken(endpoint: str) -> None:
    urls = ["https://b.example:8088/hec", "https://b.example:8088"]
    of = splunk(urls=urls, acks={"enabled": True, "every": "5s", "until": "10m"}, endpoint=endpoint, host="h")
    request = request_of(of, batch())
    for base in (URL, *urls):
        url = next(url for url in (request.url, *request.nodes) if url.startswith(f"{base}/services"))
        verdict = of.judge(batch(), Response(200, body=b'{"text":"Success","code":0,"ackId":12}', url=url))
        assert isinstance(verdict, Confirm)
        channel = request.headers["X-Splunk-Request-Channel"]
        assert verdict.request.url == f"{base}/services/collector/ack?channel={channel}"
        assert verdict.request.headers["X-Splunk-Request-Channel"] == channel
        assert json.loads(verdict.request.body) == {"acks": [12]}
        assert (verdict.every, verdict.until) == (5.0, 600.0)
        assert verdict.judge(Response(200, body=b'{"acks":{"12":true}}')) == Delivered()


def test_without_acks_a_yes_is_the_end_of_it() -> None:
    assert splunk().judge(batch(), Response(200, body=b'{"text":"Success","code":0}')) == Delivered()


def test_what_stood_before_a_bad_event_is_not_sent_again() -> None:
    body = b'{"text":"Error in handling indexed fields","code":15,"invalid-event-number":1}'
    verdict = splunk().judge(batch(), Response(400, body=body))
    assert verdict == Partial([], {1: "Error in handling indexed fields (code 15)"}, again=range(2, 3))


def test_a_number_of_raw_text_names_no_event() -> None:
    body = b'{"text":"Invalid data format","code":6,"invalid-event-number":1}'
    verdict = splunk(endpoint="raw").judge(batch(), Response(400, body=body))
    assert verdict == Refused("Invalid data format (code 6)")


def test_a_wrong_index_is_that_of_the_configuration_or_that_of_an_event() -> None:
    answer = Response(400, body=b'{"text":"Incorrect index","code":7,"invalid-event-number":2}')
    first = Response(400, body=b'{"text":"Incorrect index","code":7,"invalid-event-number":1}')
    assert isinstance(splunk(index="main").judge(batch(), first), Blocked)
    assert isinstance(splunk().judge(batch(), first), Blocked)
    templated = splunk(index="{service|other}").judge(batch(), answer)
    assert templated == Partial(range(2, 3), {}, "Incorrect index (code 7)", again=[1])
    dated = splunk(index="logs-%Y", time_field="").judge(batch(), first)
    assert dated == Partial([], dict.fromkeys(range(3), "Incorrect index (code 7)"), again=[])
    raw = splunk(endpoint="raw", index="{service}").judge(
        batch().select([0, 2]), Response(400, body=b'{"code":7}')
    )
    assert raw == Partial([], dict.fromkeys(range(2), "refused (code 7)"))


def test_no_data_is_no_events_fault() -> None:
    verdict = splunk().judge(batch(), Response(400, body=b'{"text":"No data","code":5}'))
    assert isinstance(verdict, Refused)
    assert verdict.culprit == "the request"


def test_its_health_is_asked_for() -> None:
    of = splunk(urls=["https://b.example"])
    assert isinstance(of, Probing)
    probe = of.probe()
    assert (probe.request.method, probe.request.url) == ("GET", f"{URL}/services/collector/health")
    assert probe.request.nodes == ("https://b.example/services/collector/health",)
    assert probe.request.headers == {"Authorization": f"Splunk {TOKEN}"}
    assert (probe.request.body, probe.request.compression) == (b"", "none")
    assert probe.judge(Response(200, body=b'{"text":"HEC is healthy","code":17}')) == Delivered()


def test_compression_is_left_to_the_wire() -> None:
    request = request_of(splunk(compression="gzip"), batch())
    assert request.compression == "gzip"
    assert request.body == request_of(splunk(), batch()).body


def test_the_settings_are_the_transport() -> None:
    of = splunk(timeout="5s", tls={"verify": False})
    assert isinstance(of.transport, HttpTransport)
    assert (of.transport.timeout, of.transport.tls.verify) == (5.0, False)


@pytest.mark.parametrize(
    "settings",
    [
        {"acks": {"enabled": True}},
        {"index": "{service}", "acks": {"enabled": True}},
        {"endpoint": "raw", "host": "{host}"},
        {"endpoint": "raw", "format": "text", "id_field": "id"},
        {"time_field": "", "fields": {"a": "b"}, "id_field": "id"},
    ],
)
def test_the_contract_in_every_shape(settings: dict[str, Any]) -> None:
    of = splunk(**settings)
    for some in sample_batches():
        check_encode(of, some)
        check_judge(of, some)
    check_secrets(of, [TOKEN], of.limits)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": f"{URL}/services/collector/event"}, "is to be the base"),
        ({"urls": [f"{URL}?token=x"]}, "is to be the base"),
        ({"url": "splunk:8088"}, "is not a URL"),
        ({"auth": {}}, "token"),
        ({"auth": {"token": f"Splunk {TOKEN}"}}, "without the word Splunk"),
        ({"auth": {"token": ""}}, "is empty"),
        ({"format": "text"}, "needs `endpoint: raw`"),
        ({"endpoint": "raw", "fields": {"a": "b"}}, "`fields` needs `endpoint: event`"),
        ({"endpoint": "raw", "event_field": "message"}, "`event_field` needs `endpoint: event`"),
        ({"fields": {"id": "{x}"}, "id_field": "id"}, "is one of `fields`"),
        ({"fields": {"": "x"}}, "at least 1 character"),
        ({"host": "{host"}, "has no other"),
        ({"compression": "zstd"}, "gzip"),
        ({"token": TOKEN}, "Extra inputs"),
        ({"acks": {"enabled": True, "every": "10m", "until": "5m"}}, "never asks"),
    ],
)
def test_mistakes_in_the_configuration(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        splunk(**settings)
    assert TOKEN not in str(caught.value)
