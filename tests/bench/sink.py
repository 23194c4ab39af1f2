"""`python -m tests.bench.sink EVENTS [times]`: a webhook that only counts; ends with its standard input.

The first line it prints is its port, the last what has arrived.
"""

import asyncio
import json
import sys

import msgspec
import uvloop

from penstock.block import count_lines
from penstock.clock import Clock, SystemClock
from penstock.sandbox.server import Server, said
from penstock.sandbox.service import Answered, Asked, Spoil, sound
from tests.bench.corpus import Chunks
from tests.bench.intervals import Arrivals

METADATA = b'],"metadata":'


class _Metadata(msgspec.Struct):
    count: int


class _Object(msgspec.Struct, gc=False):
    """Any JSON object, nothing of it kept."""


_metadata = msgspec.json.Decoder(_Metadata)
_objects = msgspec.json.Decoder(list[_Object])


def count(body: bytes, content_type: str) -> int:
    """The events, as cheaply as can be: what the body says of itself is believed."""
    if content_type == "application/x-ndjson":
        return count_lines(body)
    if body[:1] == b"[":
        return len(_objects.decode(body))
    at = body.rfind(METADATA)
    return _metadata.decode(body[at + len(METADATA) : -1]).count


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
        events = count(asked.body, asked.headers.get("content-type", ""))
        self._events += events
        self._arrivals.take(asked.body, events, self.latest)
        return Answered(200)


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
