"""Says what pydantic found wrong in the words of the configuration: paths as they are written, and a remedy."""

import difflib
import re
import types
import typing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_LINK: Final = re.compile(r"\[([^]]*)]\([^)]*\)")
"""Of Markdown: descriptions stand on the reference pages too."""
_EXPECTED: Final = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "path_type": "a path",
    "dict_type": "a group of keys",
    "mapping_type": "a group of keys",
    "model_type": "a group of keys",
    "model_attributes_type": "a group of keys",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "sequence_str": "a list",
    "is_instance_of": "a list",  # of the classes that settings name only Sequence is told so
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, not yet found in the file."""

    path: tuple[str | int, ...]
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Fault:
    """One of pydantic's errors, and where in the configuration it is."""

    path: tuple[str | int, ...]
    holder: Any
    """The type whose key is the last of `path`."""
    target: Any
    """The type that should stand there."""
    choice: tuple[tuple[str | int, ...], str] | None
    """Where pydantic tried one of several shapes in turn: that place, and the name of the shape."""
    detail: ErrorDetails
    value: object
    """What was written."""

    @property
    def kind(self) -> str:
        return self.detail["type"]

    def context(self, key: str) -> str:
        return str(self.detail["ctx"][key])


def findings(model: type[BaseModel], error: ValidationError, data: Mapping[str, Any]) -> list[Finding]:
    """All that is wrong, once each, in the order of the model."""
    faults = [_follow(model, detail, data) for detail in error.errors(include_url=False)]
    found = [_finding(fault) for fault in _best_shapes(_causes(faults)) if not _is_odd_key(fault)]
    return list({(item.path, item.what): item for item in found}.values())


def _causes(faults: list[_Fault]) -> list[_Fault]:
    """Without the lists that are too short only because what is in them is wrong."""
    inside = {fault.path[:depth] for fault in faults for depth in range(len(fault.path))}
    return [fault for fault in faults if fault.kind != "too_short" or fault.path not in inside]


def _is_odd_key(fault: _Fault) -> bool:
    """A key that is not text, which is told with the file's other oddities."""
    return fault.kind == "invalid_key" or (fault.kind == "string_type" and fault.detail["loc"][-1] == "[key]")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean batch?`, or all that is known; empty where nothing is."""
    names = sorted(known)
    close = difflib.get_close_matches(word.lower(), names, 1)
    if close:
        return f"did you mean {close[0]}?"
    return f"known are {', '.join(names)}" if names else ""


def _follow(model: Any, detail: ErrorDetails, data: Mapping[str, Any]) -> _Fault:
    """Follows the types along `loc`, leaving out the steps that are not keys but pydantic's names for shapes."""
    path: list[str | int] = []
    node = holder = model
    choice = None
    rest = list(detail["loc"])
    while rest:
        node = _bare(node)
        shapes = _shapes(node)
        key = rest.pop(0)
        if key == "[key]":
            continue
        if shapes:
            node = next((shape for shape in shapes if _is_called(shape, str(key))), None)
            if node is None or "type" not in getattr(node, "model_fields", {}):
                choice = (tuple(path), str(key))
        elif _is_model(node):
            path.append(key)
            holder, node = node, getattr(node.model_fields.get(key), "annotation", None)
        elif get_origin(node) is not None and get_origin(node) is not Literal:
            path.append(key)
            holder, node = node, _item(node)
    return _Fault(tuple(path), _bare(holder), _bare(node), choice, detail, _at(data, path))


def _best_shapes(faults: list[_Fault]) -> list[_Fault]:
    """Of the shapes that were tried in one place, only the one that came closest."""
    tried: dict[tuple[str | int, ...], Counter[str]] = defaultdict(Counter)
    for fault in faults:
        if fault.choice:
            tried[fault.choice[0]][fault.choice[1]] += _weight(fault)
    best = {path: min(shapes, key=shapes.__getitem__) for path, shapes in tried.items()}
    return [fault for fault in faults if not fault.choice or best[fault.choice[0]] == fault.choice[1]]


def _weight(fault: _Fault) -> int:
    """How much it tells against the shape: one of another kind of value was hardly meant at all."""
    groups = isinstance(fault.value, dict | list)
    if fault.kind in ("model_type", "model_attributes_type") or (fault.kind == "literal_error" and groups):
        return 100
    return 2 if fault.kind == "extra_forbidden" else 1  # more than a key that is still missing


def _finding(fault: _Fault) -> Finding:
    if fault.value is None and fault.kind not in ("missing", "extra_forbidden", "value_error"):
        return Finding(fault.path, "has no value", "write one, or leave the key out")
    if fault.kind in _EXPECTED:
        return Finding(fault.path, f"must be {_EXPECTED[fault.kind]}, not {_called(fault.value)}", "")
    rule = _RULES.get(fault.kind)
    if rule is not None:
        return rule(fault)
    return Finding(fault.path, fault.detail["msg"].replace("Input should be", "must be"), "")


def _missing(fault: _Fault) -> Finding:
    about = fault.holder.model_fields[fault.path[-1]].description or ""
    first = _LINK.sub(r"\1", " ".join(about.split()).split(". ")[0].rstrip("."))
    return Finding(fault.path, "is missing", f"add it: {first}" if first else "add it")


def _unknown_key(fault: _Fault) -> Finding:
    fields = getattr(fault.holder, "model_fields", {})
    siblings = [field.alias or name for name, field in fields.items()]
    return Finding(fault.path, "is not known here", did_you_mean(str(fault.path[-1]), siblings))


def _no_kind(fault: _Fault) -> Finding:
    return Finding((*fault.path, "type"), "is missing", f"kinds are {', '.join(_kinds(fault))}")


def _unknown_kind(fault: _Fault) -> Finding:
    tag = fault.context("tag")
    remedy = did_you_mean(tag, _kinds(fault)).replace("known are", "kinds are")
    return Finding((*fault.path, "type"), f"there is no kind {tag!r}", remedy)


def _option(fault: _Fault) -> Finding:
    options = [str(option) for option in get_args(fault.target)]
    close = difflib.get_close_matches(str(fault.value), options, 1)
    remedy = f"did you mean {close[0]}?" if close else ""
    return Finding(fault.path, f"must be {fault.context('expected')}", remedy)


def _empty(fault: _Fault) -> Finding:
    return Finding(fault.path, "is empty", "")


def _pattern(fault: _Fault) -> Finding:
    if fault.detail["loc"][-1] == "[key]" and len(fault.path) == 2:  # of a source or a destination
        return Finding(fault.path, "is not a name", "use a to z, 0 to 9, - and _, at most 64 of them")
    return Finding(fault.path, f"does not match {fault.context('pattern')}", "")


def _told(fault: _Fault) -> Finding:
    return Finding(fault.path, fault.context("error"), "")


_RULES: Final[dict[str, Callable[[_Fault], Finding]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _no_kind,
    "literal_error": _option,
    "too_short": _empty,
    "string_too_short": _empty,
    "string_pattern_mismatch": _pattern,
    "value_error": _told,
    "assertion_error": _told,
}


def _kinds(fault: _Fault) -> list[str]:
    return sorted(name for shape in _shapes(fault.target) for name in _names(shape)[1:])


def _called(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case dict():
            return "a group of keys"
        case list():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def _at(data: Any, path: Iterable[str | int]) -> object:
    for key in path:
        if isinstance(data, str):  # it was taken for a list of one
            return data
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _item(node: Any) -> Any:
    """What a list, a tuple of any length or a group of keys holds."""
    args = [arg for arg in get_args(node) if arg is not Ellipsis]
    return args[-1] if args else None


def _bare(node: Any) -> Any:
    """Without `Annotated` and without `| None`."""
    while True:
        if get_origin(node) is Annotated:
            node = get_args(node)[0]
            continue
        if get_origin(node) in (Union, types.UnionType):
            members = [member for member in get_args(node) if member is not types.NoneType]
            if len(members) == 1:
                node = members[0]
                continue
        return node


def _shapes(node: Any) -> list[Any]:
    if get_origin(node) in (Union, types.UnionType):
        return [_bare(member) for member in get_args(node) if member is not types.NoneType]
    return []


def _names(shape: Any) -> list[str]:
    """What pydantic may call this member of a union: its class, and the value of its `type`."""
    field = getattr(shape, "model_fields", {}).get("type")
    return [getattr(shape, "__name__", str(shape)), *(typing.get_args(field.annotation) if field else ())]


def _is_called(shape: Any, name: str) -> bool:
    """Whether pydantic means this member of a union; it wraps the name of a class that has validators."""
    if get_origin(shape) is Literal:
        return name.startswith("literal[")
    return any(name == known or name.endswith(f", {known}]") for known in _names(shape))


def _is_model(node: Any) -> bool:
    return isinstance(node, type) and issubclass(node, BaseModel)
