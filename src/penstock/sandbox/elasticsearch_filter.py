"""`filter_path`: what of an answer is to come.

https://www.elastic.co/docs/reference/elasticsearch/rest-apis/common-options
"""

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

_NOTHING: Final = object()
_Rules = tuple[tuple[str, ...], ...]
"""Paths in their parts."""


def filtered(value: Any, paths: str) -> Any:
    """The answer with what the comma-separated paths name, and without what those with a minus name."""
    parts = [path.strip() for path in paths.split(",") if path.strip()]
    out = tuple([tuple(path[1:].split(".")) for path in parts if path.startswith("-")])
    into = tuple([tuple(path.split(".")) for path in parts if not path.startswith("-")])
    if into:
        value = _within(value, into)
    if out and value is not _NOTHING:
        value = _without(value, out)
    return {} if value is _NOTHING else value


@lru_cache(maxsize=1024)  # the items of an answer have all the same names
def _below(rules: _Rules, name: str) -> tuple[_Rules, bool, bool]:
    """What is left of the rules below a field of this name, and whether it is named whole, as itself or by `**`."""
    left: list[tuple[str, ...]] = []
    for rule in rules:
        if rule[0] == "**":
            left.append(rule)
            if len(rule) > 1:
                left += _below((rule[1:],), name)[0]
        elif fnmatchcase(name, rule[0]):
            left.append(rule[1:])
    return tuple(left), () in left, ("**",) in left


def _within(value: Any, rules: _Rules) -> Any:
    if isinstance(value, list):
        kept = [one for one in [_within(inner, rules) for inner in value] if one is not _NOTHING]
        return kept or _NOTHING
    if not isinstance(value, dict):
        return _NOTHING
    made: dict[str, Any] = {}
    for name, inner in value.items():
        left, ends, all_below = _below(rules, name)
        if ends or all_below:
            made[name] = inner
        elif left and (below := _within(inner, left)) is not _NOTHING:
            made[name] = below
    return made or _NOTHING


def _without(value: Any, rules: _Rules) -> Any:
    if isinstance(value, list):
        return [_without(inner, rules) for inner in value]
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for name, inner in value.items():
        left, ends, _ = _below(rules, name)
        if not ends:
            made[name] = _without(inner, left) if left else inner
    return made
