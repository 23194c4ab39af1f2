"""`filter_path`: what of an answer is to come.

https://www.elastic.co/docs/reference/elasticsearch/rest-apis/common-options
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

_NOTHING: Final = object()
_Rule = tuple[str, ...]


def filtered(value: Any, paths: str) -> Any:
    """The answer with what the comma-separated paths name, and without what those with a minus name."""
    parts = [path.strip() for path in paths.split(",") if path.strip()]
    out = [tuple(path[1:].split(".")) for path in parts if path.startswith("-")]
    into = [tuple(path.split(".")) for path in parts if not path.startswith("-")]
    if into:
        value = _within(value, into)
    if out and value is not _NOTHING:
        value = _without(value, out)
    return {} if value is _NOTHING else value


def _next(rules: Sequence[_Rule], name: str) -> list[_Rule]:
    """What is left of the rules below a field of this name."""
    left: list[_Rule] = []
    for rule in rules:
        if rule[0] == "**":
            left.append(rule)
            if len(rule) > 1:
                left += _next([rule[1:]], name)
        elif rule[0] in ("*", name) or fnmatchcase(name, rule[0]):
            left.append(rule[1:])
    return left


def _within(value: Any, rules: Sequence[_Rule]) -> Any:
    if isinstance(value, list):
        kept = [one for one in [_within(inner, rules) for inner in value] if one is not _NOTHING]
        return kept or _NOTHING
    if not isinstance(value, dict):
        return _NOTHING
    made: dict[str, Any] = {}
    for name, inner in value.items():
        left = _next(rules, name)
        if any(not rule or rule == ("**",) for rule in left):
            made[name] = inner
        elif left and (below := _within(inner, left)) is not _NOTHING:
            made[name] = below
    return made or _NOTHING


def _without(value: Any, rules: Sequence[_Rule]) -> Any:
    if isinstance(value, list):
        return [_without(inner, rules) for inner in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for name, inner in value.items():
        left = _next(rules, name)
        if not any(not rule for rule in left):
            made[name] = _without(inner, left) if left else inner
    return made
