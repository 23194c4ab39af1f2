"""The played Elasticsearch and OpenSearch; tests/integration holds the real ones to the same table."""

import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from penstock.block import Batch, Block
from penstock.compression import compress
from penstock.destinations.elasticsearch import ElasticsearchSettings
from penstock.exchange import Compression, Request
from penstock.sandbox import elasticsearch_cluster
from penstock.sandbox.elasticsearch import PlayedElasticsearchSettings
from penstock.sandbox.elasticsearch_cluster import BESIDE
from penstock.sandbox.service import Asked
from tests.sandbox.elasticsearch_bodies import BOTH, FILTERS
from tests.sandbox.elasticsearch_cases import CASES
from tests.sandbox.elasticsearch_table import JSON, NDJSON, PRODUCTS, Case, Product, lines
from tests.sandbox.elasticsearch_talk import Talk, items

DOC = {"message": "a"}


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_request_is_answered_as_the_real_ones_answer_it(case: Case, product: Product) -> None:
    talk = Talk(product=product)

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        answered = talk(method, target, body, headers)
        return answered.status, answered.body

    case.run(product, send, "case")


ACTION: dict[str, Any] = {"create": {}}


def test_a_body_too_long_is_answered_with_nothing() -> None:
    body = lines(ACTION, {"message": "x" * 500})
    talk = Talk(max_content_length=len(body))
    assert talk("POST", "/logs/_bulk", body).status == 200
    longer = body + b"\n"
    for answered in (
        talk("POST", "/logs/_bulk", longer),
        talk("POST", "/logs/_bulk", gzip.compress(longer), NDJSON | {"Content-Encoding": "gzip"}),
    ):
        assert (answered.status, answered.body) == (413, b"")


def test_too_much_to_work_on_is_answered_with_429() -> None:
    talk = Talk(indexing_pressure=100)
    assert talk.bulk(ACTION, DOC).status == 200
    answered = talk.bulk(ACTION, {"message": "x" * 100})
    assert answered.status == 429
    assert json.loads(answered.body)["error"]["type"] == "es_rejected_execution_exception"


def test_bodies_are_read_in_the_codings_that_the_product_knows() -> None:
    body = lines(ACTION, DOC)
    for product, coding, status in [
        ("elasticsearch", "gzip", 200), ("opensearch", "gzip", 200), ("opensearch", "zstd", 200), ("elasticsearch", "zstd", 400),
    ]:  # fmt: skip
        how: Compression = "gzip" if coding == "gzip" else "zstd"
        answered = Talk(product=product)(
            "POST", "/logs/_bulk", compress(body, how), NDJSON | {"Content-Encoding": coding}
        )
        assert answered.status == status, (product, coding)


@pytest.mark.parametrize(
    ("spoiled", "status", "refused"), [("rejected", 429, 0), ("unavailable", 503, 0), ("malformed", 400, 1)]
)
def test_a_spoiled_event_fails_and_the_others_do_not(spoiled: str, status: int, refused: int) -> None:
    talk = Talk(spoiled=spoiled)
    talk.broken = frozenset({1})
    answered = talk.bulk(
        {"create": {"_id": "a"}}, DOC, {"create": {"_id": "b"}}, DOC, {"create": {"_id": "c"}}, DOC
    )
    assert [item["status"] for item in items(answered)] == [201, status, 201]
    assert ([one.id for one in answered.accepted], answered.refused) == (["a", "c"], refused)
    talk.broken = frozenset()
    again = talk.bulk({"create": {"_id": "b"}}, DOC)
    assert [one.id for one in again.accepted] == ["b"]


def test_what_was_taken_is_told_apart_from_what_was_there() -> None:
    talk = Talk()
    first = talk.bulk({"create": {"_id": "a"}}, DOC, {"create": {"_id": "b"}}, "{")
    second = talk.bulk({"create": {"_id": "a"}}, DOC, {"create": {"_id": "c"}}, DOC)
    assert [(one.id, json.loads(one.event)) for one in first.accepted] == [("a", DOC)]
    assert (first.refused, first.repeated) == (1, 0)
    assert [one.id for one in second.accepted] == ["c"]
    assert (second.refused, second.repeated) == (0, 1)


def test_the_product_tells_itself() -> None:
    about = Talk()("GET", "/", headers={})
    assert about.headers["X-Elastic-Product"] == "Elasticsearch"
    assert json.loads(about.body)["version"]["number"].startswith("8.")
    other = json.loads(Talk(product="opensearch")("GET", "/", headers={}).body)
    assert other["version"]["distribution"] == "opensearch"
    assert Talk()("HEAD", "/", headers={}).body == b""
    failed = Talk()("POST", "/_bulk", b"", NDJSON)
    assert (failed.status, failed.headers["X-Elastic-Product"]) == (400, "Elasticsearch")


def test_an_item_has_what_clients_read() -> None:
    (item,) = items(Talk().bulk({"create": {"_id": "a"}}, DOC))
    assert item == {
        "_index": "logs", "_id": "a", "_version": 1, "result": "created", "_seq_no": 0, "_primary_term": 1, "status": 201,
        "_shards": {"total": 2, "successful": 1, "failed": 0},
    }  # fmt: skip
    talk = Talk(indices={"logs": {"fields": {"n": "long"}}})
    (failed,) = items(talk.bulk({"create": {"_id": "a"}}, {"n": "x"}))
    assert failed["error"] == {
        "type": "document_parsing_exception",
        "reason": "failed to parse field [n] of type [long] in document with id 'a'. Preview of field's value: 'x'",
        "caused_by": {"type": "number_format_exception", "reason": 'For input string: "x"'},
    }


def test_indices_are_there_from_the_start() -> None:
    talk = Talk(
        indices={
            "strict": {"fields": {"n": "long", "o.x": "keyword"}},
            "shut": {"block": "write", "dynamic": "true"},
            "full": {"block": "flood_stage", "dynamic": "true"},
            "stream": {"data_stream": True, "dynamic": "true"},
        },
        data_streams=["logs-*-*"],
        auto_create_index=False,
    )
    for index, document, status in [
        ("strict", {"n": 1, "o": {"x": "y"}}, 201), ("strict", {"z": 1}, 400), ("shut", DOC, 403), ("full", DOC, 429),
        ("stream", {"@timestamp": 1}, 201), ("stream", DOC, 400), ("logs-a-b", {"@timestamp": 1}, 201), ("logs-a-b", DOC, 400),
        ("other", DOC, 404),
    ]:  # fmt: skip
        (item,) = items(talk.bulk(ACTION, document, target=f"/{index}/_bulk"))
        assert item["status"] == status, (index, document)


def test_all_ids_can_be_read_back_and_documents_up_to_a_bound() -> None:
    talk = Talk(keep=11 * (BESIDE + len('{"n": 10}')))
    for number in range(25):
        talk.bulk({"create": {"_id": f"id{number:02}"}}, {"n": number})
    assert json.loads(talk("GET", "/logs/_count", headers={}).body)["count"] == 25
    hits: list[dict[str, Any]] = []
    after: list[int] = []
    while True:
        body = {"size": 10, "sort": [{"_seq_no": "asc"}], **({"search_after": after} if after else {})}
        page = json.loads(talk("POST", "/logs/_search", json.dumps(body).encode(), JSON).body)["hits"]["hits"]
        if not page:
            break
        hits += page
        after = page[-1]["sort"]
    assert [hit["_id"] for hit in hits] == [f"id{number:02}" for number in range(25)]
    assert [hit["_source"]["n"] for hit in hits if "_source" in hit] == list(range(25))[-11:]
    (item,) = items(talk.bulk({"create": {"_id": "id00"}}, DOC))
    assert item["status"] == 409


def test_ids_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_cluster, "MOST_IDS", 3)
    talk = Talk()
    talk.bulk(*[part for number in range(5) for part in ({"create": {"_id": str(number)}}, DOC)])
    assert list(talk.service.cluster.indices["logs"].documents) == ["2", "3", "4"]
    assert json.loads(talk("GET", "/logs/_count", headers={}).body)["count"] == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503])
def test_there_are_words_for_each_status(status: int) -> None:
    for product in PRODUCTS:
        answered = Talk(product=product).service.words(status)
        assert answered.status == status
        assert (answered.body == b"") == (status == 413)


def test_how_to_deliver_to_it_is_told() -> None:
    url = "http://127.0.0.1:1"
    for played in PlayedElasticsearchSettings.model_json_schema()["examples"]:
        told = PlayedElasticsearchSettings(**played).destination(url)
        destination = ElasticsearchSettings(**told).build("search")
        block = Block(b'{"message":"a"}\n', 1, "in", 1.79e9, 7, "node")
        request = destination.encode(Batch((block,), 1.79e9))
        assert isinstance(request, Request)
        service = PlayedElasticsearchSettings(**played).build()
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.url.removeprefix(url)
        answered = service.answer(Asked(request.method, target, headers, request.body, request.body, 1.79e9))
        assert (answered.status, [one.id for one in answered.accepted]) == (200, ["node-7"]), answered.body


@pytest.mark.parametrize(
    "wrong",
    [
        {"indices": {"Upper": {}}},
        {"indices": {"a": {"fields": {"n": "int"}}}},
        {"spoiled": "no"},
        {"keep": -1},
    ],
)
def test_what_cannot_be_played_is_a_mistake(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PlayedElasticsearchSettings(type="elasticsearch", **wrong)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "mappings",
                    "properties",
                    "settings",
                    "aliases",
                    "type",
                    "fields",
                    "doc",
                    "sort",
                    "size",
                    "query",
                ]
            )
            | st.sampled_from(
                [
                    "a",
                    "ids",
                    "values",
                    "search_after",
                    "index_patterns",
                    "template",
                    "@timestamp",
                    "_id",
                    "_index",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
TARGETS = st.sampled_from(
    [
        "/",
        "/a",
        "/a/_bulk",
        "/_bulk",
        "/a/_search",
        "/_count",
        "/a/_settings",
        "/_index_template/t",
        "/a/_doc/1",
        "//",
        "/a/_doc",
        "/a/_mapping",
        "/%ff/_bulk",
        "/a/_bulk?filter_path=**",
        "/a/_search?size=x",
        "/a,b*/_count",
        "?",
        "/_cluster/health/a",
    ]
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "X"]),
            TARGETS,
            JSONS.map(lambda value: json.dumps(value).encode())
            | st.lists(
                st.sampled_from([{"create": {}}, {"update": {"_id": "1"}}, {"delete": {"_id": "1"}}]) | JSONS,
                max_size=4,
            ).map(lambda parts: lines(*parts))
            | st.binary(max_size=20),
        ),
        max_size=6,
    )
)
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_asked_makes_it_raise(requests: list[tuple[str, str, bytes]]) -> None:
    talk = Talk()
    for method, target, body in requests:
        assert 200 <= talk(method, target, body).status < 600


def test_what_filters_leave() -> None:
    whole = json.loads(Talk()("POST", "/logs/_bulk", BOTH).body)
    assert [item["create"]["status"] for item in whole["items"]] == [201, 400]
    for path in FILTERS:
        said = json.loads(Talk()("POST", f"/logs/_bulk?filter_path={path}", BOTH).body)
        assert said == whole if path == "" else len(json.dumps(said)) < len(json.dumps(whole)), path
