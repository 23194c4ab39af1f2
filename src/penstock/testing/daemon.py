"""A daemon that runs nothing: it shows the statistics that it is given, and notes what it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from penstock.admin.lag import LoopLag
from penstock.clock import SystemClock
from penstock.delivery.stats import DestinationStats, Ledger
from penstock.errors import PenstockError
from penstock.journal.base import JournalStats
from penstock.processors.measuring import Family
from penstock.processors.stats import ProcessorStats
from penstock.sources.base import SourceStats


@dataclass
class StillSource:
    """A source that takes nothing."""

    stats: SourceStats = field(default_factory=SourceStats)

    def endpoint(self) -> str:
        return "tcp://127.0.0.1:5170"


@dataclass
class StillLane:
    """A destination that sends nothing."""

    now: DestinationStats

    def stats(self) -> DestinationStats:
        return self.now


@dataclass
class StillJournal:
    """A journal that writes nothing."""

    now: JournalStats = field(
        default_factory=lambda: JournalStats(
            head=1, tail=1, durable=1, bytes=0, max_bytes=2**30, segments=1, cached_bytes=0,
            damaged_records=0, syncs=0, sync_seconds=0.0, last_sync_seconds=0.0,
        )
    )  # fmt: skip

    def stats(self) -> JournalStats:
        return self.now


@dataclass
class StillDaemon:
    """What `penstock.admin.view.Daemon` promises, standing still.

    `asked` has each action with its arguments, in order; while `refusal` is set, actions raise it.
    """

    sources: dict[str, StillSource] = field(default_factory=dict)
    destinations: dict[str, StillLane] = field(default_factory=dict)
    processors: list[ProcessorStats] = field(default_factory=list)
    families: list[tuple[str, Family]] = field(default_factory=list)
    """What processors measure, by destination."""
    journal: StillJournal = field(default_factory=StillJournal)
    started: float = 1_790_000_000.0
    loop_lag: LoopLag = field(default_factory=lambda: LoopLag(SystemClock()))
    reasons: list[str] = field(default_factory=list)
    not_after: dict[str, float] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    refusal: PenstockError | None = None

    def add(self, name: str, kind: str = "webhook") -> DestinationStats:
        """A further destination, with nothing in its books; returned to be filled."""
        stats = DestinationStats(name, kind, Ledger(0, 0, 0, {}, {}, 0))
        self.destinations[name] = StillLane(stats)
        return stats

    def config(self) -> Mapping[str, Any]:
        return self.settings

    def measured(self) -> Sequence[tuple[str, Family]]:
        return self.families

    def not_ready(self) -> Sequence[str]:
        return self.reasons

    def tls_not_after(self) -> Mapping[str, float]:
        return self.not_after

    def pause(self, name: str) -> None:
        self._ask("pause", name)
        self.destinations[name].now.paused = True

    def resume(self, name: str) -> None:
        self._ask("resume", name)
        self.destinations[name].now.paused = False

    async def replay(self, name: str, ids: Sequence[str] | None) -> int:
        self._ask("replay", name, ids)
        return 7 if ids is None else len(ids)

    async def discard(self, name: str, ids: Sequence[str] | None) -> int:
        self._ask("discard", name, ids)
        return 7 if ids is None else len(ids)

    async def reload(self) -> Mapping[str, Any]:
        self._ask("reload")
        nothing: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
        return {
            "sources": {**nothing, "unchanged": sorted(self.sources)},
            "destinations": {**nothing, "unchanged": sorted(self.destinations)},
            "restart_needed": [],
        }

    def _ask(self, *action: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(action)
