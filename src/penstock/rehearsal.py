"""What a configuration would do with some lines: its processors and destinations run, and nothing is opened or sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from penstock.block import Batch, Block
from penstock.clock import StoppedClock
from penstock.delivery.batcher import Batcher
from penstock.delivery.worker import too_long
from penstock.destinations.base import BatchSize, Destination, Split, Unfit
from penstock.errors import PluginError
from penstock.exchange import Append, Request
from penstock.processors.base import ProcessorContext, ProcessorSettings
from penstock.processors.build import build_chain
from penstock.processors.chain import Chain
from penstock.processors.events import Events
from penstock.settings import Settings
from penstock.sources.base import LineSettings, SourceContext, SourceStats
from penstock.sources.decode import Decoder

ARRIVED: Final = 1_767_225_600.0
"""2026-01-01T00:00:00Z: when all lines arrive, so that what comes out is the same each time."""
_LATER: Final = 3.2e9
"""All windows have ended by then."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Events that would become dead letters, and why."""

    batch: Batch
    reason: str


class Rehearsal:
    """One configuration. Raises `PluginError` where something of it cannot be built."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clock = StoppedClock(ARRIVED)
        self._seq = 0
        self.complaints: list[str] = []
        """What went wrong in processors, a line for each that had something."""

    def block(self, lines: bytes) -> Block | None:
        """Lines as a source without options takes them; none where there is nothing but blanks."""
        context = SourceContext("stdin", self._settings.host, self._clock)
        return Decoder(LineSettings(), context, SourceStats()).block(lines, ARRIVED)

    def written(
        self, block: Block, processors: Sequence[ProcessorSettings] | None = None
    ) -> tuple[list[Block], list[Kept]]:
        """What the journal would get of it; or what these processors make of it, in place of the configuration's."""
        chosen = self._settings.processors if processors is None else processors
        return self._through(build_chain(chosen, self._context("processors")), block)

    def at(self, name: str, blocks: Sequence[Block]) -> tuple[list[Block], list[Kept]]:
        """What of that a destination would put into batches."""
        config = self._settings.destinations[name]
        context = self._context(f"destinations.{name}.processors")
        chain = build_chain(config.processors, context, config.match, config.match_on_error)
        whole = b"".join([block.data for block in blocks])
        if not whole:
            return [], []
        count = sum(block.count for block in blocks)
        return self._through(chain, Block(whole, count, "stdin", ARRIVED))

    def sent(self, name: str, blocks: Sequence[Block]) -> Iterator[Request | Append | Kept]:
        """The requests that would carry it."""
        config = self._settings.destinations[name]
        destination = self.destination(name)
        default, asked = config.default_batch, config.batch
        size = BatchSize(asked.events or default.events, asked.bytes or default.bytes, default.age)
        batcher = Batcher(size, destination.limits)
        for block in blocks:
            batcher.feed(block, ARRIVED, 0.0)
        while batcher.events:
            yield from _encoded(destination, batcher.cut(ARRIVED))

    def destination(self, name: str) -> Destination:
        """It, ready to speak."""
        try:
            return self._settings.destinations[name].build(name)
        except PluginError as exc:
            raise PluginError(f"destinations.{name}: {exc}") from exc

    def _context(self, name: str) -> ProcessorContext:
        return ProcessorContext(self._clock, self._settings.host, name, self._settings.folder)

    def _through(self, chain: Chain | None, block: Block) -> tuple[list[Block], list[Kept]]:
        block = replace(block, first_seq=self._seq, node="preview")
        self._seq += block.count
        if chain is None:
            return [block], []
        flows: list[Events] = []
        kept: list[Kept] = []
        for piece in chain.slices(block):
            *released, own = chain.process(piece)
            flows += [*released, own]
            whole = Batch((piece,), ARRIVED)
            kept += [Kept(whole.select([index]), reason) for index, reason in own.refused.items()]
        self._clock.now = _LATER
        flows += [*chain.tick(_LATER, ARRIVED), *chain.tick(float("inf"), ARRIVED)]
        self._clock.now = ARRIVED
        self.complaints += [
            f"{stats.name}: {stats.last_error} ({stats.errors} {'event' if stats.errors == 1 else 'events'})"
            for stats in chain.stats
            if stats.errors
        ]
        came = [
            Block(events.data(), events.count, block.source, ARRIVED, number, "preview")
            for number, events in enumerate(flows, self._seq)
            if events.count
        ]
        return came, kept


def events_of(blocks: Sequence[Block]) -> list[Mapping[str, Any]]:
    """Decoded."""
    return [msgspec.json.decode(line) for block in blocks for line in block.lines()]


def _encoded(destination: Destination, batch: Batch) -> Iterator[Request | Append | Kept]:
    waiting = [batch]
    while waiting:
        batch = waiting.pop()
        encoded = destination.encode(batch)
        if isinstance(encoded, Split):
            waiting += [batch.select(part) for part in reversed(encoded.parts)]
        elif isinstance(encoded, Unfit):
            for index, reason in encoded.refused.items():
                yield Kept(batch.select([index]), reason)
            rest = [index for index in range(batch.count) if index not in encoded.refused]
            if rest:
                waiting.append(batch.select(rest))
        elif too_long(encoded, destination.limits):
            if batch.count == 1:
                yield Kept(batch, "larger than the service takes")
            else:
                waiting += reversed(batch.halves())
        else:
            yield encoded
