"""Which ids have come, which came twice, and which are missing in between.

An id that ends in digits is a number behind a prefix: `web-1-` and 4711. The numbers of a prefix are kept as runs, so
that millions of them cost next to nothing as long as few are missing. Any other id is remembered as it is. All of it is
bounded; what is beyond the bounds is counted as untracked, and the account says that it is not complete.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from penstock.sandbox.runs import Runs

PREFIXES: Final = 1_000
"""Prefixes with numbers of their own; an id with yet another prefix is remembered as it is."""
RUNS: Final = 100_000
"""Runs of all prefixes together."""
TEXTS: Final = 200_000
"""Ids remembered as they are."""
LONGEST: Final = 512
"""Characters of an id that is tracked."""
SHOWN: Final = 100
"""Ranges and ids of a kind that are told."""
_DIGITS: Final = "0123456789"
_MOST_DIGITS: Final = 20
"""A number of 64 bits has no more."""


@dataclass(slots=True)
class _Numbers:
    seen: Runs = field(default_factory=Runs)
    again: Runs = field(default_factory=Runs)
    """Those that came more than once."""


class Ids:
    """The account of ids. `web-7` and `web-007` are the same to it."""

    def __init__(self, prefixes: int = PREFIXES, runs: int = RUNS, texts: int = TEXTS) -> None:
        self.duplicates = 0
        """How often an id came that had come before."""
        self.untracked = 0
        """Ids beyond the bounds: whether they came before is not known."""
        self._most_prefixes = prefixes
        self._most_runs = runs
        self._most_texts = texts
        self._runs = 0
        self._numbers: dict[str, _Numbers] = {}
        self._texts: dict[str, bool] = {}
        """Whether it came more than once."""

    @property
    def distinct(self) -> int:
        """Different ids that came."""
        return len(self._texts) + sum([numbers.seen.size for numbers in self._numbers.values()])

    @property
    def missing(self) -> int:
        """Numbers that have not come, though lower and higher ones with their prefix have."""
        return sum([last - first + 1 for _, first, last in self.holes()])

    def note(self, text: str) -> None:
        """An event with this id was accepted."""
        prefix = text.rstrip(_DIGITS)
        digits = text[len(prefix) :]
        if len(text) > LONGEST:
            self.untracked += 1
        elif digits and len(digits) <= _MOST_DIGITS and (numbers := self._of(prefix)):
            self._note_number(numbers, int(digits))
        else:
            self._note_text(text)

    def holes(self) -> Iterator[tuple[str, int, int]]:
        """Each hole: its prefix, its first and its last number."""
        for prefix, numbers in self._numbers.items():
            for first, last in numbers.seen.holes():
                yield prefix, first, last

    def report(self, shown: int = SHOWN) -> dict[str, Any]:
        """All of it as plain data; at most `shown` of what there may be many."""
        return {
            "distinct": self.distinct,
            "duplicates": self.duplicates,
            "missing": self.missing,
            "untracked": self.untracked,
            "complete": not self.untracked,
            "numbered": [
                _told(prefix, numbers, shown)
                for prefix, numbers in islice(self._numbers.items(), shown)
                if numbers.seen.size  # it has none where the bound on runs was reached before
            ],
            "others": {
                "distinct": len(self._texts),
                "duplicated": _some((text for text, twice in self._texts.items() if twice), shown),
            },
        }

    def _of(self, prefix: str) -> _Numbers | None:
        numbers = self._numbers.get(prefix)
        if numbers is None and len(self._numbers) < self._most_prefixes:
            numbers = self._numbers[prefix] = _Numbers()
        return numbers

    def _note_number(self, numbers: _Numbers, number: int) -> None:
        if self._runs >= self._most_runs:
            # Which would make a run more is known only by trying, so all of them are left out from here on.
            self.untracked += 1
            return
        runs = len(numbers.seen)
        if numbers.seen.add(number):
            self._runs += len(numbers.seen) - runs
            return
        self.duplicates += 1
        runs = len(numbers.again)
        numbers.again.add(number)
        self._runs += len(numbers.again) - runs

    def _note_text(self, text: str) -> None:
        if text in self._texts:
            self.duplicates += 1
            self._texts[text] = True
        elif len(self._texts) < self._most_texts:
            self._texts[text] = False
        else:
            self.untracked += 1


def _told(prefix: str, numbers: _Numbers, shown: int) -> dict[str, Any]:
    first, last = numbers.seen.span
    return {
        "prefix": prefix,
        "first": first,
        "last": last,
        "distinct": numbers.seen.size,
        "holes": _some(numbers.seen.holes(), shown),
        "duplicated": _some(numbers.again, shown),
    }


def _some(items: Iterable[object], shown: int) -> list[object]:
    return list(islice(items, shown))
