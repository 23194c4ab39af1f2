"""The services' own clients beside ours: they talk to the played service, and they say the same of the same events."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from penstock.block import Batch, Block
from penstock.clock import SystemClock
from penstock.destinations.elasticsearch import ElasticsearchSettings
from penstock.destinations.event_ids import event_ids
from penstock.exchange import Request
from penstock.sandbox.elasticsearch import PlayedElasticsearch, PlayedElasticsearchSettings
from penstock.sandbox.server import Server
from penstock.sandbox.service import Answered, Asked, Spoil, sound
from penstock.testing.played import Played
from tests.sandbox.elasticsearch_table import Product

pytestmark = pytest.mark.integration

elasticsearch = pytest.importorskip("elasticsearch")
elasticsearch_helpers = pytest.importorskip("elasticsearch.helpers")
opensearchpy = pytest.importorskip("opensearchpy")
opensearch_helpers = pytest.importorskip("opensearchpy.helpers")

EVENTS: list[dict[str, Any]] = [
    {"timestamp": "2026-01-02T03:04:05Z", "message": "one", "service": "Shop", "tenant": "a"},
    {"timestamp": "2026-01-02T23:59:59.999Z", "message": 'zwei: “ü” \\ " /\u2028', "service": "till", "n": 1.5e-3},
    {"timestamp": "2026-01-03T00:00:00Z", "message": "three", "service": "till", "tenant": "b", "o": {"a": [1, None]}},
    {"message": "no time, no service", "_private": True},
]  # fmt: skip
BATCH = Batch(
    (
        Block(
            b"".join([json.dumps(event).encode() + b"\n" for event in EVENTS]),
            len(EVENTS),
            "in",
            1.79e9,
            998,
            "node",
        ),
    ),
    1.79e9,
)
IDS = [event_id.decode() for event_id in event_ids(BATCH)]


class Recording:
    """A played service, and what it was asked."""

    def __init__(self, service: PlayedElasticsearch) -> None:
        self.asked: list[Asked] = []
        self.answered: list[Answered] = []
        self._service = service

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        self.asked.append(asked)
        self.answered.append(self._service.answer(asked, spoil))
        return self.answered[-1]


class Side:
    """One product: its client, and the service that is played for it."""

    def __init__(self, product: Product, url: str, recording: Recording) -> None:
        self.recording = recording
        if product == "elasticsearch":
            self.client = elasticsearch.Elasticsearch(url, api_key=("penstock", "demo"), http_compress=True)
            self.helpers = elasticsearch_helpers
        else:
            self.client = opensearchpy.OpenSearch(url, http_auth=("anna", "secret"), http_compress=True)
            self.helpers = opensearch_helpers

    def bulk(self, actions: list[dict[str, Any]], **more: Any) -> tuple[int, list[dict[str, Any]]]:
        done: tuple[int, list[dict[str, Any]]] = self.helpers.bulk(
            self.client, actions, raise_on_error=False, **more
        )
        return done


@pytest.fixture(params=["elasticsearch", "opensearch"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    settings = PlayedElasticsearchSettings(
        type="elasticsearch",
        product=request.param,
        auth={"api_keys": ["penstock:demo"], "users": {"anna": "secret"}},  # type: ignore[arg-type]  # pydantic reads it
        indices={"strict": {"fields": {"message": "text", "n": "long"}}},  # type: ignore[dict-item]  # the same
        data_streams=("logs-*-*",),
    )
    recording = Recording(settings.build())
    with Played(Server(recording, SystemClock())) as played:
        side = Side(request.param, played.url, recording)
        yield side
        side.client.close()


def parsed(asked: Asked) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Verb, parameters and document of each action; the index of the URL stands with those that name none."""
    segments = asked.path.strip("/").split("/")
    lines = [json.loads(line) for line in asked.body.splitlines()]
    found = []
    for action, document in zip(lines[::2], lines[1::2], strict=True):
        ((verb, said),) = action.items()
        found.append((verb, {"_index": segments[0], **said} if len(segments) == 2 else said, document))
    return found


def test_its_own_client_writes_and_reads_back(side: Side) -> None:
    assert side.client.info()["version"]["number"]
    assert side.client.cluster.health()["number_of_nodes"] == 1
    actions: list[dict[str, Any]] = [
        {"_op_type": "create", "_index": "strict", "_id": "1", "_source": {"message": "a", "n": 1}},
        {"_op_type": "create", "_index": "strict", "_id": "2", "_source": {"message": "a", "n": "x"}},
        {"_op_type": "create", "_index": "strict", "_id": "1", "_source": {"message": "b", "n": 2}},
        {"_op_type": "create", "_index": "strict", "_id": "3", "_source": {"message": "c", "z": 2}},
        {"_op_type": "create", "_index": "logs-a-b", "_source": {"@timestamp": "2026-01-02"}},
        {"_op_type": "index", "_index": "logs-a-b", "_source": {"@timestamp": "2026-01-02"}},
        {"_op_type": "delete", "_index": "strict", "_id": "none"},
    ]
    done, failed = side.bulk(actions)
    assert done == 2
    assert [next(iter(item.values()))["status"] for item in failed] == [400, 409, 400, 400, 404]
    side.client.indices.refresh(index="strict")
    assert side.client.count(index="strict")["count"] == 1
    (hit,) = side.client.search(index="strict", body={"query": {"match_all": {}}, "sort": ["_doc"]})["hits"][
        "hits"
    ]
    assert (hit["_id"], hit["_source"]) == ("1", {"message": "a", "n": 1})
    assert side.client.get(index="strict", id="1")["_source"]["n"] == 1
    assert not side.client.exists(index="strict", id="2")


def test_its_own_client_sets_up(side: Side) -> None:
    body = {"index_patterns": ["set-*"], "template": {"mappings": {"dynamic": "strict", "properties": {}}}}
    side.client.indices.put_index_template(name="set", body=body)
    side.client.indices.create(index="set-a", body={"settings": {"index.blocks.write": True}, "mappings": {}})
    assert side.client.indices.exists(index="set-a")
    done, failed = side.bulk([{"_op_type": "create", "_index": "set-a", "_source": {}}])
    assert (done, [item["create"]["status"] for item in failed]) == (0, [403])
    side.client.indices.put_settings(index="set-a", body={"index.blocks.write": False})
    assert side.bulk([{"_op_type": "create", "_index": "set-a", "_source": {}}])[0] == 1
    side.client.indices.delete(index="set-a")
    assert not side.client.indices.exists(index="set-a")


@pytest.mark.parametrize(
    ("options", "theirs", "parameters"),
    [
        ({"index": "logs"}, {"_index": ["logs"] * 4}, {}),
        ({"index": "logs", "action": "index"}, {"_index": ["logs"] * 4, "_op_type": ["index"] * 4}, {}),
        ({"index": "logs", "event_ids": False}, {"_index": ["logs"] * 4, "_id": [None] * 4}, {}),
        (
            {"index": "logs-{service|other}-%Y.%m.%d", "routing": "{tenant}"},
            {
                "_index": ["logs-shop-2026.01.02", "logs-till-2026.01.02", "logs-till-2026.01.03", "logs-other-2026.09.21"],
                "routing": ["a", None, "b", None],
            },
            {},
        ),
        ({"index": "logs", "pipeline": "clean", "require_alias": True}, {"_index": ["logs"] * 4}, {"pipeline": "clean", "require_alias": True}),
    ],
    ids=["one index", "index", "no ids", "by date, field and routing", "parameters"],
)  # fmt: skip
def test_ours_says_what_its_own_client_says(
    side: Side, options: dict[str, Any], theirs: dict[str, list[Any]], parameters: dict[str, Any]
) -> None:
    request = (
        ElasticsearchSettings(type="elasticsearch", url="http://es", **options).build("search").encode(BATCH)
    )
    assert isinstance(request, Request)
    target = request.url.removeprefix("http://es")
    ours = Asked(request.method, target, {}, request.body, request.body)

    fields = {"_op_type": ["create"] * 4, "_id": IDS, **theirs}
    actions = [
        {name: values[at] for name, values in fields.items() if values[at] is not None} | {"_source": event}
        for at, event in enumerate(EVENTS)
    ]
    side.bulk(actions, **parameters)
    sent = next(asked for asked in side.recording.asked if asked.path.endswith("_bulk"))

    assert parsed(ours) == parsed(sent)
    assert sent.method in ("POST", "PUT")
    asked_for = dict(
        part.split("=") for part in target.partition("?")[2].split("&") if not part.startswith("filter_path")
    )
    also = dict(part.split("=") for part in sent.target.partition("?")[2].split("&") if part)
    assert asked_for == also
