"""What a cluster sees of `_bulk`; the bodies are parsed back by the standard library's json."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from penstock.block import Batch
from penstock.destinations.base import Blocked, Delivered, Partial, Retry, Unfit, Verdict
from penstock.destinations.elasticsearch import Elasticsearch, ElasticsearchSettings
from penstock.exchange import Request, Response
from penstock.testing.contract import batch_of, check_encode, check_judge, check_secrets, sample_batches

GOLDEN = Path(__file__).parent / "golden"
URL = "https://es.example:9200"
EVENTS: list[dict[str, Any]] = [
    {"timestamp": "2026-01-02T23:59:59.999Z", "level": "info", "service": "Web", "message": "an é and a 💧"},
    {"timestamp": 1767398400, "service": "api", "tenant": "a b", "message": 'a "quote" and a \n newline'},
    {"message": "no time of its own", "service": "../_security"},
]
ARRIVED = 1_793_000_000.0  # 2026-10-26T07:33:20Z


def elasticsearch(**settings: Any) -> Elasticsearch:
    given = {"type": "elasticsearch", "url": URL, "index": "logs-app", **settings}
    return ElasticsearchSettings.model_validate(given).build("search")


def batch() -> Batch:
    """In two pieces, as batches often are, on both sides of a change of digits."""
    first, rest = batch_of(EVENTS, first_seq=998, arrived=ARRIVED).pieces[0].cut(1)
    return Batch((first, rest), ARRIVED + 1)


def request(destination: Elasticsearch, of: Batch | None = None) -> Request:
    ((_, made),) = check_encode(destination, of or batch())
    assert isinstance(made, Request)
    return made


def pairs(made: Request) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Actions and documents, as the service reads them."""
    assert made.body.endswith(b"\n"), "the last newline is demanded"
    lines = [json.loads(line) for line in made.body.split(b"\n")[:-1]]
    return list(zip(lines[::2], lines[1::2], strict=True))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("plain", {}),
        ("no-ids", {"event_ids": False, "action": "index", "auth": {"basic": {"username": "u", "password": "p"}}}),
        ("dated", {"index": "logs-{service|other}-%Y.%m.%d", "fallback_index": "odd", "auth": {"api_key": "id:key"}}),
        ("stream", {"require_data_stream": True, "pipeline": "clean up", "auth": {"bearer": "t"}}),
        ("routed", {"routing": "{tenant}", "at_timestamp": "rename", "require_alias": True, "compression": "gzip"}),
    ],
)  # fmt: skip
def test_the_whole_request(name: str, settings: dict[str, Any]) -> None:
    made = request(elasticsearch(**settings))
    headers = "".join(f"{key}: {value}\n" for key, value in made.headers.items())
    seen = f"{made.method} {made.url}\n{headers}\n{made.body.decode()}"
    golden = GOLDEN / f"elasticsearch-{name}.http"
    if os.environ.get("PENSTOCK_GOLDEN") == "write":
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8"), "PENSTOCK_GOLDEN=write pytest writes it anew"


def test_each_event_stands_behind_an_action_with_its_id() -> None:
    made = pairs(request(elasticsearch()))
    assert [document for _, document in made] == EVENTS
    assert [action for action, _ in made] == [
        {"create": {"_id": event_id}} for event_id in ("node-998", "node-999", "node-1000")
    ]
    assert urlsplit(request(elasticsearch()).url).path == "/logs-app/_bulk"


def test_what_a_partial_answer_left_over_keeps_its_ids() -> None:
    made = pairs(request(elasticsearch(), batch().select([0, 2])))
    assert [action["create"]["_id"] for action, _ in made] == ["node-998", "node-1000"]
    assert [document for _, document in made] == [EVENTS[0], EVENTS[2]]


@pytest.mark.parametrize(
    "settings", [{}, {"at_timestamp": "add"}, {"routing": "{tenant}"}, {"index": "l-%Y"}], ids=str
)
def test_ids_may_be_left_to_the_service(settings: dict[str, Any]) -> None:
    for action, _ in pairs(request(elasticsearch(event_ids=False, **settings))):
        assert "_id" not in action["create"]


def test_the_index_is_of_the_event_and_its_own_date() -> None:
    made = pairs(request(elasticsearch(index="logs-{service}-%Y.%m.%d", fallback_index="odd")))
    assert [action["create"]["_index"] for action, _ in made] == [
        "logs-web-2026.01.02",  # capitals are none for an index
        "logs-api-2026.01.03",
        "odd",  # what an event holds must not lead out of the pattern
    ]
    assert all(set(action["create"]) == {"_index", "_id"} for action, _ in made)
    assert urlsplit(request(elasticsearch(index="l-%Y")).url).path == "/_bulk"


def test_the_date_of_arrival_counts_by_option_and_where_there_is_no_other() -> None:
    made = pairs(request(elasticsearch(index="l-%Y.%m.%d", time_field="")))
    assert {action["create"]["_index"] for action, _ in made} == {"l-2026.10.26"}
    made = pairs(request(elasticsearch(index="l-%Y.%m.%d")))
    assert made[2][0]["create"]["_index"] == "l-2026.10.26"


def test_an_event_that_no_index_can_have_is_unfit_where_there_is_no_fallback() -> None:
    unfit = elasticsearch(index="{service}").encode(batch())
    assert isinstance(unfit, Unfit)
    assert unfit.refused == {2: "no index: '../_security' is an index of the cluster's own"}
    unfit = elasticsearch(index="l-{tenant}").encode(batch())
    assert isinstance(unfit, Unfit)
    assert list(unfit.refused) == [0, 1, 2]
    assert unfit.refused[0] == "no index: the event lacks a field of 'l-{tenant}'"
    assert unfit.refused[1] == "no index: 'l-a b' holds ' '"


def test_routing_is_of_the_event() -> None:
    made = pairs(request(elasticsearch(routing="t-{tenant}")))
    assert [action["create"].get("routing") for action, _ in made] == [None, "t-a b", None]


STAMPS = ["2026-01-02T23:59:59.999Z", "2026-01-03T00:00:00.000Z", "2026-10-26T07:33:20.000Z"]


def test_a_timestamp_is_added() -> None:
    made = pairs(request(elasticsearch(at_timestamp="add")))
    assert [document for _, document in made] == [
        {"@timestamp": stamp, **event} for stamp, event in zip(STAMPS, EVENTS, strict=True)
    ]


def test_a_timestamp_is_renamed() -> None:
    made = pairs(request(elasticsearch(at_timestamp="rename")))
    without = [{key: value for key, value in event.items() if key != "timestamp"} for event in EVENTS]
    assert [document for _, document in made] == [
        {"@timestamp": stamp, **event} for stamp, event in zip(STAMPS, without, strict=True)
    ]


def test_data_streams_get_a_timestamp_without_being_told() -> None:
    made = request(elasticsearch(require_data_stream=True))
    assert all("@timestamp" in document for _, document in pairs(made))
    assert parse_qs(urlsplit(made.url).query)["require_data_stream"] == ["true"]
    kept = request(elasticsearch(require_data_stream=True, at_timestamp="keep"))
    assert [document for _, document in pairs(kept)] == EVENTS


def test_the_query() -> None:
    url = urlsplit(request(elasticsearch(pipeline="a b&c", require_alias=True, url=f"{URL}/base/")).url)
    assert url.path == "/base/logs-app/_bulk"
    query = parse_qs(url.query)
    assert query.pop("filter_path")[0].startswith("took,errors,items.*.status,")
    assert query == {"pipeline": ["a b&c"], "require_alias": ["true"]}


def test_several_nodes() -> None:
    made = request(elasticsearch(urls=["https://two:9200", "https://three:9200/x"], rotate=True))
    assert [urlsplit(url)[1:3] for url in (made.url, *made.nodes)] == [
        ("es.example:9200", "/logs-app/_bulk"), ("two:9200", "/logs-app/_bulk"), ("three:9200", "/x/logs-app/_bulk"),
    ]  # fmt: skip
    assert made.rotate


def test_what_it_tells_the_batcher_is_enough() -> None:
    for settings in (
        {},
        {"at_timestamp": "add"},
        {"event_ids": False},
        {"action": "index", "at_timestamp": "rename"},
    ):
        for some in sample_batches():
            check_encode(elasticsearch(**settings), some)


def test_the_contract_with_options() -> None:
    for settings in ({"event_ids": False}, {"action": "index"}, {"index": "l-{a}"}):
        check_judge(elasticsearch(**settings), batch())


def test_a_clock_that_is_off_is_set_right_by_what_aws_says_of_it() -> None:
    aws = {"region": "eu-central-1", "access_key_id": "AKID", "secret_access_key": "hunter2"}
    signed = elasticsearch(auth={"aws": aws})
    sign = request(signed).sign
    assert sign is not None
    headers = {"x-amzn-errortype": "InvalidSignatureException", "date": "Mon, 26 Oct 2026 09:33:20 GMT"}
    answer = Response(403, headers, b'{"message":"Signature expired: 20261026T073320Z"}', received=ARRIVED)
    assert isinstance(signed.judge(batch(), answer), Retry)
    assert sign(URL, b"", ARRIVED)["X-Amz-Date"] == "20261026T093320Z"
    other = Response(403, {}, b'{"Message":"User: anonymous is not authorized"}')
    assert isinstance(signed.judge(batch(), other), Blocked)


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({}, Delivered(notes={0: "duplicate"})),
        ({"action": "index"}, Partial([], {0: "x"})),  # it overwrites: a conflict is with something else
        ({"event_ids": False}, Partial([], {0: "x"})),
    ],
)
def test_what_a_conflict_means(settings: dict[str, Any], verdict: Verdict) -> None:
    body = b'{"errors":true,"items":[{"%b":{"status":409,"error":{"type":"x"}}}]}' % (
        settings.get("action", "create").encode()
    )
    assert elasticsearch(**settings).judge(batch_of([{}]), Response(200, body=body)) == verdict


def test_no_secret_is_shown() -> None:
    check_secrets(elasticsearch(auth={"api_key": "id:hunter2"}), ["hunter2", "aWQ6aHVudGVyMg=="])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"url": None}, "says not where to write to"),
        ({"url": f"{URL}/logs/_bulk"}, "is to be the base"),
        ({"urls": [f"{URL}?pipeline=x"]}, "is to be the base"),
        ({"cloud_id": "x:ZXhhbXBsZS5jb20kYWJjJGRlZg=="}, "says twice where to write to"),
        ({"index": "Logs"}, "not in lower case"),
        ({"index": "a,b"}, "holds ','"),
        ({"index": "l-{"}, "at character 3"),
        ({"fallback_index": "a b"}, "holds ' '"),
        ({"require_data_stream": True, "action": "index"}, "exclude each other"),
        ({"require_data_stream": True, "require_alias": True}, "exclude each other"),
        ({"auth": {"api_key": "k", "bearer": "t"}}, "keep one of"),
        ({"compression": "zstd"}, "gzip"),
    ],
)
def test_mistakes_in_the_configuration(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        elasticsearch(**settings)
