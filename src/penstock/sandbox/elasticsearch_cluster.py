"""The indices, data streams, aliases and templates of a played cluster, and the documents in them."""

import itertools
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Mapping as Fields
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from penstock.sandbox.elasticsearch_errors import Product, Trouble, illegal, no_index, objects
from penstock.sandbox.elasticsearch_mapping import Mapping
from penstock.sandbox.elasticsearch_names import check_name

_MOST_SHARDS: Final = 1000
_SHARDS_EACH: Final = 2
"""A primary and its replica, as an index has by default."""
MOST_IDS: Final = 500_000
"""Documents whose ids are remembered; an id that comes again later than that is taken as new."""
BESIDE: Final = 200
"""Bytes of memory that a document takes beside its own."""
_BLOCKS: Final = {
    "write": (403, "FORBIDDEN/8/index write (api)"),
    "read_only": (403, "FORBIDDEN/5/index read-only (api)"),
    "read_only_allow_delete": (
        429,
        "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block",
    ),
}


@dataclass(slots=True)
class Document:
    """One document."""

    version: int
    seq: int
    source: bytes | None
    """None once there were too many to keep all."""


@dataclass(slots=True)
class Index:
    """One index; the documents are in the order in which they were written."""

    name: str
    uuid: str
    mapping: Mapping
    stream: str = ""
    """The data stream that it is behind."""
    blocks: set[str] = field(default_factory=set)
    documents: dict[str, Document] = field(default_factory=dict)
    next_seq: int = 0
    forgotten: int = 0
    """Documents whose ids are not remembered any more."""

    @property
    def count(self) -> int:
        """Documents in it."""
        return len(self.documents) + self.forgotten

    def check_blocks(self) -> None:
        """Raises `Trouble` where nothing may be written."""
        for block in self.blocks:
            status, words = _BLOCKS[block]
            raise Trouble(status, "cluster_block_exception", f"index [{self.name}] blocked by: [{words}];")


@dataclass(frozen=True, slots=True)
class Template:
    """What indices of certain names begin with."""

    patterns: tuple[str, ...]
    priority: int
    body: Fields[str, Any]
    """Mappings, settings and aliases."""
    stream: bool
    """Names of these patterns are data streams."""


class Cluster:
    """All that the played service holds."""

    def __init__(self, product: Product, *, auto_create: bool, keep: int) -> None:
        """`keep` bounds the memory for documents that can be read back; the ids stay, up to `MOST_IDS`."""
        self.product: Product = product
        self.indices: dict[str, Index] = {}
        self.streams: dict[str, str] = {}
        """Data streams, with the index that is written to."""
        self.aliases: dict[str, dict[str, bool]] = {}
        """By alias its indices, and whether they are the one that is written to."""
        self.templates: dict[str, Template] = {}
        self._auto_create = auto_create
        self._keep = keep
        self._kept = 0
        self._latest: deque[Document] = deque()
        self._ids = 0
        self._serial = itertools.count(1)

    def new_id(self) -> str:
        """An id of the service's own making."""
        return urlsafe_b64encode(next(self._serial).to_bytes(15, "big")).decode()

    def create(self, name: str, body: Fields[str, Any], *, stream: str = "") -> Index:
        """A new index with `mappings`, `settings` and `aliases`. Raises `Trouble`."""
        check_name(name)
        if name in self.indices or name in self.aliases or name in self.streams:
            raise Trouble(
                400, "resource_already_exists_exception", f"index [{name}] already exists", index=name
            )
        if unknown := [key for key in body if key not in ("mappings", "settings", "aliases")]:
            raise Trouble(400, "parse_exception", f"unknown key [{unknown[0]}] for create index")
        if (len(self.indices) + 1) * _SHARDS_EACH > _MOST_SHARDS:
            raise Trouble(
                400,
                "validation_exception",
                f"Validation Failed: 1: this action would add [{_SHARDS_EACH}] shards, but this cluster currently has "
                f"[{len(self.indices) * _SHARDS_EACH}]/[{_MOST_SHARDS}] maximum normal shards open;",
            )
        mapping = Mapping(objects(body.get("mappings"), "mappings"), self.product, stamped=bool(stream))
        index = Index(name, self.new_id(), mapping, stream)
        self.change(index, objects(body.get("settings"), "settings"))
        self.indices[name] = index
        for alias, said in objects(body.get("aliases"), "aliases").items():
            self.aliases.setdefault(alias, {})[name] = bool(objects(said, alias).get("is_write_index"))
        return index

    def change(self, index: Index, settings: Fields[str, Any]) -> None:
        """Settings of an index, in any of the three ways to write them; those that are not played have no effect."""
        flat = {key.removeprefix("index."): value for key, value in _flat(settings, "")}
        for block in _BLOCKS:
            if f"blocks.{block}" in flat:
                wanted = str(flat[f"blocks.{block}"]).lower() == "true"
                (index.blocks.add if wanted else index.blocks.discard)(block)
        if unknown := [
            key for key in flat if key.startswith("blocks.") and key.removeprefix("blocks.") not in _BLOCKS
        ]:
            raise illegal(f"unknown setting [index.{unknown[0]}]")

    def delete(self, name: str) -> None:
        """One index. Raises `Trouble`."""
        if name not in self.indices:
            raise no_index(name)
        gone = self.indices.pop(name)
        self._ids -= len(gone.documents)
        self.streams = {stream: index for stream, index in self.streams.items() if index != name}
        for targets in self.aliases.values():
            targets.pop(name, None)
        self.aliases = {alias: targets for alias, targets in self.aliases.items() if targets}

    def found(self, expression: str) -> list[Index]:
        """The indices that names and patterns with commas between stand for. Raises `Trouble` for a missing name."""
        found: dict[str, Index] = {}
        for part in expression.split(","):
            if part in ("", "_all") or "*" in part:
                names = [name for name in self.indices if fnmatchcase(name, part if "*" in part else "*")]
                names += [self.streams[name] for name in self.streams if fnmatchcase(name, part)]
            elif part in self.aliases:
                names = list(self.aliases[part])
            else:
                names = [self.streams.get(part, part)]
            for name in names:
                if name not in self.indices:
                    raise no_index(name)
                found[name] = self.indices[name]
        return list(found.values())

    def written_to(
        self, name: str, action: str, now: float, *, alias: bool = False, stream: bool = False
    ) -> Index:
        """The index that an item is for, made where it is missing and may be made. Raises `Trouble`.

        `alias` and `stream` are the demands that it be one.
        """
        if alias and name not in self.aliases:
            raise no_index(name, f" and [require_alias] request flag is [true] and [{name}] is not an alias")
        template = self.template(name)
        if stream and name not in self.streams and not (template and template.stream):
            raise Trouble(
                404,
                "resource_not_found_exception",
                f"[require_data_stream] request flag is [true] and [{name}] is not a data stream",
            )
        if name in self.aliases:
            return self._behind_alias(name)
        if name in self.indices:
            return self.indices[name]
        if name not in self.streams:
            self._make(name, action, template, now)
            if name in self.indices:
                return self.indices[name]
        if action != "create":
            raise illegal("only write ops with an op_type of create are allowed in data streams")
        return self.indices[self.streams[name]]

    def write(self, index: Index, doc_id: str, source: bytes) -> tuple[Document, bool]:
        """Puts a document in the place of the one with its id; whether there was none."""
        before = index.documents.pop(doc_id, None)
        document = Document(before.version + 1 if before else 1, index.next_seq, source)
        index.next_seq += 1
        index.documents[doc_id] = document
        self._ids += before is None
        if self._ids > MOST_IDS:
            self._ids -= 1
            most = max(self.indices.values(), key=lambda one: len(one.documents))
            del most.documents[next(iter(most.documents))]
            most.forgotten += 1
        self._kept += len(source) + BESIDE
        self._latest.append(document)
        while self._kept > self._keep:
            oldest = self._latest.popleft()
            self._kept -= len(oldest.source or b"") + BESIDE
            oldest.source = None
        return document, before is None

    def remove(self, index: Index, doc_id: str) -> Document | None:
        """Deletes a document; what is left of it, or none where there was none."""
        before = index.documents.pop(doc_id, None)
        if before is None:
            return None
        self._ids -= 1
        gone = Document(before.version + 1, index.next_seq, None)
        index.next_seq += 1
        return gone

    def _make(self, name: str, action: str, template: Template | None, now: float) -> None:
        if action == "delete":
            raise no_index(name)
        own_decision = template is not None and template.stream and self.product == "elasticsearch"
        if not self._auto_create and not own_decision:
            raise no_index(name, " and [action.auto_create_index] is [false]")
        body = template.body if template else {}
        if template and template.stream:
            check_name(name)
            dated = f"{datetime.fromtimestamp(now, UTC):%Y.%m.%d}-" if self.product == "elasticsearch" else ""
            behind = self.create(f".ds-{name}-{dated}000001", body, stream=name)
            self.streams[name] = behind.name
        else:
            self.create(name, body)

    def _behind_alias(self, name: str) -> Index:
        targets = self.aliases[name]
        chosen = [index for index, writes in targets.items() if writes] or list(targets)
        if len(chosen) != 1:
            raise illegal(
                f"no write index is defined for alias [{name}]. The write index may be explicitly disabled using "
                "is_write_index=false or the alias points to multiple indices without one being designated as a write index"
            )
        return self.indices[chosen[0]]

    def template(self, name: str) -> Template | None:
        """The one of the highest priority that fits a name."""
        fitting = [t for t in self.templates.values() if any(fnmatchcase(name, one) for one in t.patterns)]
        return max(fitting, key=lambda template: template.priority, default=None)


def _flat(settings: Fields[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in settings.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found
