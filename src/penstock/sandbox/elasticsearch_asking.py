"""What requests and answers have around them: content types, parameters, `filter_path`."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec
import orjson

from penstock.sandbox.elasticsearch_errors import Product, Trouble, illegal, plain
from penstock.sandbox.elasticsearch_filter import filtered
from penstock.sandbox.service import Answered

_COMPATIBLE: Final = re.compile(
    r"application/vnd\.elasticsearch\+(json|x-ndjson)\s*;\s*compatible-with\s*=\s*(\d+)", re.IGNORECASE
)
_TAKEN: Final = frozenset({"application/json", "application/x-ndjson"})
_VERSIONS: Final = frozenset({"7", "8"})
_EVERYWHERE: Final = frozenset({"filter_path", "pretty", "human", "error_trace"})
_OF_BULK: Final = _EVERYWHERE | {
    "refresh", "timeout", "wait_for_active_shards", "routing", "pipeline", "require_alias",
    "_source", "_source_includes", "_source_excludes",
}  # fmt: skip
_ELASTIC_ONLY: Final = frozenset(
    {"require_data_stream", "list_executed_pipelines", "include_source_on_error"}
)
_REFRESH: Final = frozenset({"", "true", "false", "wait_for"})

Said = tuple[int, Any]
"""A status, and what is to be said as JSON; None says nothing."""


class Parameters:
    """The path in its parts, and the query."""

    def __init__(self, target: str) -> None:
        path, _, query = target.partition("?")
        self.path = path
        self.segments = tuple([unquote(part) for part in path.split("/") if part])
        self.query = dict(parse_qsl(query, keep_blank_values=True))

    def get(self, name: str) -> str:
        """A parameter's text; empty where it is not there."""
        return self.query.get(name, "")

    def flag(self, name: str) -> bool:
        """Whether it is set. Raises `Trouble` where it is neither true nor false."""
        value = self.query.get(name, "false")
        if value not in ("", "true", "false"):
            raise illegal(f"Failed to parse value [{value}] as only [true] or [false] are allowed.")
        return value != "false"


def check_parameters(parameters: Parameters, product: Product) -> None:
    """Raises `Trouble` where `_bulk` does not know one of them."""
    known = _OF_BULK | (_ELASTIC_ONLY if product == "elasticsearch" else frozenset())
    if unknown := [name for name in parameters.query if name not in known]:
        raise illegal(f"request [{parameters.path}] contains unrecognized parameter: [{unknown[0]}]")
    if parameters.get("refresh") not in _REFRESH:
        raise illegal(f"Unknown value for refresh: [{parameters.get('refresh')}].")
    if not re.fullmatch(r"|-1|0|\d+(nanos|micros|ms|s|m|h|d)", parameters.get("timeout"), re.ASCII):
        raise illegal(f"failed to parse [{parameters.get('timeout')}]")


def check_content(headers: Mapping[str, str], product: Product, *, has_body: bool) -> Answered | None:
    """The answer where the body is of no kind that is taken. Raises `Trouble` where that cannot be told."""
    text, accept = headers.get("content-type", ""), headers.get("accept", "")
    compatible = _COMPATIBLE.fullmatch(text.strip())
    if product == "elasticsearch" and (compatible or _COMPATIBLE.fullmatch(accept.strip())):
        _check_versions(compatible, _COMPATIBLE.fullmatch(accept.strip()), has_body=has_body)
        return None
    if not has_body:
        return None
    kind = text.partition(";")[0].strip().lower()
    if text and "/" not in kind:
        name = (
            "media_type_header_exception" if product == "elasticsearch" else "content_type_header_exception"
        )
        raise Trouble(400, name, "Invalid media-type value on headers [Content-Type]")
    return None if kind in _TAKEN else plain(406, f"Content-Type header [{text}] is not supported")


def _check_versions(content: re.Match[str] | None, accept: re.Match[str] | None, *, has_body: bool) -> None:
    versions = {match[2] for match in (content, accept) if match}
    if versions <= _VERSIONS and len(versions) == 1 and accept and (content or not has_body):
        return
    raise Trouble(
        400,
        "media_type_header_exception",
        "Invalid media-type value on headers [Accept, Content-Type]",
        cause=(
            "status_exception",
            "A compatible version is required on both Content-Type and Accept headers",
        ),
    )


def reply(said: Said, parameters: Parameters, headers: Mapping[str, str]) -> Answered:
    """The answer as it is sent: only what `filter_path` names, in the form that was asked for."""
    status, value = said
    if value is None:
        return Answered(status)
    if status < 400 and parameters.get("filter_path"):
        value = filtered(value, parameters.get("filter_path"))
    body = msgspec.json.encode(value)
    if "pretty" in parameters.query and parameters.get("pretty") != "false":
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    kind = _COMPATIBLE.fullmatch(headers.get("accept", "").strip())
    return Answered(status, body, {"Content-Type": kind[0] if kind else "application/json"})
