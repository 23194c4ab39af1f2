"""How long `/metrics` takes with many destinations."""

import time

from penstock.admin.exposition import Exposition
from penstock.testing.daemon import StillDaemon

DESTINATIONS = 50
TIMES = 25


def scrapes() -> list[float]:
    """Seconds that each of some scrapes took, without the way over the network."""
    daemon = StillDaemon()
    for number in range(DESTINATIONS):
        stats = daemon.add(f"destination-{number}")
        stats.dead_lettered, stats.dropped = {"refused": 1, "gave_up": 2}, {"queue_full": 1}
    exposition = Exposition(daemon)
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        exposition.render("")
        took.append(time.perf_counter() - start)
    return took
