"""The fields of an index: which types they have, what fits, and which new ones a document brings.

https://www.elastic.co/docs/manage-data/data-store/mapping
"""

from collections.abc import Mapping as Fields
from dataclasses import dataclass
from typing import Any, Final

from penstock.sandbox.elasticsearch_errors import PARSING, Product, Trouble, illegal, objects
from penstock.sandbox.elasticsearch_types import LEAVES, UNCHECKED, fault, type_of

_METADATA: Final = frozenset(
    {
        "_id",
        "_index",
        "_source",
        "_routing",
        "_seq_no",
        "_version",
        "_ignored",
        "_field_names",
        "_nested_path",
    }
    | {"_data_stream_timestamp"}
)
"""Names that no document may have at the top."""
_NO_BLANKS: Final = frozenset("\u00a0\u2007\u202f\u0085")
"""White space to Python, and not to Java."""
_STAMP: Final = "@timestamp"
_MOST_FIELDS: Final = 1000
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Field:
    """One field, or one object with fields in it."""

    kind: str
    formats: tuple[str, ...] = ()
    """Of a date, where they are not the default."""
    dynamic: str = ""
    """Of an object; empty: as the one around it."""
    enabled: bool = True
    """Of an object: what is in it is looked at."""
    size: int = 1
    """Fields that it counts for."""


class Mapping:
    """What an index knows of its fields; `take` checks a document, and learns from it."""

    def __init__(self, body: Fields[str, Any], product: Product, *, stamped: bool = False) -> None:
        """`body` is a mapping as it is sent. `stamped`: each document needs one `@timestamp`. Raises `Trouble`."""
        self._product: Product = product
        self._stamped = stamped
        self._dynamic = _dynamic(body.get("dynamic", "true"))
        self._fields: dict[str, Field] = {}
        if stamped:
            self._fields[_STAMP] = Field("date")
        self._define(objects(body.get("properties"), "properties"), "")
        self._size = sum([field.size for field in self._fields.values()])

    def shown(self) -> dict[str, Any]:
        """As `GET /index/_mapping` shows it."""
        root: dict[str, Any] = {}
        if self._dynamic != "true":
            root["dynamic"] = self._dynamic
        for path, field in self._fields.items():
            at = root
            *outer, name = path.split(".")
            for part in outer:
                at = at.setdefault("properties", {}).setdefault(part, {})
                at.pop("type", None)
            at.setdefault("properties", {}).setdefault(name, {})["type"] = field.kind
        return root

    def take(self, document: dict[str, Any], doc_id: str) -> None:
        """Checks a document, and learns the fields that are new. Raises `Trouble`, and has learned nothing then."""
        learned: dict[str, Field] = {}
        _Reading(self._fields, learned, self._product, doc_id).read(document, "", self._dynamic)
        if self._stamped:
            self._check_stamp(document)
        if learned:
            size = self._size + sum([field.size for field in learned.values()])
            if size > _MOST_FIELDS:
                raise illegal(f"Limit of total fields [{_MOST_FIELDS}] has been exceeded")
            self._fields |= learned
            self._size = size

    def _define(self, properties: Fields[str, Any], prefix: str) -> None:
        for name, value in properties.items():
            said = objects(value, name)
            kind = str(said.get("type", "object"))
            path = prefix + name
            for at, letter in enumerate(name):  # `a.b` is within an object
                if letter == ".":
                    self._fields.setdefault(prefix + name[:at], Field("object"))
            if kind in ("object", "nested"):
                dynamic = _dynamic(said["dynamic"]) if "dynamic" in said else ""
                self._fields[path] = Field(kind, (), dynamic, said.get("enabled", True) is not False)
                self._define(objects(said.get("properties"), name), f"{path}.")
            elif kind in LEAVES or kind in UNCHECKED:
                formats = tuple(str(said["format"]).split("||")) if "format" in said else ()
                self._fields[path] = Field(kind, formats, size=1 + len(objects(said.get("fields"), name)))
            else:
                raise Trouble(
                    400,
                    "mapper_parsing_exception",
                    f"No handler for type [{kind}] declared on field [{name}]",
                )

    def _check_stamp(self, document: dict[str, Any]) -> None:
        stamp = document.get(_STAMP)
        if stamp is None or (isinstance(stamp, list) and len(stamp) != 1):
            reason = f"data stream timestamp field [{_STAMP}] is missing"
            if stamp:
                reason = f"data stream timestamp field [{_STAMP}] encountered multiple values"
            raise Trouble(
                400,
                PARSING[self._product],
                f"failed to parse: {reason}",
                cause=("illegal_argument_exception", reason),
            )


class _Reading:
    """One document on its way through the fields."""

    def __init__(
        self, fields: Fields[str, Field], learned: dict[str, Field], product: Product, doc_id: str
    ) -> None:
        self._fields = fields
        self._learned = learned
        self._product: Product = product
        self._id = doc_id

    def read(self, values: dict[str, Any], prefix: str, dynamic: str) -> None:
        for name, value in values.items():
            if "." in name or _is_blank(name):
                self._dotted(name, value, prefix, dynamic)
            elif name in _METADATA and not prefix:
                raise self._misfit(
                    name, name, value, ("mapper_parsing_exception", f"Field [{name}] is a metadata field")
                )
            else:
                self._field(prefix + name, value, dynamic)

    def _dotted(self, name: str, value: Any, prefix: str, dynamic: str) -> None:
        """`{"a.b": 1}` is another way to write `{"a": {"b": 1}}`."""
        parts = name.rstrip(".").split(".") if name else [""]
        blank = self._product == "elasticsearch" and any(_is_blank(part) for part in parts)
        if blank or "" in parts:
            reason = f"field name cannot be empty or contain only whitespace or dots: ['{name}']"
            raise Trouble(
                400,
                PARSING[self._product],
                f"failed to parse: {reason}",
                cause=("illegal_argument_exception", reason),
            )
        for part in reversed(parts[1:]):
            value = {part: value}
        self._field(prefix + parts[0], value, dynamic)

    def _field(self, path: str, value: Any, dynamic: str) -> None:
        field = self._fields.get(path)
        if field is None:
            self._new(path, value, dynamic)
        elif field.kind in ("object", "nested"):
            if field.enabled:
                self._object(path, value, field.dynamic or dynamic)
        elif isinstance(value, list):
            for inner in value:
                self._field(path, inner, dynamic)
        elif value is not None and (why := fault(field.kind, value, field.formats)):
            raise self._misfit(path, field.kind, value, why)

    def _object(self, path: str, value: Any, dynamic: str) -> None:
        if isinstance(value, dict):
            self.read(value, f"{path}.", dynamic)
        elif isinstance(value, list):
            for inner in value:
                self._object(path, inner, dynamic)
        elif value is not None:
            raise Trouble(
                400,
                PARSING[self._product],
                f"object mapping for [{path}] tried to parse field [{path}] as object, but found a concrete value",
            )

    def _new(self, path: str, value: Any, dynamic: str) -> None:
        if dynamic == "strict":
            outer, _, name = path.rpartition(".")
            raise Trouble(
                400,
                "strict_dynamic_mapping_exception",
                f"mapping set to strict, dynamic introduction of [{name}] within [{outer or '_doc'}] is not allowed",
            )
        if isinstance(value, list):
            for inner in value:
                self._new(path, inner, dynamic)
        elif value is not None and dynamic == "true":
            self._learn(path, value, dynamic)

    def _learn(self, path: str, value: Any, dynamic: str) -> None:
        kind, formats = type_of(value)
        before = self._learned.get(path)
        if before is not None and before.kind != kind:
            raise illegal(f"mapper [{path}] cannot be changed from type [{before.kind}] to [{kind}]")
        if kind == "object":
            if path.count(".") + 2 > _DEEPEST:
                reason = f"Limit of mapping depth [{_DEEPEST}] has been exceeded due to object field [{path}]"
                raise Trouble(
                    400,
                    PARSING[self._product],
                    f"failed to parse: {reason}",
                    cause=("illegal_argument_exception", reason),
                )
            self._learned[path] = Field("object")
            self.read(value, f"{path}.", dynamic)
            return
        self._learned[path] = Field(
            kind, formats, size=2 if kind == "text" else 1
        )  # text gets a keyword beside
        if why := fault(kind, value, formats):
            raise self._misfit(path, kind, value, why)

    def _misfit(self, path: str, kind: str, value: Any, why: tuple[str, str]) -> Trouble:
        # The whole of it, however long: so do the real ones.
        return Trouble(
            400,
            PARSING[self._product],
            f"failed to parse field [{path}] of type [{kind}] in document with id '{self._id}'. "
            f"Preview of field's value: '{value}'",
            cause=why,
        )


def _is_blank(name: str) -> bool:
    return not name.strip() and not set(name) & _NO_BLANKS


def _dynamic(said: object) -> str:
    text = str(said).lower()
    if text not in ("true", "false", "strict", "runtime"):
        raise Trouble(400, "mapper_parsing_exception", f"Could not convert [dynamic] to boolean: [{said}]")
    return "true" if text == "runtime" else text
