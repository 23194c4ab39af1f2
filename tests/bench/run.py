"""One run: sink, daemon and load, each a process of its own, all on loopback."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
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

KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "webhook": {"url": "URL"},
    "elasticsearch": {"url": "URL", "index": "logs"},
    "splunk_hec": {"url": "URL", "auth": {"token": "t"}},
    "datadog": {"url": "URL", "auth": {"api_key": "k"}, "compression": "none"},
    "cloudwatch": {
        "endpoint": "URL",
        "region": "us-east-1",
        "group": "g",
        "stream": "s",
        "auth": {"access_key_id": "a", "secret_access_key": "s"},
    },
}
"""Of each kind of destination, what it needs beside `type`."""


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


@dataclass(frozen=True, slots=True)
class Case:
    """What is set up for a run."""

    kinds: Sequence[str] = ("webhook",)
    """A destination of each."""
    source: str = "tcp"
    """The type of the source."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What all destinations have beside their own: `match`, `processors`."""


def measure(events: int, rate: float, scratch: Path, case: Case = Case()) -> Figures:
    """Sends about so many events, at a rate in events a second or (0) as fast as they are taken.

    All go to each destination of the case; what is told of arrivals is that of the slowest, or of all together.
    """
    portion = max(1, round(rate / PORTIONS)) if rate else LARGE // EVENT
    chunks = max(1, round(events / portion))
    total = chunks * portion
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=scratch, prefix="bench-")))
        watch = ["times"] if rate else []
        sinks = [stack.enter_context(_process("tests.bench.sink", str(portion), *watch)) for _ in case.kinds]
        ports = [int(_line(sink)) for sink in sinks]
        config = folder / "penstock.yaml"
        config.write_text(
            json.dumps(_config(folder, dict(zip(case.kinds, ports, strict=True)), case))
        )  # JSON is YAML
        daemon = stack.enter_context(_process("penstock", "run", "--config", str(config)))
        socket = folder / "journal" / "admin.sock"
        _until(lambda: _ready(daemon, socket), START)
        before = process.cpu_seconds(daemon.pid)
        source_port = _status(socket)["sources"][0]["endpoint"].rpartition(":")[2]
        load = stack.enter_context(
            _process("tests.bench.load", source_port, str(chunks), str(portion), str(rate), case.source)
        )
        for port in ports:
            _all_arrived(port, total)
        used = process.cpu_seconds(daemon.pid) - before
        status = _status(socket)
        peak = process.peak_rss(daemon.pid)
        began = json.loads(load.communicate(timeout=START)[0])["began"]
        arrived = [json.loads(sink.communicate(timeout=START)[0]) for sink in sinks]
        daemon.terminate()
        daemon.wait(STOP)
    lag, told = status["process"]["loop_lag"], status["destinations"][0]["latency"]
    return Figures(
        events=total,
        events_per_second=total / max(max(one["latest"] for one in arrived) - began, 1e-9),
        cpu_per_million=used / total * 1e6,
        peak_rss=peak,
        lag_p50=lag["p50"],
        lag_p99=lag["p99"],
        lag_max=lag["max"],
        latency_p50=max(one["p50"] for one in arrived),
        latency_p99=max(one["p99"] for one in arrived),
        told_p50=told["p50"],
        told_p99=told["p99"],
        requests=sum(one["requests"] for one in arrived),
        lost=sum(total - one["distinct"] for one in arrived),
        doubled=sum(one["doubled"] for one in arrived),
    )


def _config(folder: Path, ports: Mapping[str, int], case: Case) -> dict[str, Any]:
    destinations = {}
    for kind, port in ports.items():
        url = f"http://127.0.0.1:{port}"
        own = {key: url if value == "URL" else value for key, value in KINDS[kind].items()}
        destinations[kind] = {"type": kind, **own, **case.more}
    return {
        "sources": {"load": {"type": case.source, "listen": "127.0.0.1:0"}},
        "journal": {"path": str(folder / "journal")},
        "admin": {"listen": "127.0.0.1:0"},
        "destinations": destinations,
        "log": {"level": "error"},
    }


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
