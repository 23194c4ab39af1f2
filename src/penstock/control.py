"""What may be asked of the running daemon: how it is, and the few things that change its state."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog

from penstock import __version__, systemd
from penstock.admin.lag import LoopLag
from penstock.assembly import Parts
from penstock.delivery.lane import Lane
from penstock.errors import PenstockError, StartError, Unavailable
from penstock.fields import Model
from penstock.journal.base import Journal
from penstock.processors.measuring import Family
from penstock.processors.stats import ProcessorStats
from penstock.settings import Settings, masked
from penstock.sources.base import Source
from penstock.wire.expiry import not_after

log = structlog.get_logger(__name__)

PATIENCE: Final = 5.0
"""Seconds for which a reload waits for answers to what destinations have sent before it stops them."""
FIXED: Final = ("host", "journal", "memory", "admin", "log")
"""Parts of the configuration that are read at the start only."""


class Control:
    """The admin server's view of the daemon."""

    def __init__(self, parts: Parts, load: Callable[[], Settings], loop_lag: LoopLag, started: float) -> None:
        """`load` reads the configuration again, in a thread; it raises `ConfigError`."""
        self.version = __version__
        self.started = started
        self.loop_lag = loop_lag
        self.phase = "starting"
        self._parts = parts
        self._load = load
        self._reloading = asyncio.Lock()

    @property
    def sources(self) -> Mapping[str, Source]:
        return self._parts.sources

    @property
    def destinations(self) -> Mapping[str, Lane]:
        return self._parts.lanes

    @property
    def processors(self) -> Sequence[ProcessorStats]:
        return self._parts.processors

    def measured(self) -> Iterable[tuple[str, Family]]:
        return self._parts.measured()

    @property
    def journal(self) -> Journal:
        return self._parts.journal

    def config(self) -> Mapping[str, Any]:
        return masked(self._parts.settings)

    def not_ready(self) -> Sequence[str]:
        phase = [] if self.phase == "running" else [self.phase]
        return [*phase, *self._parts.pressure.reasons]

    def tls_not_after(self) -> Mapping[str, float]:
        ends: dict[str, float] = {}
        for name, config in self._parts.settings.destinations.items():
            tls = getattr(config, "tls", None)
            end = not_after(tls) if tls is not None else None
            if end is not None:
                ends[name] = end
        return ends

    def pause(self, name: str) -> None:
        self._parts.pause_lane(name, paused=True)

    def resume(self, name: str) -> None:
        self._parts.pause_lane(name, paused=False)

    async def replay(self, name: str, ids: Sequence[str] | None) -> int:
        with _dead_letters_of(name):
            return await self.destinations[name].replay(None if ids is None else set(ids))

    async def discard(self, name: str, ids: Sequence[str] | None) -> int:
        with _dead_letters_of(name):
            return await self.destinations[name].discard(None if ids is None else set(ids))

    async def reload(self) -> Mapping[str, Any]:
        """Puts the configuration as it is now in place; what it does not change is not touched.

        Where a part of it cannot be started all goes back to how it was. Raises `Unavailable` unless all is running:
        a start or a stop has its hands on the same parts.
        """
        async with self._reloading:
            if self.phase != "running":
                raise Unavailable(f"the daemon is {self.phase}")
            new = await asyncio.to_thread(self._load)
            systemd.notify(*systemd.reloading())
            try:
                return await self._change_to(new)
            finally:
                systemd.notify("READY=1")

    async def stopping(self) -> None:
        """No reload begins from now on; returns when the one that is under way has ended."""
        self.phase = "stopping"
        async with self._reloading:
            pass

    async def _change_to(self, new: Settings) -> Mapping[str, Any]:
        old = self._parts.settings
        try:
            report = await self._replace(new.model_copy(update={part: getattr(old, part) for part in FIXED}))
        except PenstockError as exc:
            try:
                await self._replace(old)
            except PenstockError as worse:
                raise StartError(f"{exc}; nor can all that ran before be started again: {worse}") from exc
            raise
        self._parts.hold()
        restart = [part for part in FIXED if getattr(old, part) != getattr(new, part)]
        log.info("configuration reloaded", **report, restart_needed=restart)
        return {**report, "restart_needed": restart}

    async def _replace(self, new: Settings) -> dict[str, Any]:
        """Stops and starts what runs otherwise than it should, and says what that was. Raises as starting does."""
        parts = self._parts
        parts.settings = new
        lanes = compare(parts.lane_configs, new.destinations)
        sources = compare(parts.source_configs, new.sources)
        await parts.rest_lanes([*lanes.removed, *lanes.changed], min(PATIENCE, new.drain_timeout))
        await parts.stop_lanes([*lanes.removed, *lanes.changed])
        processors = parts.use_processors(new.processors)
        parts.start_lanes({name: new.destinations[name] for name in (*lanes.added, *lanes.changed)})
        await parts.stop_sources([*sources.removed, *sources.changed])
        await parts.start_sources({name: new.sources[name] for name in (*sources.added, *sources.changed)})
        return {"sources": asdict(sources), "processors": processors, "destinations": asdict(lanes)}


@contextmanager
def _dead_letters_of(name: str) -> Iterator[None]:
    """What the disk refuses is no bug, and is told to whoever asked."""
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise Unavailable(f"the dead letters of {name} cannot be read or written: {reason}") from exc


@dataclass(frozen=True, slots=True)
class Change:
    """What a new configuration does to the parts of one kind: each name is in one of the four."""

    added: list[str]
    removed: list[str]
    changed: list[str]
    unchanged: list[str]


def compare(old: Mapping[str, Model], new: Mapping[str, Model]) -> Change:
    """By name; a part is unchanged when all its values are equal, its secrets too."""
    both = old.keys() & new.keys()
    return Change(
        added=sorted(new.keys() - old.keys()),
        removed=sorted(old.keys() - new.keys()),
        changed=sorted(name for name in both if old[name] != new[name]),
        unchanged=sorted(name for name in both if old[name] == new[name]),
    )
