"""`python -m tests.bench.sink EVENTS [times]`: the receiver, counting only; ends with its standard input.

The first line it prints is its port, the last what has arrived.
"""

import asyncio
import json
import sys

import uvloop

from penstock.clock import SystemClock
from penstock.fields import Address
from penstock.sandbox.receiver import Receiver
from tests.bench.corpus import Chunks
from tests.bench.intervals import Arrivals


async def serve(events: int, *, times: bool) -> None:
    """Until standard input ends."""
    clock = SystemClock()
    arrivals = Arrivals(Chunks(events), times=times)
    latest = 0.0

    def take(body: bytes, count: int) -> None:
        nonlocal latest
        latest = clock.time()
        arrivals.take(body, count, latest)

    receiver = Receiver(clock, count_only=True, on_body=take)
    address = await receiver.start(Address("127.0.0.1", 0))
    print(address.port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await receiver.stop()
    result = {
        "latest": latest,
        "requests": receiver.tally.counts.requests,
        "distinct": arrivals.distinct(),
        "doubled": arrivals.doubled(),
        "p50": arrivals.quantile(0.5),
        "p99": arrivals.quantile(0.99),
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), times="times" in sys.argv[2:]))
