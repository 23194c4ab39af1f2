"""The parts of a running daemon, put together as the configuration says, and changed when it changes."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import structlog

from penstock.admission import Admission
from penstock.clock import Clock
from penstock.delivery.deadletters import DeadLetterStore
from penstock.delivery.lane import Lane
from penstock.delivery.settings import BatchSettings
from penstock.delivery.share import Share
from penstock.destinations.base import BatchSize
from penstock.errors import PluginError
from penstock.journal.base import Journal
from penstock.kept import KeptOf
from penstock.memory import budget, source_share
from penstock.pressure import Pressure
from penstock.processors.base import ProcessorContext, ProcessorSettings
from penstock.processors.build import build_chain
from penstock.processors.measuring import Family
from penstock.processors.stats import ProcessorStats
from penstock.settings import DestinationConfig, Settings
from penstock.settings.paths import dead_letters, positions
from penstock.sources.base import Source, SourceContext, SourceSettings
from penstock.tasks import Tasks
from penstock.wire.open import open_wire

log = structlog.get_logger(__name__)


class Parts:
    """The sources, the journal and the lanes that lead from it."""

    def __init__(
        self, settings: Settings, journal: Journal, clock: Clock, on_crash: Callable[[BaseException], None]
    ) -> None:
        self.settings = settings
        self.journal = journal
        self.sources: dict[str, Source] = {}
        self.lanes: dict[str, Lane] = {}
        self.source_configs: dict[str, SourceSettings] = {}
        """What each running source was built from; the same for lanes below."""
        self.lane_configs: dict[str, DestinationConfig] = {}
        self._paused: set[str] = set()
        self.pressure = Pressure(self._pause, self._resume, clock)
        self._clock = clock
        self._tasks = Tasks("lanes", on_crash)
        self._share = Share(self._several)
        self._admission = Admission(journal, clock, self.pressure.gauge("processors"), on_crash)
        self._chain_config: Sequence[ProcessorSettings] = ()
        if dead_letters(settings, "any") is None:
            log.warning(
                "dead letters are not kept", remedy="name a folder that can be written as journal.path"
            )
        journal.on_append(self._wake_lanes)
        journal.on_pressure(self.pressure.gauge("journal"))

    def start_lanes(self, configs: Mapping[str, DestinationConfig]) -> None:
        """Begins to deliver. Raises `PluginError`; nothing has begun then."""
        share = budget(self.settings.memory) // max(1, len({*self.lanes, *configs}))
        built = {name: self._build_lane(name, config, share) for name, config in configs.items()}
        for name, lane in built.items():
            self.lanes[name], self.lane_configs[name] = lane, configs[name]
            if name in self._paused:
                lane.pause(paused=True)
            self._tasks.start(lane.run(), name)

    @property
    def processors(self) -> Sequence[ProcessorStats]:
        """Of each processor before the journal, in order."""
        return self._admission.stats

    def measured(self) -> Iterator[tuple[str, Family]]:
        """The metrics that processors have of their own, with the destination that they belong to, "" before the journal."""
        yield from (("", family) for family in self._admission.families())
        for name, lane in self.lanes.items():
            yield from ((name, family) for family in lane.families())

    def use_processors(self, configs: Sequence[ProcessorSettings]) -> bool:
        """Puts these before the journal; `False` where they stand there already. Raises `PluginError`."""
        if configs == self._chain_config:
            return False
        self._admission.use(build_chain(configs, self._context("processors")))
        self._chain_config = configs
        return True

    async def rest_lanes(self, names: Iterable[str], patience: float) -> None:
        """Waits, some seconds at most, until what they have sent is answered. `stop_lanes` is to follow.

        Who stops a lane at once sends again what it had under way, all that is not yet acknowledged among it.
        """
        resting = [self._tasks.start(self.lanes[name].rest(), f"{name} rests") for name in names]
        if resting:
            _, late = await asyncio.wait(resting, timeout=patience)
            for task in late:
                task.cancel()

    async def stop_lanes(self, names: Iterable[str]) -> None:
        """Ends delivery there; what waits stays in the journal, under the destination's name."""
        for name in names:
            del self.lane_configs[name]
            await self.lanes.pop(name).stop()
            self.pressure.set(_queue_of(name), "")

    def pause_lane(self, name: str, *, paused: bool) -> None:
        """Holds its queue, or lets it go on; it stays so when its settings change."""
        self.lanes[name].pause(paused=paused)
        (self._paused.add if paused else self._paused.discard)(name)

    def hold(self) -> None:
        """Tells the journal whose events it must keep: those of all that are configured, running just now or not.

        To be called when all has been started, never before: what nobody holds is gone at once.
        """
        holding = {name: config for name, config in self.settings.destinations.items() if config.enabled}
        self.journal.hold(holding)
        self.journal.block_when_full = any(config.queue.when_full == "block" for config in holding.values())

    async def start_sources(self, configs: Mapping[str, SourceSettings]) -> None:
        """Begins to listen. Raises `StartError` at the first that cannot."""
        share = source_share(budget(self.settings.memory), len({*self.sources, *configs}))
        for name, config in configs.items():
            context = SourceContext(
                name,
                self.settings.host,
                self._clock,
                share,
                positions(self.settings),
                KeptOf(name, self.journal),
            )
            source = config.build(context)
            await source.start(self._admission.accept)
            self.sources[name], self.source_configs[name] = source, config
            if self.pressure.reasons:
                source.pause()
            log.info("source listens", source=name, at=source.endpoint())

    async def stop_sources(self, names: Iterable[str]) -> None:
        """Ends listening; when it returns the journal has all that they held."""
        going = [self.sources.pop(name) for name in names]
        for source in going:
            del self.source_configs[source.name]
        await asyncio.gather(*[source.stop() for source in going])
        await self._admission.drained()

    def _build_lane(self, name: str, config: DestinationConfig, max_held: int) -> Lane:
        try:
            destination = config.build(name)
        except PluginError as exc:
            raise PluginError(f"destinations.{name}: {exc}") from exc
        context = self._context(f"destinations.{name}.processors")
        chain = build_chain(config.processors, context, config.match, config.match_on_error)
        return Lane(
            name=name,
            kind=config.type,
            destination=destination,
            wire=open_wire(
                destination.transport, name=name, clock=self._clock, max_in_flight=config.max_in_flight
            ),
            journal=self.journal,
            settings=config,
            batch=_batch_size(config.batch, config.default_batch),
            dead_letters=DeadLetterStore(dead_letters(self.settings, name), config.dead_letter, self._clock),
            clock=self._clock,
            max_held=max_held,
            on_full=self.pressure.gauge(_queue_of(name)),
            chain=chain,
            share=self._share,
        )

    def _context(self, name: str) -> ProcessorContext:
        return ProcessorContext(self._clock, self.settings.host, name, self.settings.folder)

    def _several(self) -> bool:
        return sum(lane.settings.enabled for lane in self.lanes.values()) > 1

    def _wake_lanes(self) -> None:
        for lane in self.lanes.values():
            lane.grown()

    def _pause(self) -> None:
        for source in self.sources.values():
            source.pause()

    def _resume(self) -> None:
        for source in self.sources.values():
            source.resume()


def _queue_of(name: str) -> str:
    # Apart from the journal's own reason, whatever a destination is called.
    return f"queue of {name}"


def _batch_size(asked: BatchSettings, default: BatchSize) -> BatchSize:
    return BatchSize(
        events=default.events if asked.events is None else asked.events,
        bytes=default.bytes if asked.bytes is None else asked.bytes,
        age=default.age if asked.age is None else asked.age,
    )
