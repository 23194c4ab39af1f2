"""Requests, and the statuses that Elasticsearch and OpenSearch answer them with: played ones and real ones alike.

`IDX` in a target or a body stands for a name that is the case's own, so that one server serves all.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Product = Literal["elasticsearch", "opensearch"]
Expected = int | Sequence[int]
"""The status of the whole, or those of the items of a 200."""
Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Step:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    expected: Expected
    opensearch: Expected | None = None
    """Where OpenSearch differs."""
    only: Product | None = None
    """Asked of this one alone."""


@dataclass(frozen=True)
class Case:
    name: str
    steps: tuple[Step, ...]

    def run(self, product: Product, send: Send, own: str) -> None:
        for number, step in enumerate(self.steps):
            if step.only not in (None, product):
                continue
            expected = step.expected
            if product == "opensearch" and step.opensearch is not None:
                expected = step.opensearch
            target, body = step.target.replace("IDX", own), step.body.replace(b"IDX", own.encode())
            status, answer = send(step.method, target, step.headers, body)
            told = f"{self.name}, step {number}: {step.method} {target} {body[:200]!r}: {status} {answer[:600]!r}"
            if isinstance(expected, int):
                assert status == expected, told
            else:
                assert status == 200, told
                assert statuses(answer) == list(expected), told


def statuses(answer: bytes) -> list[int]:
    said = json.loads(answer)
    items = [item for row in said["items"] for item in row.values()]
    assert said["errors"] == any("error" in item for item in items)
    return [item["status"] for item in items]


def lines(*parts: Any) -> bytes:
    """Each part on a line of its own: bytes and text as they are, anything else as JSON."""
    made = [
        part
        if isinstance(part, bytes)
        else part.encode()
        if isinstance(part, str)
        else json.dumps(part).encode()
        for part in parts
    ]
    return b"".join([line + b"\n" for line in made])


def bulk(body: bytes, expected: Expected, target: str = "/IDX/_bulk", **more: Any) -> Step:
    headers = more.pop("headers", NDJSON)
    return Step(more.pop("method", "POST"), target, headers, body, expected, **more)


def create(
    document: Any, status: int, opensearch: int | None = None, index: str = "IDX", **meta: Any
) -> Step:
    body = lines({"create": {"_index": index, **meta}}, document)
    return bulk(body, [status], "/_bulk", opensearch=None if opensearch is None else [opensearch])


def put(target: str, body: Any, expected: int = 200, **more: Any) -> Step:
    return Step("PUT", target, JSON, json.dumps(body).encode(), expected, **more)


def ask(method: str, target: str, expected: int, body: Any = None, **more: Any) -> Step:
    headers = more.pop("headers", JSON if body is not None else {})
    return Step(method, target, headers, b"" if body is None else json.dumps(body).encode(), expected, **more)


def versioned(kind: str, content: int, accept: int | None = None) -> Mapping[str, str]:
    """What Elastic's own clients say of the version that they speak."""
    headers = {"Content-Type": f"application/vnd.elasticsearch+{kind}; compatible-with={content}"}
    if accept is not None:
        headers["Accept"] = f"application/vnd.elasticsearch+json; compatible-with={accept}"
    return headers


DOC = {"message": "a"}
GOOD = lines({"create": {}}, DOC)


def one(name: str, *steps: Step) -> Case:
    return Case(name, steps)


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

DOCUMENTS = [
    one(
        "documents",
        *[
            create(document, status, opensearch)
            for document, status, opensearch in [
                ("{}", 201, None), ("[1]", 500, 400), ("1", 500, 400), ('"x"', 500, 400), ("null", 500, 400),
                ("   ", 500, 400), ('{"a":', 400, None), ('{"a":1}}', 400, None), ('{"a":1} x', 400, None),
                ('{"a":1}{"a":2}', 400, None), ('{"a":1,}', 400, None), ("{'a':1}", 400, None), ('{"n":NaN}', 400, None),
                ('{"a":1,"a":1}', 400, None), ('{"d" :1,"d":1}', 400, None), ('{"o":{"a":1,"a":1}}', 400, None),
                ('{"t":"\\"a\\":1"}', 201, None), ('{"q":"a\\":"}', 201, None),
                (b'{"u":"\xff"}', 400, None), (b'{"u":"\x01"}', 400, None), ('{"u":"\\x"}', 400, None),
                ('{"s":"\\ud800"}', 201, None), ('{"":1}', 400, None), ('{".":1}', 400, None), ('{"p..q":1}', 400, None),
                ('{".a":1}', 400, None), ('{"z.":1}', 201, None), ('{"p.q":1}', 201, None), ('{" ":1}', 400, 201),
                ('{"_id":"1"}', 400, None), ('{"_source":1}', 400, None), ('{"_index":"a"}', 400, None),
                ('{"_routing":"a"}', 400, None), ('{"_foo":"a"}', 201, None), ('{"_type":"a"}', 201, None),
                ('{"o1":{"_id":"1"}}', 201, None), ('{"b":123456789012345678901234567890}', 400, None),
                ('{"f":1e999}', 400, None), ('{"l":"%s"}' % ("x" * 40000), 201, None),
            ]
        ],
    ),
    one("objects in objects", create('{"a":' * 20 + "1" + "}" * 20, 201), create('{"a":' * 21 + "1" + "}" * 21, 400)),
    one("too many fields", create({f"f{n}": n for n in range(1001)}, 400), create({f"f{n}": n for n in range(1000)}, 201)),
    one("the same with text", create({f"f{n}": "x" for n in range(501)}, 400), create({f"f{n}": "x" for n in range(500)}, 201)),
]  # fmt: skip

FIELDS: dict[str, Sequence[tuple[str, int]]] = {
    "long": [
        ("7", 201), ('"7"', 201), ("1.5", 201), ('"1.5"', 201), ("1e3", 201), ('""', 201), ("null", 201), ("[]", 201),
        ("[1,null,2]", 201), ("[[1]]", 201), ("9223372036854775807", 201), ('"x"', 400), ('" 7 "', 400), ("true", 400),
        ("{}", 400), ('{"a":1}', 400), ('["a"]', 400), ("9223372036854775808", 400), ('"1e400"', 400), ("1e30", 400),
    ],
    "integer": [("2147483647", 201), ("-2147483648", 201), ("2147483648", 400), ('"x"', 400)],
    "short": [("32767", 201), ("40000", 400)],
    "byte": [("-128", 201), ("200", 400)],
    "float": [
        ("1", 201), ('"1.5"', 201), ('" 1.5 "', 201), ('"1f"', 201), ('""', 201), ("1e38", 201), ("1e39", 400),
        ('"NaN"', 400), ('"0x1"', 400), ('"x"', 400), ("true", 400), ("{}", 400),
    ],
    "half_float": [("1", 201), ("65504", 201), ("70000", 400)],
    "double": [("1e39", 201), ("1e308", 201), ("1e309", 400), ('"x"', 400)],
    "text": [("1", 201), ("true", 201), ("1.5", 201), ('[["a"]]', 201), ('"%s"' % ("x" * 40000), 201), ("{}", 400), ('[{"a":1}]', 400)],
    "keyword": [("1", 201), ("true", 201), ('"%s"' % ("x" * 32766), 201), ('"%s"' % ("x" * 32767), 400), ('{"a":1}', 400)],
    "boolean": [
        ("true", 201), ('"true"', 201), ('"false"', 201), ('""', 201), ("null", 201), ("[true]", 201),
        ('"yes"', 400), ('"True"', 400), ("1", 400), ("0", 400), ("{}", 400),
    ],
    "date": [
        ('"2026-01-01"', 201), ('"2026-01"', 201), ('"2026"', 201), ('"2026-01-01T00:00:00Z"', 201),
        ('"2026-01-01T00:00:00"', 201), ('"2026-01-01T00"', 201), ('"2026-01-01T00:00"', 201), ('"2026-01-01T"', 201),
        ('"2026-01-01T00:00:00.123456789+02:00"', 201), ('"2026-01-01T00:00:00,123Z"', 201),
        ('"2026-01-01T00:00:00+0200"', 201), ("1700000000000", 201), ("1700000000.5", 201), ('"1700000000000"', 201),
        ("-1", 201), ("null", 201), ("[1,2]", 201), ('"2026-01-01 00:00:00"', 400), ('"2026/01/01"', 400),
        ('"2026-13-01"', 400), ('"2026-02-30"', 400), ('"2026-01-01T24:00:00Z"', 400), ('"2026-01-01T00:00:60Z"', 400),
        ('"2026-1-1"', 400), ('"yesterday"', 400), ('""', 400), ("true", 400), ("{}", 400),
    ],
    "ip": [('"1.2.3.4"', 201), ('"::1"', 201), ('"x"', 400), ("1", 400), ('""', 400), ("null", 201)],
    "object": [("{}", 201), ("null", 201), ("[]", 201), ("[{}]", 201), ("[null]", 201), ("1", 400), ('"x"', 400), ("[1]", 400), ('{"z":1}', 400)],
}  # fmt: skip

TYPES = [
    one(
        f"fields of type {kind}",
        put("/IDX", {"mappings": {"dynamic": "strict", "properties": {"v": {"type": kind}}}}),
        *[create(f'{{"v":{value}}}', status) for value, status in values],
    )
    for kind, values in FIELDS.items()
]

DATES = {"type": "date", "format": "epoch_second||yyyy-MM-dd HH:mm:ss"}
MAPPINGS = [
    one(
        "a strict mapping",
        put("/IDX", {"mappings": {"dynamic": "strict", "properties": {"n": {"type": "long"}, "o": {"properties": {"x": {"type": "long"}}}}}}),
        *[
            create(document, status)
            for document, status in [
                ('{"n":1}', 201), ('{"z":1}', 400), ('{"z":null}', 400), ('{"z":[]}', 400), ('{"o":{"x":1}}', 201), ('{"o.x":1}', 201),
                ('{"o":{"y":1}}', 400), ('{"o.y":1}', 400), ('{"n.x":1}', 400), ('{"o":[{"x":1},{"x":2}]}', 201), ('{"o":[{"x":1},{"x":"z"}]}', 400),
            ]
        ],
    ),
    one(
        "a mapping that does not look at others",
        put("/IDX", {"mappings": {"dynamic": False, "properties": {"n": {"type": "long"}, "o": {"dynamic": True, "properties": {}}}}}),
        *[
            create(document, status)
            for document, status in [('{"z":{"y":1}}', 201), ('{"z":"x"}', 201), ('{"n":"x"}', 400), ('{"o":{"q":1}}', 201), ('{"o":{"q":"x"}}', 400)]
        ],
    ),
    one(
        "dates in a format of their own",
        put("/IDX", {"mappings": {"properties": {"t": DATES}}}),
        *[
            create(f'{{"t":{value}}}', status)
            for value, status in [("1700000000", 201), ('"2026-01-01 00:00:00"', 201), ('"2026-01-01T00:00:00Z"', 400), ('"2026-01-01"', 400)]
        ],
    ),
    one(
        "types by the first value",
        create('{"a":1,"b":"x","c":{"d":1},"e":true,"f":1.5,"g":"2026-01-01","h":[1],"i":null,"j":[],"k":["x"],"m":"12","n":{},"o":[{"x":1}]}', 201),
        *[
            create(document, status)
            for document, status in [
                ('{"a":"x"}', 400), ('{"a":"7"}', 201), ('{"a":1.5}', 201), ('{"a":true}', 400), ('{"a":{"z":1}}', 400), ('{"b":1}', 201),
                ('{"b":{"x":1}}', 400), ('{"c":1}', 400), ('{"c":{"d":"x"}}', 400), ('{"c":[{"d":1},{"d":2}]}', 201), ('{"e":"x"}', 400),
                ('{"e":1}', 400), ('{"f":"x"}', 400), ('{"f":1}', 201), ('{"g":"x"}', 400), ('{"g":1}', 201), ('{"h":"x"}', 400), ('{"i":1}', 201),
                ('{"i":{"q":1}}', 400), ('{"j":"x"}', 201), ('{"k":{"x":1}}', 400), ('{"m":"x"}', 201), ('{"n":1}', 400), ('{"o":1}', 400),
                ('{"b.z":1}', 400), ('{"c.d":5}', 201), ('{"a.b":1}', 400), ('{"g":"2026/01/01"}', 400),
                ('{"s":"2026/01/01 00:00:00"}', 201), ('{"s":"2026/01/01"}', 201), ('{"s":"2026-01-01"}', 400), ('{"s":"x"}', 400),
                ('{"s3":"2026-01-01 00:00:00"}', 201), ('{"s3":"x"}', 201), ('{"s4":"2026"}', 201), ('{"s4":"x"}', 201),
                ('{"s5":"2026-01"}', 201), ('{"s5":"x"}', 400), ('{"s6":"20260101"}', 201), ('{"s6":"x"}', 201),
                ('{"s7":"2026-01-01T00:00:00Z"}', 201), ('{"s7":"x"}', 400), ('{"s8":"2026/1/1"}', 201), ('{"s8":"x"}', 201),
                ('{"x1":[1,"x"]}', 400), ('{"x2":["x",1]}', 400), ('{"x3":[1,1.5]}', 400), ('{"x4":[{"a":1},{"a":"x"}]}', 400),
                ('{"x1":"x"}', 201), ('{"x5":[null,1]}', 201), ('{"x6":[[1],[2]]}', 201),
            ]
        ],
    ),
    one("what did not fit teaches nothing", create('{"a":1}', 201), create('{"new":1,"a":"x"}', 400), create('{"new":"x"}', 201)),
    one("a conflict is seen after the document was read", create('{"a":1}', 201, _id="1"), create('{"a":"x"}', 400, _id="1")),
    one(
        "a mapping that cannot be",
        put("/IDX", {"mappings": {"properties": {"n": {"type": "nonsense"}}}}, 400),
        put("/IDX", {"mapping": {}}, 400),
        Step("PUT", "/IDX", JSON, b'{"x', 400),
    ),
]  # fmt: skip

STAMP = {"@timestamp": "2026-01-01T00:00:00Z"}
STREAM = {"index_patterns": ["IDX-*"], "data_stream": {}, "priority": 1}
STREAMS = [
    one(
        "data streams",
        put("/_index_template/IDX", {**STREAM, "template": {"mappings": {"properties": {"n": {"type": "long"}}}}}),
        create(STAMP | {"n": 1}, 201, index="IDX-a", _id="1"),
        create(STAMP | {"n": 1}, 409, index="IDX-a", _id="1"),
        create(STAMP, 201, index="IDX-a"),
        *[
            create(f'{{"@timestamp":{value}}}', status, index="IDX-a")
            for value, status in [("1700000000000", 201), ("1700000000.5", 201), ('["2026-01-01"]', 201), ("null", 400), ('"x"', 400), ('["2026-01-01","2026-01-02"]', 400)]
        ],
        create({"n": 1}, 400, index="IDX-a"),
        create({"a": STAMP}, 400, index="IDX-a"),
        create(STAMP | {"n": "x"}, 400, index="IDX-a"),
        bulk(lines({"index": {}}, STAMP), [400], "/IDX-a/_bulk"),
        bulk(lines({"index": {}}, STAMP), [400], "/IDX-b/_bulk"),
        bulk(lines({"delete": {"_id": "1"}}), [400], "/IDX-a/_bulk"),
        bulk(lines({"update": {"_id": "1"}}, {"doc": {}}), [400], "/IDX-a/_bulk"),
        put("/IDX-x", {}, 400),
        ask("POST", "/IDX-a/_refresh", 200),
        ask("GET", "/IDX-a/_count", 200),
    ),
    one(
        "a stream is demanded",
        put("/_index_template/IDX", STREAM),
        bulk(lines({"create": {}}, STAMP), [201], "/IDX-a/_bulk?require_data_stream=true", opensearch=400),
        bulk(lines({"create": {"require_data_stream": True}}, STAMP), [201], "/IDX-a/_bulk", opensearch=400),
        bulk(GOOD, [404], "/IDX/_bulk?require_data_stream=true", opensearch=400),
    ),
]  # fmt: skip

INDICES = [
    one("an index is made once", put("/IDX", {}), put("/IDX", {}, 400), Step("PUT", "/IDX-2", {}, b"", 200), put("/IDX-B", {}, 400)),
    one(
        "templates",
        put("/_index_template/IDX", {"index_patterns": ["IDX-*"], "priority": 2, "template": {"mappings": {"dynamic": "strict", "properties": {"n": {"type": "long"}}}}}),
        create({"n": 1}, 201, index="IDX-1"),
        create({"x": 1}, 400, index="IDX-1"),
        put("/_index_template/IDX-bad", {"index_pattern": ["IDX-*"]}, 400),
        ask("GET", "/_index_template/IDX", 200),
        ask("DELETE", "/_index_template/IDX", 200),
        ask("DELETE", "/_index_template/IDX", 404),
        ask("GET", "/_index_template/IDX", 404),
    ),
    one(
        "blocks",
        put("/IDX", {}),
        put("/IDX/_settings", {"index.blocks.write": True}),
        create(DOC, 403),
        put("/IDX/_settings", {"index": {"blocks": {"write": False}}}),
        create(DOC, 201),
        put("/IDX/_settings", {"blocks.read_only": True}),
        create(DOC, 403),
        put("/IDX/_settings", {"settings": {"index.blocks.read_only": False}}),
        put("/IDX/_settings", {"index.blocks.read_only_allow_delete": True}),
        create(DOC, 429),
        create("{", 429),
        bulk(lines({"delete": {"_id": "1"}}), [429]),
        put("/IDX/_settings", {"index.blocks.read_only_allow_delete": None}),
        create(DOC, 201),
        put("/IDX/_settings", {"index.blocks.nope": True}, 400),
        put("/IDX-none/_settings", {"index.blocks.write": True}, 404),
    ),
    one(
        "aliases",
        put("/IDX-1", {"aliases": {"IDX": {"is_write_index": True}}}),
        create(DOC, 201, require_alias=True),
        create(DOC, 201),
        create(DOC, 404, index="IDX-1", require_alias=True),
        create(DOC, 404, index="IDX-2", require_alias=True),
        bulk(GOOD, [201], "/IDX/_bulk?require_alias=true"),
        bulk(GOOD, [404], "/IDX-1/_bulk?require_alias=true"),
        put("/IDX-3", {"aliases": {"IDX-b": {}}}),
        create(DOC, 201, index="IDX-b"),
        put("/IDX-4", {"aliases": {"IDX-b": {}}}),
        create(DOC, 400, index="IDX-b"),
        ask("GET", "/IDX/_count", 200),
    ),
    one(
        "updates and deletions",
        create({"a": 1}, 201, _id="1"),
        bulk(lines({"update": {"_id": "1"}}, {"doc": {"a": 2}}), [200]),
        bulk(lines({"update": {"_id": "1"}}, {"doc": {"a": 2}}), [200]),
        bulk(lines({"update": {"_id": "9"}}, {"doc": {"a": 2}}), [404]),
        bulk(lines({"update": {"_id": "9"}}, {"doc": {"a": 2}, "doc_as_upsert": True}), [201]),
        bulk(lines({"update": {"_id": "8"}}, {"doc": {"a": 2}, "upsert": {"a": 3}}), [201]),
        bulk(lines({"update": {"_id": "1"}}, {"a": 2}), 400),
        bulk(lines({"update": {}}, {"doc": {"a": 2}}), 400),
        bulk(lines({"delete": {"_id": "1"}}), [200]),
        bulk(lines({"delete": {"_id": "1"}}), [404]),
        bulk(lines({"delete": {}}), 400),
        bulk(lines({"delete": {"_id": "1"}}), [404], "/IDX-none/_bulk"),
        create({"a": 1}, 201, _id="1"),
    ),
    one(
        "reading back",
        *[create({"n": n}, 201, _id=f"id{n}") for n in range(3)],
        ask("POST", "/IDX/_refresh", 200),
        ask("GET", "/IDX/_count", 200),
        ask("GET", "/IDX/_search?size=2", 200),
        ask("POST", "/IDX/_search", 200, {"query": {"match_all": {}}, "size": 1, "sort": [{"_doc": "asc"}], "search_after": [0]}),
        ask("POST", "/IDX/_search", 400, {"sort": ["_id"]}, opensearch=200),
        ask("POST", "/IDX/_search", 200, {"query": {"ids": {"values": ["id1", "none"]}}}),
        ask("POST", "/IDX/_search", 400, {"size": 20000}),
        ask("GET", "/IDX/_search?size=-2", 400),
        ask("POST", "/IDX/_search", 400, {"query": {"nope": {}}}),
        ask("PUT", "/IDX/_search", 405, {}),
        ask("GET", "/IDX/_doc/id1", 200),
        ask("HEAD", "/IDX/_doc/id1", 200),
        ask("GET", "/IDX/_doc/none", 404),
        ask("GET", "/IDX-none/_doc/none", 404),
        ask("GET", "/IDX-none/_search", 404),
        ask("GET", "/IDX-none/_count", 404),
        ask("POST", "/IDX-none/_refresh", 404),
        ask("GET", "/IDX-none*/_search", 200),
        ask("GET", "/IDX/_mapping", 200),
    ),
    one(
        "an index by itself",
        create(DOC, 201),
        ask("HEAD", "/IDX", 200),
        ask("GET", "/IDX", 200),
        ask("POST", "/IDX", 405, {}),
        ask("DELETE", "/IDX", 200),
        ask("DELETE", "/IDX", 404),
        ask("HEAD", "/IDX", 404),
        ask("GET", "/IDX", 404),
    ),
    one(
        "the cluster by itself",
        ask("GET", "/_cluster/health", 200),
        ask("GET", "/_nope", 400),
        ask("GET", "/a/b/c", 400),
        ask("POST", "/_refresh", 200),
        ask("POST", "/", 405, {}),
    ),
]  # fmt: skip

CASES = [*BODIES, *CONTENT, *NAMES, *DOCUMENTS, *TYPES, *MAPPINGS, *STREAMS, *INDICES]

BOTH = lines({"create": {"_id": "1"}}, {"a": 1}, {"create": {"_id": "2"}}, {"a": "x"})
FILTERS = [
    "took,errors,items.*.status,items.*.error.type", "errors", "items.*.status", "-took", "items.create.status", "**.status", "items.index.status",
    "nope", "-items.*._shards", "items", "items.*", "-items", "err*", "items.create._*", "items.*.error,-items.*.error.reason", "",
]  # fmt: skip
"""Of `filter_path`; what is left of the answer to `BOTH` has the same shape on all."""


def shape(value: Any) -> Any:
    """An answer with its texts and numbers left out."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in sorted(value.items()) if key not in _ONE_HAS}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


_ONE_HAS = frozenset({"ingest_took", "caused_by"})
