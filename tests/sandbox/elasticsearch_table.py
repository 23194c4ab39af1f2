"""Requests, and the statuses that Elasticsearch and OpenSearch answer them with: played ones and real ones alike.

`IDX` in a target or a body stands for a name that is the case's own, so that one server serves all.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Product = Literal["elasticsearch", "opensearch"]
PRODUCTS: tuple[Product, ...] = ("elasticsearch", "opensearch")
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


def shape(value: Any) -> Any:
    """An answer with its texts and numbers left out."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in sorted(value.items()) if key not in _ONE_HAS}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


_ONE_HAS = frozenset({"ingest_took", "caused_by"})
