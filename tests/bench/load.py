"""`python -m tests.bench.load PORT CHUNKS EVENTS RATE [syslog]`: sends numbered events over TCP, and says when it began."""

import json
import socket
import sys
import time

from penstock.clock import SystemClock
from tests.bench.corpus import HEADER, Chunks


def send(port: int, chunks: int, events: int, rate: float, header: bytes) -> None:
    """So many chunks of so many events each; `rate` is events a second, 0: as fast as they are taken."""
    corpus = Chunks(events, header)
    clock = SystemClock()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        began = clock.time()
        start = clock.monotonic()
        for chunk in range(chunks):
            if rate:
                time.sleep(max(0.0, start + chunk * events / rate - clock.monotonic()))  # noqa: TID251 - no loop here
            connection.sendall(corpus.make(chunk))
    print(json.dumps({"began": began, "seconds": clock.monotonic() - start}))


if __name__ == "__main__":
    port, chunks, events = map(int, sys.argv[1:4])
    send(port, chunks, events, float(sys.argv[4]), HEADER if "syslog" in sys.argv[5:] else b"")
