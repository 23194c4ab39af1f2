"""Patterns in linear time: the one module that calls RE2.

A pattern comes from a configuration and a text from anywhere; Python's own `re` may take longer than the
universe for a pair of them. RE2's time is linear in the text, whatever the pattern; its price is that
there are no back-references and no look-around. Its syntax: <https://github.com/google/re2/wiki/Syntax>.
"""

from collections.abc import Callable, Iterator
from typing import Any, AnyStr, Final, Generic

import re2

LONGEST: Final = 4096
"""Characters of a pattern; more is no pattern but a mistake."""

_ANYWHERE: Final[Any] = re2._Anchor.UNANCHORED  # noqa: SLF001 - the package has no public name for it
_START: Final[Any] = re2._Anchor.ANCHOR_START  # noqa: SLF001 - as above
_WHOLE: Final[Any] = re2._Anchor.ANCHOR_BOTH  # noqa: SLF001 - as above
_NOWHERE: Final = (-1, -1)
_HINTS: Final = {
    "invalid perl operator": "look-around is not possible in linear time, so RE2 has none",
    "invalid escape sequence": "back-references and \\Z are not in RE2; the end of the text is \\z",
    "pattern too large": "use smaller numbers in {…}",
    "invalid repetition size": "repetitions go up to 1000 in all",
}


class PatternError(ValueError):
    """This text is no pattern."""

    def __init__(self, what: str, position: int | None = None) -> None:
        """`position`, where known, is the index of the first wrong character."""
        self.position = position
        super().__init__(what if position is None else f"{what} (at character {position + 1})")


class Match(Generic[AnyStr]):
    """Where a pattern was found in a text, of the text's own type. Positions are indices of that text."""

    __slots__ = ("_names", "_spans", "text")

    def __init__(self, text: AnyStr, spans: list[tuple[int, int]], names: dict[str, int]) -> None:
        self.text: AnyStr = text
        self._spans = spans
        self._names = names

    def span(self, group: int | str = 0) -> tuple[int, int]:
        """Where the group begins and ends; (-1, -1) where it took no part. Raises `IndexError`, `KeyError`."""
        return self._spans[self._names[group] if isinstance(group, str) else group]

    def start(self, group: int | str = 0) -> int:
        """Where the group begins; -1 where it took no part."""
        return self.span(group)[0]

    def end(self, group: int | str = 0) -> int:
        """Where the group ends; -1 where it took no part."""
        return self.span(group)[1]

    def group(self, group: int | str = 0) -> AnyStr | None:
        """The text of the group, by number or by name; none where it took no part."""
        start, end = self.span(group)
        return None if start < 0 else self.text[start:end]

    def groups(self) -> tuple[AnyStr | None, ...]:
        """The texts of all groups, from the first on."""
        text = self.text
        return tuple([None if start < 0 else text[start:end] for start, end in self._spans[1:]])

    def groupdict(self) -> dict[str, AnyStr]:
        """The named groups that took part."""
        text, spans = self.text, self._spans
        return {name: text[spans[i][0] : spans[i][1]] for name, i in self._names.items() if spans[i][0] >= 0}

    def __repr__(self) -> str:
        return f"Match(span={self.span()}, text={self.group()!r})"


class Pattern:
    """A pattern, ready to be looked for in `str` and in UTF-8 `bytes`.

    A lone surrogate, which UTF-8 cannot write, counts as a question mark.
    """

    __slots__ = ("_find", "_test", "groups", "names", "text")

    def __init__(self, text: str, compiled: Any, tester: Any) -> None:
        self.text = text
        self.groups: int = compiled.groups
        """How many groups it has."""
        self.names: dict[str, int] = dict(sorted(compiled.groupindex.items(), key=lambda item: item[1]))
        """The number of each named group, from left to right."""
        # The package's own methods take 4 µs for a search in a `str`: they make a generator, a match and a
        # map of offsets for each. The function below them takes 0.6.
        self._find: Callable[[Any, bytes, int, int], list[tuple[int, int]]] = compiled._regexp.Match  # noqa: SLF001 - as told
        self._test: Callable[[Any, bytes, int, int], list[tuple[int, int]]] = tester._regexp.Match  # noqa: SLF001 - as told

    def test(self, text: str | bytes) -> bool:
        """Whether it is anywhere in the text: what a condition asks, and the cheapest question."""
        data = _utf8(text)
        return self._test(_ANYWHERE, data, 0, len(data))[0] != _NOWHERE

    def search(self, text: AnyStr) -> Match[AnyStr] | None:
        """The first place in the text."""
        return self._match(_ANYWHERE, text)

    def match(self, text: AnyStr) -> Match[AnyStr] | None:
        """At the beginning of the text."""
        return self._match(_START, text)

    def fullmatch(self, text: AnyStr) -> Match[AnyStr] | None:
        """The text from end to end."""
        return self._match(_WHOLE, text)

    def find(self, data: bytes, start: int) -> int:
        """Where it begins first at or after `start`; -1 where it does not."""
        return self._test(_ANYWHERE, data, start, len(data))[0][0]

    def run(self, data: bytes, start: int) -> int:
        """Where the longest one it finds at `start` itself ends; -1 where it does not begin there."""
        return self._test(_START, data, start, len(data))[0][1]

    def finditer(self, text: AnyStr) -> Iterator[Match[AnyStr]]:
        """All places, from left to right, none over another."""
        data = _utf8(text)
        plain = len(data) == len(text)  # bytes, or ASCII: a byte is a character
        at = bytes_done = chars_done = 0
        while at <= len(data):
            spans = self._find(_ANYWHERE, data, at, len(data))
            start, end = spans[0]
            if start < 0:
                return
            if plain:
                yield Match(text, spans, self.names)
            else:
                chars_done += len(data[bytes_done:start].decode())
                bytes_done = start
                yield Match(text, _in_characters(data, spans, start, chars_done), self.names)
            at = end if end > at else _after_character(data, end, plain=isinstance(text, bytes))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where `finditer` finds it: quicker, as nothing is made of groups."""
        data = _utf8(text)
        size, at, test = len(data), 0, self._test
        found: list[tuple[int, int]] = []
        while at <= size:
            start, end = test(_ANYWHERE, data, at, size)[0]
            if start < 0:
                break
            found.append((start, end))
            at = end if end > at else _after_character(data, end, plain=False)
        return found if size == len(text) or not found else _spans_in_characters(data, found)

    def sub(self, replacement: AnyStr | Callable[[Match[AnyStr]], AnyStr], text: AnyStr) -> AnyStr:
        """The text with every place replaced, by this text as it is or by what the function makes of the match."""
        pieces: list[AnyStr] = []
        done = 0
        for found in self.finditer(text):
            start, end = found.span()
            pieces.append(text[done:start])
            pieces.append(replacement(found) if callable(replacement) else replacement)
            done = end
        if not pieces:
            return text
        pieces.append(text[done:])
        return text[:0].join(pieces)

    def _match(self, anchor: Any, text: AnyStr) -> Match[AnyStr] | None:
        data = _utf8(text)
        spans = self._find(anchor, data, 0, len(data))
        if spans[0] == _NOWHERE:
            return None
        if len(data) == len(text):
            return Match(text, spans, self.names)
        start = spans[0][0]
        return Match(text, _in_characters(data, spans, start, len(data[:start].decode())), self.names)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


def compile_pattern(text: str, *, ignore_case: bool = False) -> Pattern:
    """The pattern of this text. Raises `PatternError`, a `ValueError`, that says what is wrong and where."""
    if len(text) > LONGEST:
        raise PatternError(f"is too long for a pattern: {len(text)} characters, and {LONGEST} are the most")
    try:
        capturing = re2.compile(text, _options(ignore_case, never_capture=False))
        testing = re2.compile(text, _options(ignore_case, never_capture=True))
    except re2.error as exc:
        raise _explained(text, exc.args[0]) from exc
    except UnicodeEncodeError as exc:
        raise PatternError("is no pattern: a lone surrogate is no character", exc.start) from exc
    return Pattern(text, capturing, testing)


def escape(text: str) -> str:
    """A pattern that means just this text."""
    return str(re2.escape(text))


def _utf8(text: str | bytes) -> bytes:
    return text.encode("utf-8", "replace") if isinstance(text, str) else text


def _options(ignore_case: bool, *, never_capture: bool) -> Any:
    options = re2.Options()
    options.log_errors = False  # it would write to standard error by itself
    options.never_capture = never_capture
    options.case_sensitive = not ignore_case
    return options


def _explained(text: str, reason: bytes | str) -> PatternError:
    told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    what, _, piece = told.partition(": ")
    hint = f": {_HINTS[what]}" if what in _HINTS else ""
    if not piece or piece == text or text.count(piece) != 1:
        return PatternError(f"is no pattern: {told}{hint}")
    return PatternError(f"is no pattern: {told}{hint}", text.index(piece))


def _in_characters(
    data: bytes, spans: list[tuple[int, int]], start: int, characters: int
) -> list[tuple[int, int]]:
    """The same spans as indices of the `str`; `characters` stand before byte `start`, where the match begins."""
    offsets = {start: characters, -1: -1}
    last, count = start, characters
    for offset in sorted({offset for span in spans for offset in span if offset > start}):
        count += len(data[last:offset].decode())
        offsets[offset] = count
        last = offset
    return [(offsets[first], offsets[end]) for first, end in spans]


def _spans_in_characters(data: bytes, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same as indices of the `str`; one behind the other."""
    found: list[tuple[int, int]] = []
    last = count = 0
    for start, end in spans:
        count += len(data[last:start].decode())
        inner = len(data[start:end].decode())
        found.append((count, count + inner))
        last, count = end, count + inner
    return found


def _after_character(data: bytes, at: int, *, plain: bool) -> int:
    at += 1
    while not plain and at < len(data) and 0x80 <= data[at] < 0xC0:  # within a character
        at += 1
    return at
