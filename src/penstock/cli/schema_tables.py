"""A JSON Schema as tables for people: a row for each key."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

Schema = dict[str, Any]
Row = tuple[str, str, str, str]
"""Key, value, default, and what it is."""

MADE: Final = "<!-- Made by `make docs` from the code: change it there. -->"
_SHORT: Final = {
    "64KiB": "size",
    "100ms": "time",
    "127.0.0.1:5170": "address",
    "0640": "octal",
    "1%": "share",
}  # by the first example


def rows(whole: Schema, group: Schema, prefix: str = "") -> Iterator[Row]:
    """A row for each key, those of groups below it by their dotted path."""
    for name, part in group["properties"].items():
        key = f"{prefix}{name}"
        inner = _group(whole, part)
        if inner is not None:
            about = part.get("description") or inner.get("description", "")
            yield key, "group", "", about
            yield from rows(whole, inner, f"{key}.")
        else:
            default = "required" if name in group.get("required", []) else _default(part)
            item = _item(whole, part)
            value = _value(part) if item is None else _value(part).replace("any", "group")
            yield key, value, default, part.get("description", "")
            if item is not None:
                yield from rows(whole, item, f"{key}[].")
            if (each := _each(whole, part)) is not None:
                yield from rows(whole, each, f"{key}.NAME.")


def table(of: Iterable[Row]) -> list[str]:
    """Lines of Markdown."""
    body = [
        f"| `{key}` | {cell(value)} | {cell(default)} | {cell(about)} |" for key, value, default, about in of
    ]
    return ["| key | value | default | what |", "|---|---|---|---|", *body]


def cell(text: str) -> str:
    """Text on one line, as a cell holds it."""
    return " ".join(text.split()).replace("|", "\\|")


def _default(part: Schema) -> str:
    value = part.get("default")
    if value is None or value in ("", [], {}):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _value(part: Schema) -> str:
    if "enum" in part or "const" in part:
        return " or ".join(f"`{option}`" for option in part.get("enum", [part.get("const")]))
    known = _SHORT.get((part.get("examples") or [""])[0])
    if known:
        return known
    if "anyOf" in part:
        shapes = [shape for shape in part["anyOf"] if shape.get("type") != "null"]
        if any("env" in shape.get("properties", {}) for shape in shapes):
            return "secret"
        values = [_SHORT.get((shape.get("examples") or [""])[0]) or _value(shape) for shape in shapes]
        return " or ".join(dict.fromkeys(values))
    return _simple(part)


def _simple(part: Schema) -> str:
    match part.get("type"):
        case "string":
            return (
                "path" if part.get("format") == "path" else "URL" if part.get("format") == "uri" else "text"
            )
        case "boolean":
            return "`true` or `false`"
        case "integer" | "number":
            low, high = part.get("minimum"), part.get("maximum")
            bounds = (
                f", {low} to {high}"
                if low is not None and high is not None
                else f", from {low}"
                if low
                else ""
            )
            return f"{'whole number' if part['type'] == 'integer' else 'number'}{bounds}"
        case "array":
            return f"list of {_value(part['items'])}" if part.get("items") else "list"
        case "object":
            return "keys of your choice"
        case _:
            return "any"


def _group(whole: Schema, part: Schema) -> Schema | None:
    for shape in (part, *part.get("anyOf", [])):
        if "$ref" in shape:
            found = resolved(whole, shape)
            return found if "properties" in found else None
    return None


def _each(whole: Schema, part: Schema) -> Schema | None:
    """What stands under each key of one's choice, where that is a group."""
    members = [part.get("additionalProperties"), *part.get("patternProperties", {}).values()]
    return next((found for one in members if isinstance(one, dict) and (found := _group(whole, one))), None)


def _item(whole: Schema, part: Schema) -> Schema | None:
    """What stands in a list, where that is a group or may be one."""
    items: Schema = part.get("items", {})
    return _group(whole, items)


def resolved(whole: Schema, part: Schema) -> Schema:
    """What a reference stands for; all else is itself."""
    if "$ref" not in part:
        return part
    found: Schema = whole["$defs"][part["$ref"].rpartition("/")[2]]
    return found
