from pathlib import Path

import pytest

from penstock.errors import ConfigError
from penstock.sandbox.loading import load

ROOT = Path(__file__).parents[2]


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "sandbox.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.source == str(path)
    return [str(problem) for problem in caught.value.problems]


def test_all_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
services:
  other: {type: webhook, listen: here, tsl: true}
faults:
  - {type: status, status: 503, share: 200%}
  - type: latency
    delay: soon
    fro: 10s
seed: x
fautls: []
"""
    assert problems(tmp_path, text) == [
        "line 8: seed: must be a whole number, not text",
        'line 2: services.other.listen: is not an address: write "127.0.0.1:5170" or "[::1]:5170", in quotes',
        "line 2: services.other.tsl: is not known here (did you mean tls?)",
        "line 4: faults.0.share: is not a share: write 1% or a number from 0 to 1",
        "line 6: faults.1.delay: is not a time: write a number with a unit, such as 100ms, 1s, 10m or 24h",
        "line 7: faults.1.fro: is not known here (did you mean for?)",
        "line 9: fautls: is not known here (did you mean faults?)",
    ]


def test_what_no_single_part_can_see(tmp_path: Path) -> None:
    text = """\
services:
  a: {type: webhook, listen: "127.0.0.1:9480"}
  b: {type: webhook}
  c: {type: webhook, listen: "127.0.0.1:9482"}
faults:
  - type: tls
    services: [b]
  - type: hang
    services: [d]
  - {type: partial, services: [a], events: 1%}
"""
    assert problems(tmp_path, text) == [
        "line 2: services.a.listen: 127.0.0.1:9480 is taken by the control (give it another port)",
        "line 4: services.c.listen: 127.0.0.1:9482 is taken by b (give it another port)",
        "line 6: faults.0: could befall nobody (give the service  tls: true)",
        "line 9: faults.1.services: there is no service 'd' (there are a, b, c)",
        "line 10: faults.2: could befall nobody (these services take a request as a whole)",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty (begin with  services: {hook: {type: webhook}})"),
        ("faults: []", "services: is missing (add it: What is played, by a name of your choice)"),
        ("services: {}", "line 1: services: is empty"),
        ("services: {a: {type: webhook}, a: {type: webhook}}", "line 1: services.a: stands twice, first on line 1"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, text) == [problem]


def test_a_part_may_stand_in_place_of_the_files(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.yaml"
    path.write_text("services: {a: {type: webhook}}\nlisten: nowhere\n")
    assert load(path, {"listen": "127.0.0.1:7"}).listen.port == 7
