"""The life of the daemon: everything is started here, and stopped in the opposite order."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import structlog
import uvloop

from penstock import __version__, process, systemd
from penstock.admin.lag import LoopLag
from penstock.admin.server import AdminServer
from penstock.assembly import Parts
from penstock.clock import Clock, SystemClock, sleep
from penstock.control import Control
from penstock.delivery.lane import Lane
from penstock.errors import PenstockError
from penstock.fields import show_duration
from penstock.journal.base import Journal
from penstock.journal.open import open_journal
from penstock.settings import Settings
from penstock.settings.paths import admin_socket
from penstock.tasks import Tasks

log = structlog.get_logger(__name__)

LOOK_EVERY: Final = 0.2
"""Seconds between two looks at how far a drain is."""
CRASHED: Final = 1
KEPT: Final = 6


def run(settings: Settings, reload: Callable[[], Settings]) -> int:
    """Runs until it is told to stop, and returns the exit code.

    0: all is well. 1: a part of it crashed. 6: all input was read, and some of it could not be delivered yet: the
    journal has it. `reload` reads the configuration again. Raises `StartError`, `JournalError` and `PluginError`
    where it cannot start.
    """
    process.tune_malloc()
    process.raise_file_limit()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(Daemon(settings, reload, SystemClock()).main())


class Daemon:
    """One daemon, from start to stop."""

    def __init__(self, settings: Settings, reload: Callable[[], Settings], clock: Clock) -> None:
        self._settings = settings
        self._reload = reload
        self._clock = clock
        self._tasks = Tasks("daemon", self._crashed)
        self._stop = asyncio.Event()
        self._insist = asyncio.Event()
        self._all_read = False
        self._exit_code = 0

    async def main(self) -> int:
        """Starts, waits until it is told to stop or all input has been read, stops."""
        clock, settings = self._clock, self._settings
        asyncio.get_running_loop().set_exception_handler(self._unhandled)
        self._watch_signals()
        lag = LoopLag(clock)
        journal = open_journal(settings.journal, clock=clock, version=__version__)
        parts = Parts(settings, journal, clock, self._crashed)
        control = Control(parts, self._reload, lag, clock.time())
        admin = AdminServer(settings.admin, control, clock, admin_socket(settings))
        try:
            parts.use_processors(settings.processors)
            parts.start_lanes(settings.destinations)
            parts.hold()
            await admin.start()
            await parts.start_sources(settings.sources)
            self._now_running(parts, control, admin)
            lag.start()  # what a start costs once is no lag

            await self._stop.wait()

            systemd.notify("STOPPING=1", "STATUS=draining")
            await control.stopping()
            await parts.stop_sources(list(parts.sources))
            await self._drain(parts)
        finally:
            await parts.stop_sources(list(parts.sources))
            await admin.stop()
            lag.stop()
            lanes = dict(parts.lanes)
            await parts.stop_lanes(list(lanes))
            await journal.close()
            self._receipt(lanes, journal)
            await self._tasks.stop()
        return self._exit_code

    def _now_running(self, parts: Parts, control: Control, admin: AdminServer) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: self._tasks.start(self._reload_now(control), "reload"))
        self._tasks.start(self._watch_input(parts), "end of input")
        if (interval := systemd.watchdog_interval()) is not None:
            self._tasks.start(self._show_life(interval), "watchdog")
        # What is here now stays; looking at it again and again would only cost pauses.
        gc.collect()
        gc.freeze()
        control.phase = "running"
        systemd.notify("READY=1", f"STATUS=running, {len(parts.lanes)} destinations")
        log.info("ready", version=__version__, node=parts.journal.node, admin=str(admin.address() or "off"))

    def _watch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop, number)

    def _asked_to_stop(self, number: int) -> None:
        if self._stop.is_set():
            log.warning("stopping at once", signal=signal.Signals(number).name)
            self._insist.set()
        else:
            log.info("stopping", signal=signal.Signals(number).name)
            self._stop.set()

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What nobody has caught. In a callback of ours events may be stuck behind it; else a connection has ended."""
        del loop
        error = context.get("exception")
        log.error("unhandled error", what=context.get("message"), exc_info=error)
        if "handle" in context and error is not None:
            self._crashed(error)

    def _crashed(self, error: BaseException) -> None:
        """A part that stands still in silence would be worse than a restart."""
        log.critical("a part of the daemon crashed, stopping", error=repr(error))
        self._exit_code = CRASHED
        self._stop.set()

    async def _watch_input(self, parts: Parts) -> None:
        """Most sources never end; where all have (standard input), the daemon has done its work."""
        while True:
            known = list(parts.sources.values())
            await asyncio.gather(*[source.ended() for source in known])
            if self._stop.is_set():
                return  # they ended because they were stopped
            # Those that a stop or a reload has ended are not there any more.
            if known and known == list(parts.sources.values()):
                break
            await sleep(self._clock, LOOK_EVERY)
        log.info("all input is read")
        self._all_read = True
        self._stop.set()

    async def _reload_now(self, control: Control) -> None:
        try:
            await control.reload()
        except PenstockError as exc:
            log.error("configuration not reloaded", error=str(exc))  # noqa: TRY400 - a user's mistake
        except Exception:  # no file, however odd, is worth the daemon
            log.exception("reload failed unexpectedly")

    async def _show_life(self, interval: float) -> None:
        while True:
            systemd.notify("WATCHDOG=1")
            await sleep(self._clock, interval)

    async def _drain(self, parts: Parts) -> None:
        """Waits for what can still be delivered, `drain_timeout` at most.

        Where all input was read it may take longer, as long as something moves.
        """
        drained = self._tasks.start(_drain_lanes(parts), "drain")
        settled = -1
        patience = parts.settings.drain_timeout  # a reload may have changed it
        deadline = self._clock.monotonic() + patience
        if pending := sum(lane.stats().ledger.pending for lane in parts.lanes.values()):
            log.info(
                "draining",
                events=pending,
                drain_timeout=show_duration(patience),
                second_signal="stops at once",
            )
        while not (drained.done() or self._insist.is_set()) and self._clock.monotonic() < deadline:
            now_settled = sum(_settled(parts))
            if self._all_read and now_settled != settled:
                deadline = self._clock.monotonic() + patience
            settled = now_settled
            insisting = self._tasks.start(_wait(self._insist), "second signal")
            await asyncio.wait([drained, insisting], timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
            insisting.cancel()
        drained.cancel()

    def _receipt(self, lanes: Mapping[str, Lane], journal: Journal) -> None:
        """Says what became of everything."""
        written = journal.head - journal.stats().unwritten
        for name, lane in lanes.items():
            stats = lane.stats()
            gone = lane.unsettled(written)
            log.info(
                "receipt",
                destination=name,
                delivered=stats.delivered,
                dead_lettered=sum(stats.dead_lettered.values()),
                kept=stats.ledger.pending - gone,
                lost=sum(stats.dropped.values()) + gone,
            )
            if self._all_read and stats.ledger.pending and not self._exit_code:
                self._exit_code = KEPT


async def _drain_lanes(parts: Parts) -> None:
    await asyncio.gather(*[lane.drain() for lane in parts.lanes.values()])


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _settled(parts: Parts) -> Iterator[int]:
    for lane in parts.lanes.values():
        ledger = lane.stats().ledger
        yield ledger.accepted - ledger.pending
