"""Reading back what was written: `_search`, `_count` and single documents, as far as that needs no search engine.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-search
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from penstock.sandbox.elasticsearch_cluster import Cluster, Document, Index
from penstock.sandbox.elasticsearch_errors import Trouble, illegal, unplayed

_WINDOW: Final = 10_000
_KNOWN: Final = frozenset(
    {"query", "size", "from", "sort", "search_after", "_source", "track_total_hits", "timeout", "version"}
    | {"seq_no_primary_term"}
)
_SHARDS: Final = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
_Row = tuple[Index, str, Document]


def count(cluster: Cluster, expression: str, body: dict[str, Any]) -> dict[str, Any]:
    """`_count`. Raises `Trouble`."""
    indices = cluster.found(expression)
    query = body.get("query") or {"match_all": {}}
    number = (
        sum([index.count for index in indices]) if "match_all" in query else len(_matching(indices, query))
    )
    return {"count": number, "_shards": _SHARDS}


def search(cluster: Cluster, expression: str, body: dict[str, Any]) -> dict[str, Any]:
    """`_search` with `match_all` or `ids`, sorted by `_doc`, `_seq_no` or `_id`. Raises `Trouble`."""
    if unknown := [key for key in body if key not in _KNOWN]:
        raise unplayed(f"[{unknown[0]}] of a search")
    indices = cluster.found(expression)
    size, begin = _number(body, "size", 10), _number(body, "from", 0)
    if size + begin > _WINDOW:
        raise illegal(
            f"Result window is too large, from + size must be less than or equal to: [{_WINDOW}] but was "
            f"[{size + begin}]."
        )
    rows = _matching(indices, body.get("query") or {"match_all": {}})
    total = len(rows)
    keys: list[Any] | None = None
    if "sort" in body:
        rows, keys = _sorted(rows, body["sort"], cluster)
        begin += _past(keys, body.get("search_after"))
    page = rows[begin : begin + size]
    hits = [_hit(row, None if keys is None else keys[begin + at], body) for at, row in enumerate(page)]
    found: dict[str, Any] = {"total": {"value": total, "relation": "eq"}}
    if body.get("track_total_hits") is False:
        found = {}
    scored = keys is None and bool(hits)
    return {
        "took": 0,
        "timed_out": False,
        "_shards": _SHARDS,
        "hits": {**found, "max_score": 1.0 if scored else None, "hits": hits},
    }


def one(cluster: Cluster, expression: str, doc_id: str) -> dict[str, Any]:
    """`GET /index/_doc/id`; `found` says whether it is there. Raises `Trouble`."""
    found = [index for index in cluster.found(expression) if doc_id in index.documents]
    if not found:
        return {"_index": expression, "_id": doc_id, "found": False}
    index = found[0]
    document = index.documents[doc_id]
    return {
        "_index": index.name,
        "_id": doc_id,
        "_version": document.version,
        "_seq_no": document.seq,
        "_primary_term": 1,
        "found": True,
        **_source(document),
    }


def _past(keys: list[Any], after: Any) -> int:
    """How many rows `search_after` passes over."""
    if after is None or not keys:
        return 0
    if not isinstance(after, list) or len(after) != 1 or type(after[0]) is not type(keys[0]):
        raise illegal("search_after has 1 value of the kind that [sort] gives")
    return sum([key <= after[0] for key in keys])


def _matching(indices: Sequence[Index], query: dict[str, Any]) -> list[_Row]:
    match query:
        case {"match_all": dict()}:
            return [
                (index, doc_id, document) for index in indices for doc_id, document in index.documents.items()
            ]
        case {"ids": {"values": list(values)}}:
            wanted = dict.fromkeys([str(value) for value in values])
            return [
                (index, doc_id, index.documents[doc_id])
                for index in indices
                for doc_id in wanted
                if doc_id in index.documents
            ]
        case _:
            raise unplayed(f"the query [{next(iter(query), '')}]: take match_all or ids")


def _sorted(rows: list[_Row], said: Any, cluster: Cluster) -> tuple[list[_Row], list[Any]]:
    first = said[0] if isinstance(said, list) and len(said) == 1 else said
    name, order = next(iter(first.items())) if isinstance(first, dict) and first else (first, "asc")
    if isinstance(order, dict):
        order = order.get("order", "asc")
    if order != "asc" or name not in ("_doc", "_seq_no", "_id"):
        raise unplayed(f"sorting by [{name}] {order}: take _doc, _seq_no or _id, ascending")
    if name == "_id" and cluster.product == "elasticsearch":
        raise illegal(
            "Fielddata access on the _id field is disallowed, you can re-enable it by updating the dynamic cluster "
            "setting: indices.id_field_data.enabled"
        )
    if name == "_id":
        rows = sorted(rows, key=lambda row: row[1])
        return rows, [row[1] for row in rows]
    rows = sorted(rows, key=lambda row: row[2].seq)
    return rows, list(range(len(rows))) if name == "_doc" else [row[2].seq for row in rows]


def _hit(row: _Row, key: Any, body: dict[str, Any]) -> dict[str, Any]:
    index, doc_id, document = row
    hit: dict[str, Any] = {"_index": index.name, "_id": doc_id, "_score": 1.0 if key is None else None}
    if body.get("version"):
        hit["_version"] = document.version
    if body.get("_source") is not False:
        hit |= _source(document)
    if key is not None:
        hit["sort"] = [key]
    return hit


def _source(document: Document) -> dict[str, Any]:
    return {} if document.source is None else {"_source": msgspec.Raw(document.source)}


def _number(body: dict[str, Any], name: str, usual: int) -> int:
    value = body.get(name, usual)
    if not isinstance(value, int) or value < 0:
        raise illegal(f"[{name}] parameter cannot be negative, found [{value}]")
    return value


def body_of(raw: bytes, parameters: dict[str, str]) -> dict[str, Any]:
    """The body of a search, with what the URL says beside it. Raises `Trouble`."""
    try:
        body = msgspec.json.decode(raw) if raw.strip() else {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Trouble(400, "parse_exception", f"Failed to parse content to map: {exc}") from exc
    if not isinstance(body, dict):
        raise Trouble(400, "parsing_exception", "Expected [START_OBJECT]")
    for name in ("size", "from"):
        if name in parameters:
            try:
                body[name] = int(parameters[name])
            except ValueError as exc:
                raise illegal(
                    f"Failed to parse int parameter [{name}] with value [{parameters[name]}]"
                ) from exc
    return body
