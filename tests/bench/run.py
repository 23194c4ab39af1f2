"""One run: sink, daemon and load, each a process of its own, all on loopback."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, Final
from urllib.request import urlopen

from penstock.admin.client import call
from penstock.clock import SystemClock
from penstock.errors import Unavailable
from tests.bench import process
from tests.bench.corpus import EVENT, LARGE

STALLED: Final = 30.0
"""Seconds without anything arriving after which the rest counts as lost."""
START: Final = 60.0
"""Seconds that a process may take to be up."""
STOP: Final = 30.0
"""Seconds that the daemon may take to stop."""
PORTIONS: Final = 200
"""With a rate, the events of a second go in this many portions."""

CONFIG: Final = """
sources: {{load: {{type: tcp, listen: "127.0.0.1:0"}}}}
journal: {{path: {folder}/journal}}
admin: {{listen: "127.0.0.1:0"}}
destinations: {{hook: {{type: webhook, url: "http://127.0.0.1:{port}/"}}}}
log: {{level: error}}
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run gave. Times are in seconds, sizes in bytes."""

    events: int
    events_per_second: float
    cpu_per_million: float
    """CPU seconds of the daemon, a million events."""
    peak_rss: int
    lag_p50: float
    lag_p99: float
    lag_max: float
    latency_p50: float
    """From being sent to being received by the service; 0 where not looked at."""
    latency_p99: float
    told_p50: float
    """As the daemon itself tells it: from arrival to acceptance."""
    told_p99: float
    requests: int
    lost: int
    doubled: int


def measure(events: int, rate: float, scratch: Path) -> Figures:
    """Sends about so many events, at a rate in events a second or (0) as fast as they are taken."""
    portion = max(1, round(rate / PORTIONS)) if rate else LARGE // EVENT
    chunks = max(1, round(events / portion))
    total = chunks * portion
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=scratch, prefix="bench-")))
        sink = stack.enter_context(_process("tests.bench.sink", str(portion), *(["times"] if rate else [])))
        sink_port = int(_line(sink))
        config = folder / "penstock.yaml"
        config.write_text(CONFIG.format(folder=folder, port=sink_port))
        daemon = stack.enter_context(_process("penstock", "run", "--config", str(config)))
        socket = folder / "journal" / "admin.sock"
        _until(lambda: _ready(daemon, socket), START)
        before = process.cpu_seconds(daemon.pid)
        source_port = _status(socket)["sources"][0]["endpoint"].rpartition(":")[2]
        load = stack.enter_context(
            _process("tests.bench.load", source_port, str(chunks), str(portion), str(rate))
        )
        _all_arrived(sink_port, total)
        used = process.cpu_seconds(daemon.pid) - before
        status = _status(socket)
        peak = process.peak_rss(daemon.pid)
        began = json.loads(load.communicate(timeout=START)[0])["began"]
        arrived = json.loads(sink.communicate(timeout=START)[0])
        daemon.terminate()
        daemon.wait(STOP)
    lag, told = status["process"]["loop_lag"], status["destinations"][0]["latency"]
    return Figures(
        events=total,
        events_per_second=arrived["distinct"] / max(arrived["latest"] - began, 1e-9),
        cpu_per_million=used / total * 1e6,
        peak_rss=peak,
        lag_p50=lag["p50"],
        lag_p99=lag["p99"],
        lag_max=lag["max"],
        latency_p50=arrived["p50"],
        latency_p99=arrived["p99"],
        told_p50=told["p50"],
        told_p99=told["p99"],
        requests=arrived["requests"],
        lost=total - arrived["distinct"],
        doubled=arrived["doubled"],
    )


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A module of this interpreter; it does not outlive the run."""
    started = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()


def _line(of: subprocess.Popen[str]) -> str:
    assert of.stdout is not None
    return of.stdout.readline()


def _until(holds: Callable[[], bool], limit: float) -> None:
    clock = SystemClock()
    end = clock.monotonic() + limit
    pause = Event()
    while not holds():
        if clock.monotonic() > end:
            raise TimeoutError(f"the daemon is not up after {limit:g} s")
        pause.wait(0.05)


def _ready(daemon: subprocess.Popen[str], socket: Path) -> bool:
    if daemon.poll() is not None:
        raise RuntimeError(f"the daemon has ended with {daemon.returncode}")
    try:
        return bool(_status(socket)["ready"])
    except Unavailable:
        return False


def _status(socket: Path) -> dict[str, Any]:
    return call(socket, "GET", "/api/status")[1]


def _all_arrived(port: int, total: int) -> None:
    """Waits until the sink has that many events, or gets no more."""
    clock = SystemClock()
    seen, since = -1, clock.monotonic()
    pause = Event()
    while seen < total and clock.monotonic() - since < STALLED:
        with urlopen(f"http://127.0.0.1:{port}/received", timeout=STALLED) as answer:
            now = json.load(answer)["events"]
        if now != seen:
            seen, since = now, clock.monotonic()
        pause.wait(0.05)
