"""How Elasticsearch and OpenSearch say no: the two shapes of an error, and the names in which they differ."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import orjson

from penstock.sandbox.service import Answered

Product = Literal["elasticsearch", "opensearch"]


class Trouble(Exception):
    """A request, or one item of it, is answered with an error."""

    def __init__(
        self, status: int, kind: str, reason: str, *, cause: tuple[str, str] | None = None, **more: object
    ) -> None:
        """`kind` is the error's `type`, `cause` type and reason of what lies behind it, `more` further fields."""
        self.status = status
        self.kind = kind
        self.reason = reason
        self.error: dict[str, Any] = {"type": kind, "reason": reason, **more}
        """As it stands in an item."""
        if cause is not None:
            self.error["caused_by"] = {"type": cause[0], "reason": cause[1]}
        super().__init__(reason)

    def whole(self, headers: Mapping[str, str] | None = None) -> Answered:
        """The answer to a request that is refused as a whole."""
        root = {key: value for key, value in self.error.items() if key != "caused_by"}
        body = {"error": {"root_cause": [root], **self.error}, "status": self.status}
        return Answered(
            self.status, orjson.dumps(body), {"Content-Type": "application/json", **(headers or {})}
        )


def plain(status: int, reason: str, headers: Mapping[str, str] | None = None) -> Answered:
    """The shorter shape, of errors that come before a request is handled at all."""
    body = orjson.dumps({"error": reason, "status": status})
    return Answered(status, body, {"Content-Type": "application/json", **(headers or {})})


def illegal(reason: str, status: int = 400) -> Trouble:
    """An argument that makes no sense; in words, most of all errors."""
    return Trouble(status, "illegal_argument_exception", reason)


def no_index(name: str, why: str = "") -> Trouble:
    """An index that is not there."""
    return Trouble(
        404, "index_not_found_exception", f"no such index [{name}]{why}", index=name, index_uuid="_na_"
    )


def invalid(*reasons: str) -> Trouble:
    """Actions that were understood and cannot be carried out; the whole request fails for one of them."""
    counted = "".join([f" {number}: {reason};" for number, reason in enumerate(reasons, 1)])
    return Trouble(400, "action_request_validation_exception", f"Validation Failed:{counted}")


def unplayed(what: str) -> Trouble:
    """Something that the real service knows, and this one does not play."""
    return illegal(f"the sandbox does not play {what}")


PARSING: Final[dict[Product, str]] = {
    "elasticsearch": "document_parsing_exception",
    "opensearch": "mapper_parsing_exception",
}
"""A document that does not fit."""
REJECTED: Final[dict[Product, str]] = {
    "elasticsearch": "es_rejected_execution_exception",
    "opensearch": "rejected_execution_exception",
}
"""Too much to do."""


def objects(value: object, what: str) -> dict[str, Any]:
    """A part of a request that has to be an object; nothing is an empty one. Raises `Trouble`."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Trouble(400, "parse_exception", f"[{what}] must be an object")
    return value
