"""What only the whole shows: two parts that want the same thing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.errors import ConfigError
from penstock.settings import load

OUT = "destinations: {out: {type: console}}\n"


@pytest.mark.parametrize(
    ("sources", "more", "expected"),
    [
        (
            'a: {type: tcp, listen: "127.0.0.1:1"}\n  b: {type: tcp, listen: "127.0.0.1:1"}',
            "",
            ["line 3: sources.b.listen: tcp 127.0.0.1:1 is taken by sources.a.listen (give it another port)"],
        ),
        (
            'a: {type: tcp, listen: "127.0.0.1:1"}\n  b: {type: tcp, listen: "0.0.0.0:1"}',
            "",
            ["line 3: sources.b.listen: tcp 0.0.0.0:1 is taken by sources.a.listen (give it another port)"],
        ),
        (
            'a: {type: tcp, listen: "127.0.0.1:9470"}',
            "",
            ["admin.listen: tcp 127.0.0.1:9470 is taken by sources.a.listen (give it another port)"],
        ),
        (
            "a: {type: unix, path: /x}\n  b: {type: unix, path: /x}",
            "admin: {socket: /x}",
            [
                "line 3: sources.b.path: /x is taken by sources.a.path (give it another path)",
                "line 5: admin.socket: /x is taken by sources.a.path (give it another path)",
            ],
        ),
        (
            "a: {type: stdin}\n  b: {type: stdin}",
            "",
            ["line 3: sources.b: standard input is read by sources.a (leave one out)"],
        ),
    ],
)
def test_conflicts_are_told(
    sources: str, more: str, expected: list[str], problems: Callable[..., list[str]]
) -> None:
    assert problems(f"sources:\n  {sources}\n{OUT}{more}\n") == expected


@pytest.mark.parametrize(
    "sources",
    [
        'a: {type: tcp, listen: "127.0.0.1:1"}\n  b: {type: udp, listen: "127.0.0.1:1"}',
        'a: {type: tcp, listen: "127.0.0.1:0"}\n  b: {type: tcp, listen: "127.0.0.1:0"}',
        'a: {type: tcp, listen: "127.0.0.1:1"}\n  b: {type: tcp, listen: "127.0.0.2:1"}',
        'a: {type: tcp, listen: "[::1]:9470"}\n  b: {type: unix, path: /x}',
    ],
)
def test_what_only_looks_alike_is_taken(sources: str, read: Callable[..., object]) -> None:
    read(f"sources:\n  {sources}\n{OUT}")


def metrics(name: str, labels: str = "{}") -> str:
    return f"{{type: metrics, metrics: {{{name}: {{kind: counter, labels: {labels}}}}}}}"


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        (metrics("a_total"), metrics("a_total"), []),
        (metrics("a_total"), f"{metrics('b_total')}, {metrics('c_total')}", []),
        (
            metrics("a_total"),
            f"{metrics('a_total')}, {metrics('a_total')}",
            ["destinations.out.processors.1: the metric a_total is at destinations.out.processors.0 already"],
        ),
        (
            metrics("a_total"),
            metrics("a_total", "{x: y}"),
            ["destinations.out.processors.0: the metric a_total is of another kind, or has other labels or buckets, at processors.0"],
        ),
    ],
)  # fmt: skip
def test_a_metric_is_the_same_everywhere(above: str, below: str, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "penstock.yaml"
    path.write_text(
        "sources: {a: {type: stdin}}\n"
        f"processors: [{above}]\n"
        f"destinations: {{out: {{type: console, processors: [{below}]}}}}\n"
    )
    if not expected:
        load(path, {})
        return
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    found = [str(problem).partition(": ")[2].rpartition(" (")[0] for problem in caught.value.problems]
    assert found == expected


def test_syslog_is_told_apart_by_its_protocol(tmp_path: Path) -> None:
    path = tmp_path / "penstock.yaml"
    listens = 'listen: "127.0.0.1:1"}'
    over = f"{{type: syslog, protocol: udp, {listens}"
    path.write_text(f"sources:\n  a: {{type: tcp, {listens}\n  b: {over}\n{OUT}")
    load(path, {})
    path.write_text(f"sources:\n  a: {{type: udp, {listens}\n  b: {over}\n{OUT}")
    with pytest.raises(
        ConfigError, match=r"sources\.b\.listen: udp 127\.0\.0\.1:1 is taken by sources\.a\.listen"
    ):
        load(path, {})
