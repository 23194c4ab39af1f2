"""Bodies of `_bulk`: which actions there are, or why the whole request is refused."""

import json
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from penstock.sandbox.elasticsearch_errors import Product, Trouble, illegal, invalid, unplayed

_decode: Final = msgspec.json.Decoder().decode
_ACTIONS: Final = frozenset({"create", "index", "update", "delete"})
_KNOWN: Final = frozenset(
    {"_index", "_id", "routing", "pipeline", "require_alias", "require_data_stream", "op_type"}
)
_UNPLAYED: Final = frozenset(
    {
        "version",
        "version_type",
        "if_seq_no",
        "if_primary_term",
        "retry_on_conflict",
        "dynamic_templates",
        "_source",
    }
    | {"list_executed_pipelines"}
)
_OF_UPDATE: Final = frozenset({"doc", "upsert", "doc_as_upsert", "detect_noop"})
_LONGEST_ID: Final = 512


@dataclass(slots=True)
class Action:
    """One action, with its document."""

    verb: str
    index: str
    id: str | None
    """None: the service makes one."""
    source: bytes
    pipeline: str
    alias: bool
    stream: bool


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the URL says, for actions that say nothing of it."""

    index: str | None = None
    pipeline: str = ""
    alias: bool = False
    stream: bool = False


def actions(body: bytes, defaults: Defaults, product: Product) -> list[Action]:
    """The actions of a body. Raises `Trouble` where one of them makes the whole request fail."""
    if not body:
        raise Trouble(400, "parse_exception", "request body is required")
    lines = body.split(b"\n")
    if lines[-1]:
        raise illegal("The bulk request must be terminated by a newline [\\n]")
    found: list[Action] = []
    faults: list[str] = []
    at, end = 0, len(lines) - 1
    while at < end:
        line = lines[at]
        at += 1
        if not line.strip():
            continue
        verb, said = _verb(_parsed(line, at, product), at)
        _check(said, at, product)
        action = _action(verb, said, defaults)
        faults += _faults(action, said, defaults)
        if action.verb != "delete":
            if at >= end:
                break  # an action without a document at the end is passed over
            action.source = lines[at]
            at += 1
            if verb == "update":
                _check_update(action.source)
        found.append(action)
    if not found:
        faults = ["no requests added"]
    if faults:
        raise invalid(*faults)
    return found


def _parsed(line: bytes, number: int, product: Product) -> Any:
    # One that is not closed is taken all the same: the server reads no further than the action's own brace.
    for text in (line, line.rstrip() + b"}"):
        try:
            return _decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    try:
        value, _ = json.JSONDecoder().raw_decode(line.decode().lstrip())
    except (ValueError, RecursionError) as exc:
        raise _unreadable(str(exc), number, product) from exc
    if product == "elasticsearch":  # OpenSearch does not look at what follows
        raise _unreadable("more than one value", number, product)
    return value


def _unreadable(why: str, number: int, product: Product) -> Trouble:
    kind = "x_content_parse_exception" if product == "elasticsearch" else "json_parse_exception"
    return Trouble(400, kind, f"[{number}:1] {why}")


def _verb(value: Any, number: int) -> tuple[str, dict[str, Any]]:
    if not isinstance(value, dict):
        raise illegal(
            f"Malformed action/metadata line [{number}], expected START_OBJECT but found another value"
        )
    if not value:
        raise illegal(
            f"Malformed action/metadata line [{number}], expected FIELD_NAME but found [END_OBJECT]"
        )
    verb, said = next(iter(value.items()))
    if verb not in _ACTIONS:
        raise illegal(
            f"Malformed action/metadata line [{number}], expected field [create], [delete], [index] or [update] "
            f"but found [{verb}]"
        )
    if not isinstance(said, dict):
        raise illegal(
            f"Malformed action/metadata line [{number}], expected START_OBJECT or END_OBJECT but found another value"
        )
    return verb, said


def _check(said: dict[str, Any], number: int, product: Product) -> None:
    for name, value in said.items():
        if isinstance(value, dict | list):
            raise illegal(
                f"Malformed action/metadata line [{number}], expected a simple value for field [{name}] but found another"
            )
        if name in _UNPLAYED:
            raise unplayed(f"[{name}] of an action")
        if name not in _KNOWN or (name == "require_data_stream" and product == "opensearch"):
            raise illegal(f"Action/metadata line [{number}] contains an unknown parameter [{name}]")


def _action(verb: str, said: dict[str, Any], defaults: Defaults) -> Action:
    if verb == "index" and said.get("op_type") == "create":
        verb = "create"
    index = said.get("_index")
    return Action(
        verb,
        _text(defaults.index if index is None else index),
        None if said.get("_id") is None else _text(said["_id"]),
        b"",
        _text(said.get("pipeline")) or defaults.pipeline,
        bool(said.get("require_alias", defaults.alias)),
        bool(said.get("require_data_stream", defaults.stream)),
    )


def _faults(action: Action, said: dict[str, Any], defaults: Defaults) -> list[str]:
    """Why an action that was understood makes the whole request fail."""
    faults = []
    if said.get("_index") is None and defaults.index is None:
        faults.append("index is missing")
    if action.id is None and action.verb in ("update", "delete"):
        faults.append("id is missing")
    length = len(action.id.encode("utf-8", "replace")) if action.id else 0
    if length > _LONGEST_ID:
        faults.append(
            f"id [{action.id}] is too long, must be no longer than {_LONGEST_ID} bytes but was: {length}"
        )
    return faults


def _check_update(source: bytes) -> None:
    try:
        said = _decode(source)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Trouble(400, "x_content_parse_exception", str(exc)) from exc
    if not isinstance(said, dict):
        raise Trouble(400, "x_content_parse_exception", "[UpdateRequest] Expected START_OBJECT")
    if "script" in said:
        raise unplayed("[script] of an update")
    if unknown := [name for name in said if name not in _OF_UPDATE]:
        raise Trouble(400, "x_content_parse_exception", f"[UpdateRequest] unknown field [{unknown[0]}]")


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
