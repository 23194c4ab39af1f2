"""`_bulk`, item by item: what is written, and what each item is answered.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

import msgspec

from penstock.sandbox.elasticsearch_actions import Action
from penstock.sandbox.elasticsearch_cluster import Cluster, Document, Index
from penstock.sandbox.elasticsearch_documents import document
from penstock.sandbox.elasticsearch_errors import REJECTED, Trouble, illegal, objects
from penstock.sandbox.service import Accepted, Spoil

SpoiledAs = Literal["rejected", "unavailable", "malformed"]
_SHARDS: Final = {"total": 2, "successful": 1, "failed": 0}


@dataclass(slots=True)
class Outcome:
    """What became of a request's actions."""

    items: list[dict[str, Any]] = field(default_factory=list)
    """As they stand in the answer, in the order of the actions."""
    errors: bool = False
    accepted: list[Accepted] = field(default_factory=list)
    refused: int = 0
    """Documents that will never be taken."""
    repeated: int = 0
    """Documents under an id that was there already."""


class Bulk:
    """Carries actions out."""

    def __init__(self, cluster: Cluster, spoiled: SpoiledAs, writable: Sequence[str]) -> None:
        """`writable`: patterns of the names that may be written to."""
        self._cluster = cluster
        self._spoiled: SpoiledAs = spoiled
        self._writable = writable
        self._all_writable = "*" in writable

    def run(self, actions: Sequence[Action], spoil: Spoil, now: float) -> Outcome:
        """All of them, in order; `spoil` is asked by their number."""
        outcome = Outcome()
        for number, action in enumerate(actions):
            try:
                said = self._carry_out(action, outcome, now, spoiled=spoil(number))
            except Trouble as exc:
                said = self._failed(action, exc, outcome)
            outcome.items.append({action.verb: said})
        return outcome

    def _carry_out(self, action: Action, outcome: Outcome, now: float, *, spoiled: bool) -> dict[str, Any]:
        if not self._all_writable and not any(
            fnmatchcase(action.index, pattern) for pattern in self._writable
        ):
            raise Trouble(
                403,
                "security_exception",
                f"action [indices:data/write/bulk[s]] is unauthorized on indices [{action.index}], this action is "
                "granted by the index privileges [create_doc,create,index,write,all]",
            )
        if action.id == "":
            raise illegal("if _id is specified it must not be empty")
        if action.pipeline not in ("", "_none"):
            raise illegal(f"pipeline with id [{action.pipeline}] does not exist")
        index = self._cluster.written_to(
            action.index, action.verb, now, alias=action.alias, stream=action.stream
        )
        if index.stream == action.index and action.verb != "create":
            raise illegal("only write ops with an op_type of create are allowed in data streams")
        action.index = index.name
        index.check_blocks()
        if spoiled:
            raise self._spoil(index)
        if action.verb == "delete":
            return self._delete(index, action)
        if action.verb == "update":
            return self._update(index, action, outcome)
        return self._write(index, action, outcome)

    def _write(self, index: Index, action: Action, outcome: Outcome) -> dict[str, Any]:
        if action.id is None:
            action.id = self._cluster.new_id()
        before = index.documents.get(action.id)
        value = document(action.source, self._cluster.product)
        index.mapping.take(value, action.id)
        if action.verb == "create" and before is not None:
            raise _conflict(index, action.id, before)
        return self._put(index, action.id, action.source, outcome)

    def _put(self, index: Index, doc_id: str, source: bytes, outcome: Outcome) -> dict[str, Any]:
        written, is_new = self._cluster.write(index, doc_id, source)
        if is_new:
            outcome.accepted.append(Accepted(doc_id, source))
        return _said(index, doc_id, written, "created" if is_new else "updated", 201 if is_new else 200)

    def _update(self, index: Index, action: Action, outcome: Outcome) -> dict[str, Any]:
        """The new fields in the place of the old ones, not in depth."""
        said = document(action.source, self._cluster.product)
        doc_id = action.id or ""
        before = index.documents.get(doc_id)
        if before is None and not said.get("doc_as_upsert") and "upsert" not in said:
            raise Trouble(
                404, "document_missing_exception", f"[{doc_id}]: document missing", index=index.name
            )
        if before is None:
            value = objects(said.get("doc" if said.get("doc_as_upsert") else "upsert"), "doc")
        else:
            old = document(before.source or b"{}", self._cluster.product)
            value = {**old, **objects(said.get("doc"), "doc")}
            if value == old:
                return _said(index, doc_id, before, "noop", 200)
        index.mapping.take(value, doc_id)
        return self._put(index, doc_id, msgspec.json.encode(value), outcome)

    def _delete(self, index: Index, action: Action) -> dict[str, Any]:
        doc_id = action.id or ""
        gone = self._cluster.remove(index, doc_id)
        if gone is None:
            return _said(index, doc_id, Document(1, index.next_seq, None), "not_found", 404)
        return _said(index, doc_id, gone, "deleted", 200)

    def _spoil(self, index: Index) -> Trouble:
        match self._spoiled:
            case "rejected":
                return Trouble(
                    429,
                    REJECTED[self._cluster.product],
                    f"rejected execution of primary operation on [{index.name}][0]: the write queue is full",
                )
            case "unavailable":
                reason = f"[{index.name}][0] primary shard is not active Timeout: [1m]"
                return Trouble(503, "unavailable_shards_exception", reason)
            case "malformed":
                return illegal("failed to parse: the sandbox was told to refuse this one")

    def _failed(self, action: Action, trouble: Trouble, outcome: Outcome) -> dict[str, Any]:
        outcome.errors = True
        if trouble.status == 409:
            outcome.repeated += 1
        elif trouble.status in (400, 404):
            outcome.refused += 1
        return {"_index": action.index, "_id": action.id, "status": trouble.status, "error": trouble.error}


def _conflict(index: Index, doc_id: str, before: Document) -> Trouble:
    return Trouble(
        409,
        "version_conflict_engine_exception",
        f"[{doc_id}]: version conflict, document already exists (current version [{before.version}])",
        index_uuid=index.uuid,
        shard="0",
        index=index.name,
    )


def _said(index: Index, doc_id: str, written: Document, result: str, status: int) -> dict[str, Any]:
    return {
        "_index": index.name,
        "_id": doc_id,
        "_version": written.version,
        "result": result,
        "_shards": _SHARDS,
        "_seq_no": written.seq,
        "_primary_term": 1,
        "status": status,
    }
