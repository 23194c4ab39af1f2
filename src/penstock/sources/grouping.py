"""Which lines belong together: rules that see a line and what was before it. A rule serves any number of streams."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, Protocol

from penstock.regex import compile_pattern
from penstock.sources.line_patterns import line_starts, of_lines, within_line
from penstock.sources.traces import LANGUAGES, Name

States = tuple[str, ...]
"""All in which an event may be; none: no further line belongs to it."""

_OPEN: Final[States] = ("open",)
_GAP: Final[States] = ("gap?",)


class Rule(Protocol):
    """Tells lines that belong to an event. Lines come without their newline; one that is a JSON object never comes."""

    before: int
    """How many lines before one that stirs may belong to it."""

    @abstractmethod
    def stirring(self, block: bytes) -> Sequence[int]:
        """Where the lines begin, of these whole ones, that may belong to the one before.

        Of those between two of them only the first may.
        """

    @abstractmethod
    def opens(self, line: bytes) -> States:
        """Of an event that begins with this line; none: no other line can belong to it."""

    @abstractmethod
    def goes_on(self, states: States, line: bytes) -> States:
        """With this line in it; none: it does not belong."""


@cache
def is_guess(states: States) -> bool:
    """The lines so far belong to the event only if another follows."""
    return all(state.endswith("?") for state in states)


class Traces:
    """Stack traces of some languages. What one language says of a line does not disturb the others."""

    def __init__(self, names: Iterable[Name], *, line_before: bool = False) -> None:
        """With `line_before` a trace belongs to the line before it."""
        languages = [LANGUAGES[name] for name in dict.fromkeys(names)]
        self.before = 2 if line_before else 1
        self._line_before = line_before
        self._heads = [(state, _compiled(line)) for language in languages for state, line in language.heads]
        self._any_head = _compiled(
            "|".join([f"(?:{line})" for language in languages for _, line in language.heads])
        )
        self._steps = {
            state: [(then, _compiled(line)) for then, line in steps]
            for language in languages
            for state, steps in language.steps.items()
        }
        if line_before:  # behind another line, a first one is a first one only if the trace goes on
            self._steps |= {f"{state.rstrip('?')}?": steps for state, steps in self._steps.items()}
        stirs = "|".join([language.stirs for language in languages])
        self._first = _compiled(stirs)
        self._later = _compiled(f"\n(?={stirs})")
        self._anywhere = [_compiled(place) for language in languages for place in language.anywhere]

    def stirring(self, block: bytes) -> Sequence[int]:
        at = [0] if self._first.match(block) else []
        at += [found.start() + 1 for found in self._later.finditer(block)]
        for place in self._anywhere:
            if found := [hit.start() for hit in place.finditer(block)]:
                at = sorted({*at, *[block.rfind(b"\n", 0, hit) + 1 for hit in found]})
        return at

    def opens(self, line: bytes) -> States:
        heads = self._headed(line)
        return ("line", *heads) if self._line_before and line.strip() else heads

    def goes_on(self, states: States, line: bytes) -> States:
        found: dict[str, None] = {}
        for state in states:
            if state == "line":
                found |= dict.fromkeys([f"{head.rstrip('?')}?" for head in self._headed(line)])
                continue
            for then, pattern in self._steps[state]:
                if pattern.search(line):
                    found[then] = None
                    break
        return tuple(found)

    def _headed(self, line: bytes) -> States:
        if self._any_head.search(line) is None:
            return ()
        return tuple(dict.fromkeys([state for state, pattern in self._heads if pattern.search(line)]))


class Starts:
    """A line with the pattern begins an event; all others belong to the one before. Blank lines at its end do not."""

    before = 1

    def __init__(self, pattern: str) -> None:
        """Raises `PatternError`."""
        self._pattern = of_lines(pattern)
        inner = within_line(pattern)
        begin = rf"\{{[^\n]*\}}[ \t\r]*$|[^\n]*(?:{inner})[^\n]*$"  # or is one
        self._begin = self._run = None
        if inner is not None:
            self._begin = compile_pattern(f"(?m:^(?:{begin}))")
            self._run = compile_pattern(rf"(?m:(?:(?:{begin})\n)+)")

    def stirring(self, block: bytes) -> Sequence[int]:
        if self._begin is None or self._run is None:
            return line_starts(block)
        found: list[int] = []
        at, size = 0, len(block)
        while at < size and (at := max(at, self._run.run(block, at))) < size:
            begin = self._begin.find(block, at)
            end = begin if 0 <= begin < size else size
            while at < end:
                found.append(at)
                at = block.find(b"\n", at) + 1
        return found

    def opens(self, line: bytes) -> States:
        return _OPEN if line.strip() else ()

    def goes_on(self, states: States, line: bytes) -> States:  # noqa: ARG002 - each line speaks for itself
        if not line.strip():
            return _GAP
        return () if self._pattern.test(line) else _OPEN


class Continues:
    """A line with the pattern belongs to the one before; all others begin an event."""

    before = 1

    def __init__(self, pattern: str) -> None:
        """Raises `PatternError`."""
        self._pattern = of_lines(pattern)
        inner = within_line(pattern)
        self._inner = None if inner is None else compile_pattern(f"(?m:{inner})")

    def stirring(self, block: bytes) -> Sequence[int]:
        if self._inner is None:
            return line_starts(block)
        found: list[int] = []
        at, find = 0, self._inner.find
        while at < len(block) and 0 <= (hit := find(block, at)) < len(block):
            found.append(block.rfind(b"\n", 0, hit) + 1)
            at = block.find(b"\n", hit) + 1
        return found

    def opens(self, line: bytes) -> States:
        return _OPEN if line.strip() else ()

    def goes_on(self, states: States, line: bytes) -> States:  # noqa: ARG002 - each line speaks for itself
        return _OPEN if self._pattern.test(line) else ()


def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())
