"""Events that are settled together, once the last of all that came of them is.

A range of sequence numbers says what a block stands for as long as each event that went in came out once or not at
all. Where one became several, where many became one, or where some of them had to go elsewhere, a claim says it.
"""

from collections.abc import Callable, Iterator

Book = Callable[[int, int, int], None]
"""Settles the events from the first number to the second, which is exclusive; so many of them on an account, the
rest as left out."""


class Claim:
    """It is closed when nothing more can come of its events; blocks that bear it may be on their way before."""

    __slots__ = ("_book", "_came", "_open", "_rank", "_runs", "_waiting", "named")

    def __init__(self, named: int = -1) -> None:
        self.named = named
        """The sequence number of the event after which what comes of all is named; -1 where it comes of none."""
        self._runs: list[list[int]] = []
        self._came = 0
        self._waiting = 0
        self._open = True
        self._rank = -1
        self._book: Book | None = None

    def cover(self, first: int, end: int) -> None:
        """Takes these events, which follow all that it has; a run that continues the last becomes one with it."""
        if self._runs and self._runs[-1][1] == first:
            self._runs[-1][1] = end
        elif first < end:
            self._runs.append([first, end])

    def runs(self) -> Iterator[tuple[int, int]]:
        """What it stands for, as `(first, end)`."""
        yield from ((first, end) for first, end in self._runs)

    @property
    def settled(self) -> bool:
        """Nothing of it is on its way any more."""
        return not self._open and not self._waiting

    def close(self, events: int, of: int | None = None) -> None:
        """So many have come of it, and those of so many of its events; none: of as many, or of all if that is fewer."""
        self._came, self._waiting = events if of is None else of, events
        self._open = False

    def settle(self, events: int, rank: int, book: Book) -> bool:
        """So many of those are settled; of all their accounts that with the highest rank counts.

        `True`: they were the last, `shares` is to be booked now.
        """
        if rank > self._rank:
            self._rank, self._book = rank, book
        self._waiting -= events
        return self.settled

    def shares(self) -> Iterator[tuple[Book, int, int, int]]:
        """What is to be booked: how, and with which arguments."""
        left = self._came
        for first, end in self._runs:
            events = min(left, end - first)
            left -= events
            assert self._book is not None, "nothing was settled"
            yield self._book, first, end, events
