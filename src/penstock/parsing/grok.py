"""grok: patterns put together of named ones, `%{IP:client} %{WORD:method} %{NUMBER:seconds:float}`.

`%{NAME}` is the pattern of that name, `%{NAME:field}` also gives a field, and `%{NAME:field:int}` (or `float`, `bool`,
`timestamp`) one of that kind. `[outer][inner]` as a field is nested. Groups with names, `(?<field>…)`, give fields too.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.grok_patterns import PATTERNS
from penstock.parsing.timestamps import Timestamps
from penstock.parsing.values import Casts, Kind
from penstock.regex import LONGEST, Pattern, PatternError, compile_pattern

_REFERENCE: Final = re.compile(r"%\{([^{}:]*)(?::([^{}:]*))?(?::([^{}]*))?\}")
_GROUP: Final = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_FIELD: Final = re.compile(r"[\w.@-]+|(?:\[[\w.@-]+\])+")
_KINDS: Final = frozenset(get_args(Kind))
_MOST_REFERENCES: Final = 1000

Path = tuple[str, ...]


class Grok(OneByOne):
    """The first of the patterns that is found anywhere in a text gives its fields."""

    def __init__(
        self, patterns: Sequence[str], times: Timestamps, definitions: Mapping[str, str] | None = None
    ) -> None:
        """`definitions` are patterns by name; they come before those that are known.

        Raises `ValueError` for what is no pattern, and says where.
        """
        known = {**PATTERNS, **(definitions or {})}
        for name, text in (definitions or {}).items():
            _compiled(text, known, times, f"the definition {name}: ")
        self._patterns = [_compiled(text, known, times, "") for text in patterns]
        for pattern in self._patterns:
            if not pattern.paths:
                raise ValueError(f"{pattern.text!r} gives no field: write %{{NAME:field}}")

    def parse(self, text: str, received: float) -> Fields | None:
        for pattern in self._patterns:
            fields = pattern.fields(text, received)
            if fields is not None:
                return fields
        return None


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    pattern: Pattern
    paths: Mapping[str, Path]
    """Where a group of the pattern goes."""
    casts: Casts

    def fields(self, text: str, received: float) -> Fields | None:
        found = self.pattern.search(text)
        if found is None:
            return None
        groups: dict[str, Any] = dict(found.groupdict())
        self.casts.apply(groups, received)
        fields: Fields = {}
        paths = self.paths
        for group, value in groups.items():
            path = paths[group]
            if value == "":
                continue
            inner: Any = fields
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
                if not isinstance(inner, dict):
                    break
            else:
                inner.setdefault(path[-1], value)
        return fields


@dataclass(slots=True)
class _Expansion:
    """A pattern being put together."""

    known: Mapping[str, str]
    paths: dict[str, Path] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    references: int = 0

    def of(self, text: str, within: tuple[str, ...] = ()) -> str:
        pieces: list[str] = []
        at = 0
        for found in _REFERENCE.finditer(text):
            pieces += [self._named(text[at : found.start()]), self._reference(found, within)]
            at = found.end()
        pieces.append(self._named(text[at:]))
        made = "".join(pieces)
        if len(made) > LONGEST:
            raise PatternError(f"is too long once put together: {LONGEST} characters are the most")
        return made

    def _named(self, plain: str) -> str:
        """Groups with names of their own, renamed, as the same name may come again from elsewhere."""
        return _GROUP.sub(lambda group: f"(?P<{self._group((group[1],))}>", plain)

    def _reference(self, found: re.Match[str], within: tuple[str, ...]) -> str:
        name, target, kind = found.groups()
        text = self.known.get(name)
        if text is None:
            close = difflib.get_close_matches(name.upper(), self.known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise PatternError(f"names a pattern that is not known: %{{{name}}}{hint}", found.start())
        if name in within:
            raise PatternError(
                f"%{{{name}}} is defined by itself: {' → '.join((*within, name))}", found.start()
            )
        self.references += 1
        if self.references > _MOST_REFERENCES:
            raise PatternError(f"has more than {_MOST_REFERENCES} references once put together")
        inner = self.of(text, (*within, name))
        if not target:
            return f"(?:{inner})"
        if not _FIELD.fullmatch(target):
            raise PatternError(f"{target!r} is no name of a field", found.start(2))
        if kind and kind not in _KINDS:
            raise PatternError(
                f"{kind!r} is no kind of value: take int, float, bool or timestamp", found.start(3)
            )
        group = self._group(tuple(target[1:-1].split("][")) if target.startswith("[") else (target,))
        if kind:
            self.kinds[group] = kind  # type: ignore[assignment] # it is one of them, as was just looked at
        return f"(?P<{group}>{inner})"

    def _group(self, path: Path) -> str:
        group = f"g{len(self.paths)}"
        self.paths[group] = path
        return group


def _compiled(text: str, known: Mapping[str, str], times: Timestamps, where: str) -> _Compiled:
    # References stand for something that is well, and of their length: what is wrong is at the same place then.
    plain = _REFERENCE.sub(lambda found: f"(?:{'x' * (len(found[0]) - 4)})", text)
    expansion = _Expansion(known)
    try:
        compile_pattern(plain)
        pattern = compile_pattern(expansion.of(text))
    except PatternError as exc:
        raise ValueError(f"{where}{text!r} {str(exc).replace(plain, text)}") from exc
    return _Compiled(text, pattern, expansion.paths, Casts(expansion.kinds, times))
