"""What the admin server needs of the daemon: what it reads, and the few things it may ask for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from penstock.admin.lag import LoopLag
from penstock.delivery.stats import DestinationStats
from penstock.journal.base import JournalStats
from penstock.processors.measuring import Family
from penstock.processors.stats import ProcessorStats
from penstock.sources.base import SourceStats


class SourceView(Protocol):
    """A source, as far as it is looked at."""

    @property
    def stats(self) -> SourceStats: ...

    def endpoint(self) -> str:
        """Where to send, for people."""


class Lane(Protocol):
    """A destination with its queue, as far as it is looked at."""

    def stats(self) -> DestinationStats:
        """Cheap: it is called once a second and at each scrape."""


class JournalView(Protocol):
    """The journal, as far as it is looked at."""

    def stats(self) -> JournalStats:
        """Cheap, as above."""


class Daemon(Protocol):
    """The running daemon. All calls come from its event loop, and those that are not async never wait.

    The actions raise `PenstockError` where they cannot be done, its text being meant for the caller; names
    given to them are those of `destinations`.
    """

    @property
    def started(self) -> float:
        """Seconds since the epoch."""

    @property
    def sources(self) -> Mapping[str, SourceView]:
        """By name."""

    @property
    def destinations(self) -> Mapping[str, Lane]:
        """By name."""

    @property
    def processors(self) -> Sequence[ProcessorStats]:
        """Of those before the journal, in order."""

    def measured(self) -> Iterable[tuple[str, Family]]:
        """The metrics that processors have of their own, with the destination that they belong to, "" before the journal."""

    @property
    def journal(self) -> JournalView: ...

    @property
    def loop_lag(self) -> LoopLag: ...

    def config(self) -> Mapping[str, Any]:
        """The configuration in use, ready for JSON, every secret masked."""

    def not_ready(self) -> Sequence[str]:
        """Why events cannot be taken now; empty when they can."""

    def tls_not_after(self) -> Mapping[str, float]:
        """By destination, when its own certificate ends, in seconds since the epoch; only those that have one."""

    def pause(self, name: str) -> None:
        """Sends nothing more to this destination; its queue is held."""

    def resume(self, name: str) -> None:
        """Sends again."""

    async def replay(self, name: str, ids: Sequence[str] | None) -> int:
        """Gives dead letters back to the destination's queue, all of them for `None`; returns how many."""

    async def discard(self, name: str, ids: Sequence[str] | None) -> int:
        """Deletes dead letters, all of them for `None`; returns how many."""

    async def reload(self) -> Mapping[str, Any]:
        """Puts the configuration as it is now in place and says what that changed, ready for JSON.

        Raises `ConfigError` where it cannot be used; the daemon then runs on as before.
        """
