"""What a source is: it brings bytes from outside into blocks, and knows nothing of where they go."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field

from penstock.block import Block
from penstock.clock import Clock
from penstock.fields import Model, Size


class Receipt(Protocol):
    """That a block was taken."""

    @property
    @abstractmethod
    def end(self) -> int:
        """The sequence number after its last event."""

    @property
    @abstractmethod
    def written(self) -> bool:
        """The death of the process would not lose it; once true it stays so."""

    async def durable(self) -> None:
        """Returns once the block would survive the death of the machine.

        Raises `Unavailable` where that cannot be had for now; the block may still be kept.
        """


class Kept(Protocol):
    """What the journal holds of one source."""

    @property
    @abstractmethod
    def head(self) -> int:
        """The sequence number of the next event, whoever brings it."""

    @abstractmethod
    async def marks(self, seq: int) -> Sequence[bytes]:
        """Those of the source's own blocks from `seq` on, oldest first; only what can still be read."""


class Accept(Protocol):
    """Hands a block over. It is taken when the call returns: it never waits and never refuses.

    Back-pressure is `Source.pause()`; what a source already holds when it is told, it may still hand over.
    """

    def __call__(self, block: Block, /) -> Receipt: ...


@dataclass(slots=True)
class SourceStats:
    """What a source has seen since it started; `/metrics` and `/api/status` are read from it."""

    events: int = 0
    """Handed over."""
    bytes: int = 0
    """Received, before framing and decoding."""
    connections: int = 0
    """Open now."""
    connections_refused: int = 0
    wrapped: int = 0
    """Lines that were not what the source takes apart, and became the message of an event."""
    blank: int = 0
    """Blank lines, skipped."""
    invalid_utf8: int = 0
    """Lines that held bytes which are not UTF-8."""
    truncated: int = 0
    """Lines over the limit that were cut."""
    discarded: int = 0
    """Lines over the limit that were dropped, by option, and parts of a request that were refused."""
    kernel_drops: int = 0
    """Datagrams that the kernel dropped because nobody read them in time."""
    files: int = 0
    """Followed now, those that were rotated away and are still there among them."""
    files_open: int = 0
    files_unreadable: int = 0
    """That are there and cannot be opened now."""
    bytes_behind: int = 0
    """Of files that are followed: written there and not read yet."""
    bytes_missed: int = 0
    """Of files that went before all of them was read."""
    paused: bool = False


class Source(Protocol):
    """One configured source."""

    name: str
    stats: SourceStats

    @abstractmethod
    async def start(self, accept: Accept) -> None:
        """Binds and begins. Raises `StartError`, saying what is taken or not allowed."""

    @abstractmethod
    def pause(self) -> None:
        """Takes nothing more for now: writers wait, HTTP gets 429, the kernel drops datagrams."""

    @abstractmethod
    def resume(self) -> None:
        """Takes again."""

    @abstractmethod
    async def stop(self) -> None:
        """Closes its sockets and hands over what it holds, a last unfinished line too."""

    @abstractmethod
    def endpoint(self) -> str:
        """Where to send, for people: `tcp://127.0.0.1:5170`; after `start` with the port that was given."""

    @abstractmethod
    async def ended(self) -> None:
        """Returns when there can be nothing more (standard input is at its end); for most never.

        Raises what a part of the source has crashed with: nothing would come from it ever again.
        """


class LineDecoder(Protocol):
    """Makes events of one source's lines, and counts them."""

    most_lines: int
    """Lines of a block that take it a few milliseconds, if more than those of most blocks are of the costly kind."""
    most_bytes: int
    """The same of a block's bytes, where long lines may be of the costly kind."""
    nul_ends: bool
    """In a stream that is told apart by newlines, a NUL ends a line too."""
    whole_datagrams: bool
    """A datagram is one message, whatever newlines it holds; else each of its lines is one."""

    @abstractmethod
    def block(self, raw: bytes, arrived: float) -> Block | None:
        r"""The events of `raw`, whole lines each ending in `\n`; none where nothing is left.

        `arrived` is in seconds since the epoch: the block's time, and that of events which tell none.
        """

    @abstractmethod
    def line(self, message: bytes, arrived: float) -> bytes:
        r"""One message, which may itself hold newlines, as one line for `block`, with its `\n`.

        For framings that know where a message ends by other means.
        """


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What the daemon gives every source."""

    name: str
    host: str
    """This machine's name, for the option that adds it to events."""
    clock: Clock
    memory: int = 64 * 2**20
    """Bytes that it may hold of what came in and is no event yet: unfinished lines, bodies on their way."""
    positions: Path | None = None
    """The folder in which it may remember how far it has read; none where nothing is kept."""
    kept: Kept | None = None
    """Of its own, from earlier runs."""


class LineSettings(Model):
    """What becomes of a line. Sources add their own fields."""

    max_line: Size = Field(default=2**20, ge=64)
    """Longest line taken whole, at least 64 bytes."""
    long_lines: Literal["cut", "drop"] = "cut"
    """Longer lines are cut, with a mark at the end, or dropped; both are counted."""
    invalid_utf8: Literal["replace", "base64"] = "replace"
    """Bytes that are not UTF-8: U+FFFD in their place, or the whole line as `message_base64`."""
    add_host: bool = False
    """Add `host`, this machine's name, to events that have none."""
    add_source: bool = False
    """Add `source`, the name of this source, to events that have none."""


class SourceSettings(LineSettings):
    """A source's part of the configuration. A kind adds `type` and its fields."""

    @abstractmethod
    def build(self, context: SourceContext) -> Source:
        """The source, not started."""
