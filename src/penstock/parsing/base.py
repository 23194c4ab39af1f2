"""What every format promises."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

Fields = dict[str, Any]
"""By name, in the order of the text: strings, numbers, booleans, and what a format nests."""


class Parser(Protocol):
    """Reads texts of one format; made once from its options.

    It never raises for a text's sake and takes a time that grows with its length alone. A field that a text leaves
    empty (`-` in many formats) is missing, and a `timestamp` is RFC 3339 in UTC. `received` is in seconds since the
    epoch: it gives the year to a time that has none.
    """

    def parse(self, text: str, received: float) -> Fields | None:
        """The fields of one text; none where it does not have the format."""

    def parse_all(self, texts: Sequence[str], received: float) -> list[Fields | None]:
        """The same for each of many."""


class OneByOne(ABC):
    """For formats that gain nothing from many texts at once."""

    @abstractmethod
    def parse(self, text: str, received: float) -> Fields | None:
        """As `Parser` promises."""

    def parse_all(self, texts: Sequence[str], received: float) -> list[Fields | None]:
        """The same for each of many."""
        parse = self.parse
        return [parse(text, received) for text in texts]


def as_lines(texts: Sequence[str]) -> str | None:
    r"""All of them as one text, each on its line; none where one of them holds a newline itself."""
    joined = "\n".join(texts)
    return joined if joined.count("\n") == len(texts) - 1 else None
