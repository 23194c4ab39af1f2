"""The verdict of each status, of the whole request and of each item."""

import json
from typing import Any

import pytest

from penstock.destinations.base import Blocked, Delivered, Partial, Refused, Retry, TooLarge, Verdict
from penstock.destinations.elasticsearch_answers import judge
from penstock.exchange import Failure, FailureKind, Response


def item(status: int, type_: str = "", reason: str | None = "", **more: Any) -> dict[str, Any]:
    error = {"error": {"type": type_, "reason": reason, **more.pop("error", {})}} if type_ else {}
    return {"create": {"status": status, **error, **more}}


def judged(*items: dict[str, Any], errors: bool = True, ids: bool = True, one_index: bool = True) -> Verdict:
    body = json.dumps({"took": 3, "errors": errors, "items": items}).encode()
    return judge(Response(200, body=body), len(items), ids=ids, one_index=one_index)


def whole(status: int, body: bytes = b"because", **headers: str) -> Verdict:
    return judge(Response(status, headers, body), 3, ids=True, one_index=True)


# Bodies as OpenSearch 3.6 and Elasticsearch 8.19 answer them.
CONFLICT = item(
    409, "version_conflict_engine_exception", "[node-1]: version conflict, document already exists"
)
STRICT = item(
    400,
    "strict_dynamic_mapping_exception",
    "mapping set to strict, dynamic introduction of [x] is not allowed",
)
PARSE = item(400, "mapper_parsing_exception", "failed to parse field [n] of type [long]",
             error={"caused_by": {"type": "illegal_argument_exception", "reason": 'For input string: "abc"'}})  # fmt: skip
BUSY = item(429, "es_rejected_execution_exception", "rejected execution of coordinating operation")
FLOOD = item(
    429, "cluster_block_exception", "index [logs] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded]"
)
SHUT = item(403, "cluster_block_exception", "index [logs] blocked by: [FORBIDDEN/8/index write (api)];")
GONE = item(404, "index_not_found_exception", "no such index [logs]")
FINE = item(201)


def test_all_is_well() -> None:
    assert judged(FINE, item(200), errors=False) == Delivered()


def test_a_yes_with_its_items_filtered_away() -> None:
    assert (
        judge(Response(200, body=b'{"took":1,"errors":false,"items":[]}'), 9, ids=True, one_index=True)
        == Delivered()
    )


def test_each_item_on_its_own() -> None:
    verdict = judged(
        FINE, CONFLICT, STRICT, BUSY, PARSE, FLOOD, GONE, SHUT, item(503, "unavailable_shards_exception", "x")
    )
    assert verdict == Partial(
        retry=[3, 5, 7, 8],
        refused={
            2: "strict_dynamic_mapping_exception: mapping set to strict, dynamic introduction of [x] is not allowed",
            4: 'mapper_parsing_exception: failed to parse field [n] of type [long]: For input string: "abc"',
            6: "index_not_found_exception: no such index [logs]",
        },
        reason="es_rejected_execution_exception: rejected execution of coordinating operation",
        notes={1: "duplicate"},
    )


def test_what_was_stored_before_is_delivered() -> None:
    assert judged(CONFLICT, FINE, CONFLICT) == Delivered(notes={0: "duplicate", 2: "duplicate"})


def test_without_ids_of_our_own_a_conflict_is_a_no() -> None:
    assert judged(CONFLICT, FINE, ids=False) == Partial([], {0: "version_conflict_engine_exception: [node-1]: version conflict, document already exists"})  # fmt: skip


def test_what_only_the_failure_store_took_is_counted_apart() -> None:
    assert judged(FINE, item(201, failure_store="used"), errors=False) == Delivered(
        notes={1: "failure_store"}
    )
    assert judged(item(201, failure_store="not_enabled"), errors=False) == Delivered()


def test_an_answer_that_is_too_long_to_be_read_is_asked_for_in_halves() -> None:
    whole = b'{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":201}}]}'
    verdict = judge(Response(200, body=whole[:60], truncated=True), 2, ids=True, one_index=True)
    assert isinstance(verdict, TooLarge)
    assert "max_response" in verdict.reason


def test_an_index_that_is_shut_is_a_shut_door() -> None:
    assert judged(SHUT, SHUT) == Blocked(
        "cluster_block_exception: index [logs] blocked by: [FORBIDDEN/8/index write (api)];"
    )
    assert judged(item(401, "security_exception", "no")) == Blocked("security_exception: no")


def test_one_of_several_indices_that_is_shut_does_not_shut_the_others() -> None:
    verdict = judged(SHUT, SHUT, one_index=False)
    assert isinstance(verdict, Partial)
    assert (list(verdict.retry), verdict.refused) == ([0, 1], {})


@pytest.mark.parametrize("status", [408, 425, 429, *range(500, 600), 0, 100, 999, -7])
def test_items_to_try_again(status: int) -> None:
    assert judged(FINE, item(status, "x", "y")) == Partial([1], {}, "x: y")


@pytest.mark.parametrize("status", [300, 400, 402, 404, 405, 406, 410, 413, 422, 499])
def test_items_that_are_refused(status: int) -> None:
    assert judged(FINE, item(status, "x", "y")) == Partial([], {1: "x: y"})


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"type": "x", "reason": None}, "x"),
        ({"type": "x", "reason": "two\n  lines \x1b[31m", "caused_by": None}, "x: two lines �[31m"),
        ({"type": "x" * 600}, "x" * 500),
        (
            {"type": "x", "reason": "y", "caused_by": {"type": "null_pointer_exception", "reason": None}},
            "x: y",
        ),
        ({"type": None, "reason": "y"}, "y"),
        ("IndexMissing", "status 400: IndexMissing"),
        (None, "status 400: no reason given"),
        ({}, "status 400"),
    ],
)
def test_a_reason_is_one_line(error: object, reason: str) -> None:
    assert judged(FINE, {"create": {"status": 400, "error": error}}) == Partial([], {1: reason})


@pytest.mark.parametrize(
    "body",
    [
        b"", b"OK", b"{}", b"[]", b"null", b'{"errors":"no","items":[]}', b'{"errors":true}', b'{"errors":true,"items":[]}',
        b'{"errors":true,"items":[{"create":{"status":201}}]}',  # of three
        b'{"errors":true,"items":[{"create":{}},{"create":{}},{"create":{}}]}',
        b'{"errors":false,"items":[{"create":{"status":201}}', b'{"took":1,"errors":false,"items":[{"create":', b"\xff",
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_no_yes(body: bytes) -> None:
    assert isinstance(whole(200, body), Retry)


TABLE = {
    TooLarge: [413],
    Refused: [400],
    Retry: [0, *range(100, 200), 408, 425, 429, *range(500, 600), 999],
    Blocked: [*range(300, 400), 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 414, 415, 422, 451, 499],
}


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, status) for kind, statuses in TABLE.items() for status in statuses]
)
def test_the_whole_request(kind: type[Verdict], status: int) -> None:
    verdict = whole(status)
    assert isinstance(verdict, kind)
    assert getattr(verdict, "reason", "") == f"HTTP {status}: because"


def test_a_service_that_has_too_much_to_do() -> None:
    assert whole(429, b"", **{"retry-after": "7"}) == Retry("HTTP 429", 7.0, overload=True)
    assert whole(503, b"") == Retry("HTTP 503", None, overload=True)


def test_a_bad_event_may_spoil_the_request_and_is_searched_for() -> None:
    assert whole(400, b"") == Refused("HTTP 400", "an event")


def test_no_answer() -> None:
    for kind in FailureKind:
        verdict = judge(Failure(kind, "why"), 3, ids=True, one_index=True)
        wanted = Blocked if kind is FailureKind.CREDENTIALS else Retry
        assert verdict == wanted(f"{kind}: why")
