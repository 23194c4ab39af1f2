"""`python -m tests.bench.sink EVENTS [times]`: a service of any kind that only counts; ends with its standard input.

The first line it prints is its port, the last what has arrived.
"""

import asyncio
import json
import sys

import msgspec
import uvloop

from penstock.clock import Clock, SystemClock
from penstock.sandbox.server import Server, said
from penstock.sandbox.service import Answered, Asked, Spoil, sound
from tests.bench import corpus
from tests.bench.corpus import Chunks
from tests.bench.intervals import Arrivals

METADATA = b'],"metadata":'
YES = {"took": 1, "errors": False, "items": [], "text": "Success", "code": 0}
"""What each of the services would understand as a yes to all events."""


class _Metadata(msgspec.Struct):
    count: int


_metadata = msgspec.json.Decoder(_Metadata)


def count(body: bytes) -> int:
    """The events, as cheaply as can be: what a webhook's body says of itself is believed."""
    at = body.rfind(METADATA, -200)
    return corpus.count(body) if at < 0 else _metadata.decode(body[at + len(METADATA) : -1]).count


class Sink:
    """Takes everything, and tells on `GET /received` how much that was."""

    def __init__(self, arrivals: Arrivals, clock: Clock) -> None:
        self.latest = 0.0
        self.requests = 0
        self._events = 0
        self._arrivals = arrivals
        self._clock = clock

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        del spoil
        if asked.method == "GET":
            return said(200, {"events": self._events})
        self.requests += 1
        self.latest = self._clock.time()
        events = count(asked.body)
        self._events += events
        self._arrivals.take(asked.body, events, self.latest)
        return said(200, YES)


async def serve(events: int, *, times: bool) -> None:
    """Until standard input ends."""
    clock = SystemClock()
    arrivals = Arrivals(Chunks(events), times=times)
    sink = Sink(arrivals, clock)
    async with Server(sink, clock, name="sink") as server:
        print(server.address.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    result = {
        "latest": sink.latest,
        "requests": sink.requests,
        "distinct": arrivals.distinct(),
        "doubled": arrivals.doubled(),
        "p50": arrivals.quantile(0.5),
        "p99": arrivals.quantile(0.99),
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), times="times" in sys.argv[2:]))
