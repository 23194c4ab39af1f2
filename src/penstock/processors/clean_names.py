"""Which fields of an event are its time and its level, and which are to go: by their names."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_MOST_KNOWN: Final = 4096
_LONGEST_KNOWN: Final = 2048
"""Characters of all names of an event together; more is no shape that comes again."""


def folded(name: str) -> str:
    """The same for `sessionId`, `session_id` and `Session-ID`."""
    return name.replace("_", "").replace("-", "").lower()


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of all events whose fields have the same names in the same order."""

    doomed: Sequence[str]
    """Fields that go."""
    times: Sequence[str]
    """Fields that may hold the time, the likeliest first."""
    levels: Sequence[str]
    """The same for the level."""


class Names:
    """Tells fields by their names; remembers what it has said, within bounds."""

    def __init__(self, doomed: Iterable[str], times: Sequence[str], levels: Sequence[str]) -> None:
        self._doomed = frozenset(map(folded, doomed))
        self._times = _ranked(times)
        self._levels = _ranked(levels)
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._harmless: set[str] = set()

    def shape(self, names: tuple[str, ...]) -> Shape:
        """Of an event at its top."""
        shape = self._shapes.get(names)
        if shape is None:
            shape = Shape(self.doomed(names), _found(self._times, names), _found(self._levels, names))
            if sum(map(len, names)) <= _LONGEST_KNOWN:
                if len(self._shapes) >= _MOST_KNOWN:
                    self._shapes.clear()
                self._shapes[names] = shape
        return shape

    def doomed(self, names: Collection[str]) -> Sequence[str]:
        """Those of these names whose fields go."""
        harmless = self._harmless
        if harmless.issuperset(names):
            return ()
        found: list[str] = []
        for name in names:
            if name in harmless:
                continue
            if folded(name) in self._doomed:
                found.append(name)
            elif len(name) <= _LONGEST_KNOWN // 16:
                if len(harmless) >= _MOST_KNOWN:
                    harmless.clear()
                harmless.add(name)
        return tuple(found)


def _ranked(names: Sequence[str]) -> Mapping[str, int]:
    return {folded(name): rank for rank, name in reversed(list(enumerate(names)))}


def _found(ranks: Mapping[str, int], names: Iterable[str]) -> Sequence[str]:
    found = [name for name in names if folded(name) in ranks]
    return tuple(sorted(found, key=lambda name: ranks[folded(name)]))
