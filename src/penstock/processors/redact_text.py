"""Secrets in one text: found, and covered."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from penstock.processors.redact_cover import Cover
from penstock.processors.redact_kinds import Kind
from penstock.processors.redact_writing import ESCAPE, FOREIGN, plain, unescaped
from penstock.regex import compile_pattern

_BY_PLACE: Final = itemgetter(0, 2)
_MOST_KNOWN: Final = 8192
"""Texts that are remembered as harmless: hosts, levels and names of fields come again and again."""
_LONGEST_KNOWN: Final = 64


class TextRedactor:
    """Covers what these kinds find."""

    def __init__(self, kinds: Sequence[Kind], cover: Cover) -> None:
        """Of two kinds that find something at one place the first gives it its name."""
        self._kinds = kinds
        self._cover = cover
        glances = [kind.glance for kind in kinds]
        self._known_by_sight = all(glances)
        self._in_line = compile_pattern("|".join([*glances, ESCAPE, FOREIGN])) if glances else None
        self._in_text = compile_pattern("|".join(glances)) if glances and self._known_by_sight else None
        ranked = list(enumerate(kinds))
        self._by_sign = [(rank, kind, kind.likely) for rank, kind in ranked if kind.likely is not None]
        """Kinds for which a cheap question tells that a text has none."""
        without = [(rank, kind) for rank, kind in ranked if kind.likely is None and kind.glance]
        self._by_glance = without
        """The others that are built in: one pattern tells it for all of them."""
        self._glance = compile_pattern("|".join([kind.glance for _, kind in without])) if without else None
        self._own = [(rank, kind) for rank, kind in ranked if not kind.glance]
        self._harmless: set[str] = set()

    def suspects(self, lines: Sequence[bytes]) -> Sequence[int]:
        """The lines of this JSON, by index, that are to be looked at; in all others nothing is found."""
        if self._in_line is None or not self._known_by_sight:
            return range(len(lines)) if self._kinds else ()
        test = self._in_line.test
        return [index for index, line in enumerate(lines) if test(line)]

    def of(self, text: str) -> str:
        """The text without secrets: the same object where it has none."""
        if text in self._harmless:
            return text
        bare = unescaped(text)
        sight = plain(bare)
        # A long text is most likely what made the line suspect.
        if self._in_text is None or len(text) > _LONGEST_KNOWN or self._in_text.test(sight):
            found = self._found(sight, bare)
            if found:
                return self._covered(bare, found)
        if len(text) <= _LONGEST_KNOWN:
            if len(self._harmless) >= _MOST_KNOWN:
                self._harmless.clear()
            self._harmless.add(text)
        return text

    def _found(self, sight: str, text: str) -> list[tuple[int, int, str]]:
        """What is to be covered, from left to right; what overlaps is one."""
        spans = [
            (start, end, rank)
            for rank, kind, likely in self._by_sign
            if likely(sight)
            for start, end in kind.spans(sight)
        ]
        if self._glance is not None and self._glance.test(sight):
            spans += [(*span, rank) for rank, kind in self._by_glance for span in kind.spans(sight)]
        spans += [(*span, rank) for rank, kind in self._own for span in kind.spans(text)]
        found: list[tuple[int, int, str]] = []
        for start, end, rank in sorted(spans, key=_BY_PLACE):
            name = self._kinds[rank].name
            if not found or start >= found[-1][1]:
                found.append((start, end, name))
            elif end > found[-1][1] and (found[-1][2], name) != ("url_password", "email"):
                found[-1] = (found[-1][0], end, found[-1][2])
        return found

    def _covered(self, text: str, found: Sequence[tuple[int, int, str]]) -> str:
        pieces: list[str] = []
        done = 0
        for start, end, name in found:
            pieces += (text[done:start], self._cover.of(name, plain(text[start:end])))
            done = end
        pieces.append(text[done:])
        return "".join(pieces)
