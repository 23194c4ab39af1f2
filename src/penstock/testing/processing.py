"""What every processor keeps, as checks for the tests of those who write one.

@pytest.mark.parametrize("shown", MySettings.shown)
def test_shown(shown: Shown) -> None:
check_shown(MySettings, shown)

def test_contract() -> None:
check_processor(lambda: MySettings(type="mine").build(context()))
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from penstock.block import Block
from penstock.plugins import type_of
from penstock.processors.base import Processor, ProcessorContext, ProcessorSettings
from penstock.processors.chain import Chain, Step
from penstock.processors.events import Events
from penstock.processors.shown import Shown
from penstock.processors.stats import ProcessorStats
from penstock.testing.clock import ManualClock
from penstock.testing.contract import ODD_EVENTS

ARRIVED: Final = 1_793_000_000.0
"""When the events of `block_of` arrive, in seconds since the epoch: 2026-10-26T07:33:20Z."""

HOSTILE: Final[Sequence[bytes]] = (
    b'{"message":1e400}',
    b'{"message":"\\ud800"}',
    b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}",
    b'{"message":"' + b'\\"' * 50_000 + b'"}',
    b'{"timestamp":1e300,"level":{"a":[]},"message":["x"],"a.b":1,"a":{"b":2}}',
    b'{"":"","message":"\\u0000\\u2028","message":"twice"}',
    b"{}",
)
"""Events that nobody means to send."""


class Each:
    """A processor that is one function."""

    def __init__(self, work: Callable[[Events], None]) -> None:
        self.process = work


class Tally:
    """A processor that leaves all out, and tells how many ten seconds after the last has arrived."""

    def __init__(self) -> None:
        self._count = 0
        self._until: float | None = None

    def process(self, events: Events) -> None:
        self._count += events.count
        self._until = events.arrived + 10
        events.keep([False] * events.count)

    def due(self) -> float | None:
        return self._until

    def tick(self, events: Events, now: float) -> None:  # noqa: ARG002 - it is due
        events.emit([{"count": self._count}])
        self._count, self._until = 0, None


def context(clock: ManualClock | None = None, **more: Any) -> ProcessorContext:
    """What a processor is built with, for tests."""
    return ProcessorContext(clock or ManualClock(), host="here", **more)


def block_of(
    events: Iterable[Mapping[str, Any] | bytes], arrived: float = ARRIVED, first_seq: int = 0
) -> Block:
    """A block of these events; bytes are the JSON of one, without a newline."""
    lines = [event if isinstance(event, bytes) else orjson.dumps(event) for event in events]
    return Block(b"".join([line + b"\n" for line in lines]), len(lines), "test", arrived, first_seq, "node")


def chain_of(*processors: Processor) -> Chain:
    """A chain of these."""
    return Chain([Step(ProcessorStats(str(number)), one) for number, one in enumerate(processors, 1)])


def process(processor: Processor, events: Iterable[Mapping[str, Any] | bytes]) -> list[dict[str, Any]]:
    """What comes of these events, decoded."""
    return decoded(chain_of(processor).process(block_of(events)))


def decoded(flows: Iterable[Events]) -> list[dict[str, Any]]:
    """All events of what a chain has handed out."""
    return [orjson.loads(line) for events in flows for line in events.data().splitlines()]


def check_shown(kind: type[ProcessorSettings], shown: Shown) -> None:
    """The example on the reference page is true."""
    settings = kind.model_validate({"type": type_of(kind), **shown.settings})
    chain = chain_of(settings.build(context()))
    came = decoded(chain.process(block_of(shown.given))) + decoded(chain.tick(float("inf"), ARRIVED))
    assert came == [dict(event) for event in shown.gives], shown.settings


def check_processor(build: Callable[[], Processor]) -> None:
    """No event vanishes uncounted, none makes it raise, what comes out is JSON in the order of what went in."""
    events = [orjson.dumps(event) for event in ODD_EVENTS] + list(HOSTILE)
    for some in ([event] for event in events):
        _check(build(), some)
    _check(build(), events * 3)


def _check(processor: Processor, lines: Sequence[bytes]) -> None:
    chain = chain_of(processor)
    (stats,) = chain.stats
    *_, own = flows = chain.process(block_of(lines))
    assert "internal error" not in stats.last_error, stats.last_error
    assert stats.events_in == len(lines)
    assert stats.events_in + stats.added == stats.events_out + stats.dropped, stats
    assert stats.events_out == sum(flow.count for flow in flows)
    assert len(own.lines()) == own.count == len(own.data().splitlines())
    if own.held is None:
        origins = list(own.origins if own.origins is not None else range(own.count))
        assert origins == sorted(origins), "events have changed places"
        assert not set(origins) & set(own.refused), "an event is refused and goes on all the same"
    for flow in flows:
        for line in flow.data().splitlines():
            assert line.startswith(b"{"), line
