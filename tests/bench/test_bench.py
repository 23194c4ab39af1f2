import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import table
from tests.bench.run import Figures

ROOT = Path(__file__).parents[2]
FIGURES = Figures(3000, 1e6, 0.5, 100 * 2**20, 0.001, 0.002, 0.003, 0.05, 0.1, 0.06, 0.2, 3, 0, 0)


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="the bench reads /proc")
def test_a_short_bench_ends_by_itself_and_all_events_arrive_once(tmp_path: Path) -> None:
    arguments = ["--events", "5000", "--runs", "1", "--rate", "2000", "--seconds", "1", "--json", "--folder"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    fast = [run for runs in figures["fast"].values() for run in runs]
    for run in (*fast, figures["steady"]):
        assert (run["lost"], run["doubled"]) == (0, 0)
        assert min(run["events_per_second"], run["cpu_per_million"], run["peak_rss"], run["requests"]) > 0
    assert 0 < figures["steady"]["latency_p50"] <= figures["steady"]["latency_p99"]
    assert not list(tmp_path.iterdir())


def test_the_table_tells_medians_and_spread() -> None:
    text = "\n".join(table([0.25, 0.25], {"all": [FIGURES, FIGURES]}, FIGURES, 10_000, [0.004, 0.006]))
    for part in ("events a second", "1,000,000", "0.50 to 0.50", "2.00", "at 10,000 events a second", "5.0"):
        assert part in text
