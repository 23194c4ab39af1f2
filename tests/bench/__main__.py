"""`make bench`: what the daemon costs on this machine, from TCP through the disk journal to its destinations.

All of it runs on loopback with ports of its own, and ends by itself. Read a figure as a ratio within one run: small
machines are noisy. The yardstick is msgspec decoding the same events and keeping nothing, in the same minute.
"""

import json
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from tests.bench.corpus import EVENT, LARGE, Chunks
from tests.bench.run import KINDS, Case, Figures, measure
from tests.bench.scrape import DESTINATIONS, scrapes

CASES: Final[Mapping[str, Case]] = {
    "webhook": Case(),
    "elasticsearch": Case(("elasticsearch",)),
    "all five": Case(tuple(KINDS)),
    "webhook, taken apart from syslog": Case(source="syslog"),
    "elasticsearch, match on the level": Case(("elasticsearch",), more={"match": 'level != "none"'}),
    "elasticsearch, three fields changed": Case(
        ("elasticsearch",),
        more={
            "processors": [
                {
                    "type": "fields",
                    "rename": {"host": "hostname"},
                    "remove": ["context.request_id"],
                    "set": {"env": "prod"},
                }
            ]
        },
    ),
    "elasticsearch, redacted": Case(("elasticsearch",), more={"processors": [{"type": "redact"}]}),
}
"""All of them get each event, so that what is lost can be seen."""
YARDSTICK: Final = 200
"""Chunks that the yardstick decodes."""


class _Object(msgspec.Struct, gc=False):
    """Any JSON object, nothing of it kept."""


def main(
    *,
    events: Annotated[int, typer.Option(min=1000, help="Sent as fast as they are taken.")] = 3_000_000,
    runs: Annotated[int, typer.Option(min=1, help="So many times; the medians are told.")] = 3,
    rate: Annotated[float, typer.Option(min=1, help="Events a second while latency is measured.")] = 10_000,
    seconds: Annotated[float, typer.Option(min=0.1, help="So long.")] = 10,
    folder: Annotated[Path, typer.Option(help="Where the journals lie meanwhile: on a disk.")] = Path("var"),
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Measure the daemon on this machine."""
    if sys.platform != "linux":
        sys.exit("the bench reads /proc: it needs Linux")
    folder.mkdir(parents=True, exist_ok=True)
    bare: list[float] = []
    fast: dict[str, list[Figures]] = {name: [] for name in CASES}
    for number in range(runs):
        bare.append(yardstick())
        for name, case in CASES.items():
            count = events // len(case.kinds)
            _progress(f"run {number + 1} of {runs}: {count:,} events to {name}, as fast as they are taken")
            fast[name].append(measure(count, 0, folder, case))
    _progress(f"{rate:,.0f} events a second for {seconds:g} s")
    steady = measure(max(1, round(rate * seconds)), rate, folder)
    scraped = scrapes()
    if as_json:
        result = {
            "bare_decoding_per_million": bare,
            "fast": {name: [asdict(f) for f in found] for name, found in fast.items()},
            "steady": asdict(steady),
            "scrapes": scraped,
        }
        print(json.dumps(result))
    else:
        print("\n".join(table(bare, fast, steady, rate, scraped)))
    sys.exit(any(f.lost or f.doubled for found in (*fast.values(), [steady]) for f in found))


def yardstick() -> float:
    """CPU seconds for decoding a million of the same events, a chunk at a time, keeping nothing."""
    decoder = msgspec.json.Decoder(_Object)
    corpus = Chunks(LARGE // EVENT)
    chunks = [corpus.make(number) for number in range(8)]
    start = time.process_time()
    for number in range(YARDSTICK):
        decoder.decode_lines(chunks[number % len(chunks)])
    return (time.process_time() - start) / (YARDSTICK * corpus.events) * 1e6


def table(
    bare: list[float],
    fast: Mapping[str, list[Figures]],
    steady: Figures,
    rate: float,
    scraped: list[float],
) -> list[str]:
    """Lines for people: the medians, and from which to which."""

    def row(what: str, values: list[float], form: str) -> str:
        spread = f"{min(values):{form}} to {max(values):{form}}" if len(values) > 1 else ""
        return f"  {what:38}{statistics.median(values):>12{form}}   {spread}"

    def section(name: str, found: list[Figures]) -> list[str]:
        return [
            "",
            f"To {name}, as fast as they are taken: {found[0].events:,} events of {EVENT} bytes, {len(found)} runs",
            row("events a second", [f.events_per_second for f in found], ",.0f"),
            row("CPU seconds per million events", [f.cpu_per_million for f in found], ".2f"),
            row("  of decoding alone", bare, ".2f"),
            row("  ratio", [f.cpu_per_million / b for f, b in zip(found, bare, strict=True)], ".2f"),
            row("peak memory, MiB", [f.peak_rss / 2**20 for f in found], ".0f"),
            row("loop lag p50, ms", [f.lag_p50 * 1e3 for f in found], ".1f"),
            row("loop lag p99, ms", [f.lag_p99 * 1e3 for f in found], ".1f"),
            row("loop lag at most, ms", [f.lag_max * 1e3 for f in found], ".1f"),
            row("requests", [f.requests for f in found], ",.0f"),
            row("events lost", [f.lost for f in found], ",.0f"),
            row("events doubled", [f.doubled for f in found], ",.0f"),
        ]

    return [
        *[line for name, found in fast.items() for line in section(name, found)],
        "",
        f"To a webhook, at {rate:,.0f} events a second: {steady.events:,} events",
        row("sent to received p50, ms", [steady.latency_p50 * 1e3], ".1f"),
        row("sent to received p99, ms", [steady.latency_p99 * 1e3], ".1f"),
        row("as the daemon tells p50, ms", [steady.told_p50 * 1e3], ".1f"),
        row("as the daemon tells p99, ms", [steady.told_p99 * 1e3], ".1f"),
        row("CPU seconds per million events", [steady.cpu_per_million], ".2f"),
        row("loop lag p99, ms", [steady.lag_p99 * 1e3], ".1f"),
        row("events lost", [steady.lost], ",.0f"),
        row("events doubled", [steady.doubled], ",.0f"),
        "",
        f"/metrics with {DESTINATIONS} destinations",
        row("a scrape, ms", [seconds * 1e3 for seconds in scraped], ".1f"),
    ]


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
