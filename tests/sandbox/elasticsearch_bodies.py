"""Bodies of `_bulk`, content types and names: what a request may look like."""

from tests.sandbox.elasticsearch_table import (
    DOC,
    GOOD,
    JSON,
    NDJSON,
    Step,
    bulk,
    create,
    lines,
    one,
    versioned,
)

BODIES = [
    one("a document", bulk(GOOD, [201])),
    one("by PUT", bulk(GOOD, [201], method="PUT")),
    one("by GET", Step("GET", "/_bulk", {}, b"", 405)),
    one("by DELETE", Step("DELETE", "/_bulk", {}, b"", 405)),
    one("an index of its own goes before that of the URL", bulk(lines({"create": {"_index": "IDX-b"}}, DOC), [201])),
    one("a slash at the end", bulk(lines({"create": {"_index": "IDX"}}, DOC), [201], "/_bulk/")),
    one("an escaped name", bulk(GOOD, [201], "/%49DX/_bulk".replace("%49DX", "IDX%2D1"))),
    one("an existing id is a conflict", bulk(lines(*[{"create": {"_id": "1"}}, DOC] * 2), [201, 409])),
    one("index overwrites", bulk(lines(*[{"index": {"_id": "1"}}, DOC] * 2), [201, 200])),
    one("index after create", bulk(lines({"create": {"_id": "1"}}, DOC, {"index": {"_id": "1"}}, DOC), [201, 200])),
    one("index as create", bulk(lines(*[{"index": {"_id": "1", "op_type": "create"}}, DOC] * 2), [201, 409])),
    one("without ids all are new", bulk(lines(*[{"create": {}}, DOC] * 2), [201, 201])),
    one("items keep their order", bulk(lines({"create": {"_id": "1"}}, DOC, {"create": {}}, "{", {"create": {}}, DOC), [201, 400, 201])),
    one("no newline at the end", bulk(GOOD[:-1], 400)),
    one("no body", bulk(b"", 400)),
    one("only a newline", bulk(b"\n", 400)),
    one("blank lines before an action", bulk(b"\n  \n" + GOOD + b"\n", [201])),
    one("a blank line for a document", bulk(lines({"create": {}}, "", DOC), 400)),
    one("an action without a document", bulk(lines({"create": {}}), 400)),
    one("the same after a good one", bulk(GOOD + lines({"create": {}}), [201])),
    one("two actions and a document", bulk(lines({"create": {}}, {"create": {}}, DOC), 400)),
    one("no JSON for an action", bulk(lines("hello", DOC) + GOOD, 400)),
    one("an action not closed", bulk(lines('{"create":{}', DOC), [201])),
    one("an action not closed twice", bulk(lines('{"create":{"_id":"1"', DOC) + GOOD, 400)),
    one("more after an action", bulk(lines('{"create":{}} x', DOC), 400, opensearch=[201])),
    one("two actions in a line", bulk(lines('{"create":{},"index":{}}', DOC), [201])),
    one("spaces", bulk(lines(' { "create" : { } } ', ' { "message" : "a" } '), [201])),
    one("carriage returns", bulk(GOOD.replace(b"\n", b"\r\n"), [201])),
    one("a list for an action", bulk(lines('["create"]', DOC), 400)),
    one("no action at all", bulk(lines("{}", DOC), 400)),
    one("an unknown action", bulk(lines('{"upsert":{}}', DOC), 400)),
    one("null for an action", bulk(lines('{"create":null}', DOC), 400)),
    one("text for an action", bulk(lines('{"create":"x"}', DOC), 400)),
    one("bad UTF-8 in an action", bulk(lines(b'{"create":{"_id":"\xff"}}', DOC), 400)),
    one("an unknown parameter of an action", bulk(lines({"create": {"foo": 1}}, DOC), 400)),
    one("an object for a parameter", bulk(lines({"create": {"_id": {}}}, DOC), 400)),
    one("a type", bulk(lines({"create": {"_type": "_doc"}}, DOC), 400)),
    one("routing", bulk(lines({"create": {"routing": "a"}}, DOC), [201])),
    one("a pipeline that is not there", bulk(lines({"create": {"pipeline": "nope"}}, DOC), [400])),
    one("the same in the URL", bulk(GOOD, [400], "/IDX/_bulk?pipeline=nope")),
    one("no pipeline", bulk(lines({"create": {"pipeline": "_none"}}, DOC), [201])),
    one("an id of 512 bytes", bulk(lines({"create": {"_id": "x" * 512}}, DOC), [201])),
    one("an id of 513 bytes", bulk(lines({"create": {"_id": "x" * 513}}, DOC) + GOOD, 400)),
    one("an id of 513 bytes in fewer characters", bulk(lines({"create": {"_id": "é" * 256 + "x"}}, DOC), 400)),
    one("an empty id", bulk(lines({"create": {"_id": ""}}, DOC) + GOOD, [400, 201])),
    one("null for an id", bulk(lines({"create": {"_id": None}}, DOC), [201])),
    one("a number for an id", bulk(lines({"create": {"_id": 7}}, DOC, {"create": {"_id": "7"}}, DOC), [201, 409])),
    one("true for an id", bulk(lines({"create": {"_id": True}}, DOC, {"create": {"_id": "true"}}, DOC), [201, 409])),
    one("no index", bulk(GOOD, 400, "/_bulk")),
    one("an unknown parameter", bulk(GOOD, 400, "/IDX/_bulk?nope=1")),
    one("parameters", bulk(GOOD, [201], "/IDX/_bulk?refresh=true&timeout=1m&wait_for_active_shards=1&pretty&human")),
    one("refresh and nothing", bulk(GOOD, [201], "/IDX/_bulk?refresh")),
    one("a refresh of another kind", bulk(GOOD, 400, "/IDX/_bulk?refresh=bad")),
    one("a timeout of another kind", bulk(GOOD, 400, "/IDX/_bulk?timeout=bad")),
    one("a flag of another kind", bulk(GOOD, 400, "/IDX/_bulk?require_alias=x")),
]  # fmt: skip

CONTENT = [
    one(
        "content types",
        bulk(GOOD, [201], headers=JSON),
        bulk(GOOD, [201], headers={"Content-Type": "application/x-ndjson; charset=UTF-8"}),
        bulk(GOOD, [201], headers={"Content-Type": "application/x-ndjson;"}),
        bulk(GOOD, [201], headers={"Content-Type": "Application/X-NDJSON"}),
        bulk(GOOD, [201], headers=NDJSON | {"Accept": "text/html"}),
        bulk(GOOD, 406, headers={}),
        bulk(GOOD, 406, headers={"Content-Type": "text/plain"}),
        bulk(GOOD, 406, headers={"Content-Type": "application/ndjson"}),
        bulk(GOOD, 406, headers={"Content-Type": "application/x-www-form-urlencoded"}),
        bulk(GOOD, 400, headers={"Content-Type": "nonsense"}),
    ),
    one(
        "content types with a version",
        bulk(GOOD, [201], headers=versioned("x-ndjson", 8, 8), opensearch=406),
        bulk(GOOD, [201], headers=versioned("json", 8, 8), opensearch=406),
        bulk(GOOD, [201], headers=versioned("x-ndjson", 7, 7), opensearch=406),
        bulk(GOOD, 400, headers=versioned("x-ndjson", 9, 9), opensearch=406),
        bulk(GOOD, 400, headers=versioned("x-ndjson", 8), opensearch=406),
    ),
    one(
        "an unknown coding is none",
        bulk(GOOD, [201], headers=NDJSON | {"Content-Encoding": "nope"}),
        bulk(GOOD, [201], headers=NDJSON | {"Content-Encoding": "identity"}),
    ),
]

NAMES = [
    one(
        "names of indices",
        *[
            create(DOC, status, index=name)
            for name, status in [
                ("IDX-a.b", 201), ("IDX_b", 201), ("IDX;'&$()=", 201), (".IDX", 201), ("", 400), ("Upper", 400),
                ("_IDX", 400), ("-IDX", 400), ("+IDX", 400), (".", 400), ("..", 400), ("IDX a", 400), ("IDX,a", 400),
                ("IDX*", 400), ("IDX?", 400), ('IDX"', 400), ("IDX<", 400), ("IDX|", 400), ("IDX/a", 400),
                ("IDX\\a", 400), ("IDX:a", 400), ("IDX#a", 400), ("IDX" + "a" * 256, 400), ("é" * 128, 400),
            ]
        ],
    ),
    one("a number for an index", bulk(lines({"create": {"_index": 7}}, DOC), [201], "/_bulk")),
    one("a bad name in the URL", bulk(GOOD, [400], "/UPPER/_bulk")),
]  # fmt: skip

BOTH = lines({"create": {"_id": "1"}}, {"a": 1}, {"create": {"_id": "2"}}, {"a": "x"})
FILTERS = [
    "took,errors,items.*.status,items.*.error.type", "errors", "items.*.status", "-took", "items.create.status", "**.status", "items.index.status",
    "nope", "-items.*._shards", "items", "items.*", "-items", "err*", "items.create._*", "items.*.error,-items.*.error.reason", "",
]  # fmt: skip
"""Of `filter_path`; what is left of the answer to `BOTH` has the same shape on all."""
