"""The settings, and what comes of them in each kind of source."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from penstock.clock import SystemClock
from penstock.sources.base import Source, SourceContext
from penstock.sources.file import FileSettings
from penstock.sources.grouping import Continues, Starts, Traces
from penstock.sources.http import HttpSettings
from penstock.sources.http_events import EventReader, Events, Form
from penstock.sources.multiline import MultilineSettings
from penstock.sources.stdin import StdinSettings, StdinSource
from penstock.sources.tcp import TcpSettings
from penstock.sources.traces import LANGUAGES
from penstock.testing.acceptor import Acceptor
from penstock.testing.waiting import eventually


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"mode": "java"}, Traces),
        ({"mode": ["java", "go"], "line_before": True}, Traces),
        ({"mode": "auto"}, Traces),
        ({"start": r"^\d"}, Starts),
        ({"continue": r"^\s"}, Continues),
    ],
)
def test_ways(given: dict[str, Any], rule: type) -> None:
    joining = MultilineSettings.model_validate(given).joining()
    assert isinstance(joining.rule, rule)
    assert (joining.timeout, joining.max_lines, joining.max_bytes) == (1.0, 1000, 2**18)


def test_auto_is_all_of_them() -> None:
    auto = MultilineSettings.model_validate({"mode": ["auto", "java"]}).joining().rule
    assert isinstance(auto, Traces)
    assert all(
        auto.opens(head)
        for head in (b"java.lang.Error: x", b"panic: x", b"Traceback (most recent call last):")
    )
    assert len(LANGUAGES) == 6


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "takes one of `mode`, `start` and `continue`, and has nothing"),
        ({"mode": "java", "start": "x"}, "has `mode` and `start`"),
        ({"start": "x", "line_before": True}, "`line_before` is for `mode`"),
        ({"mode": "cobol"}, "'java'.* or 'auto'"),
        ({"start": "(a"}, "missing"),
        ({"continue": r"(?<=a)b"}, "look-around"),
        ({"mode": "java", "timeout": 0}, "greater than or equal to 0.01"),
    ],
)
def test_what_cannot_be_meant(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        MultilineSettings.model_validate(given)


TRACE = "java.lang.Error: x\n\tat a.b(C.java:1)\n\tat a.c(C.java:2)"


def messages(taken: Acceptor) -> list[object]:
    return [event["message"] for event in taken.events()]


async def test_connections_that_write_by_turns() -> None:
    settings = TcpSettings.model_validate(
        {"type": "tcp", "listen": "127.0.0.1:0", "multiline": {"mode": "java", "timeout": "400ms"}}
    )
    taken = Acceptor()
    source = settings.build(SourceContext("app", "h", SystemClock()))
    await source.start(taken)
    host, _, port = source.endpoint().removeprefix("tcp://").rpartition(":")
    writers = [(await asyncio.open_connection(host, int(port)))[1] for _ in range(3)]
    for line in TRACE.split("\n"):
        for writer in writers:
            writer.write(line.encode() + b"\n")
            await writer.drain()
    await taken.wait_for(3)  # silence tells that these are complete
    writers[0].write(b"y: Error\n")
    writers[1].write(b"next\n")
    await taken.wait_for(5)
    writers[2].write(b"last Error: z\n\tat d")
    await writers[2].drain()
    writers[2].close()
    await taken.wait_for(6)
    writers[0].write(b"held Error\n")
    await writers[0].drain()
    await source.stop()
    for writer in writers:
        writer.close()
    assert messages(taken)[:3] == [TRACE] * 3
    assert sorted(map(str, messages(taken)[3:])) == [
        "held Error",
        "last Error: z\n\tat d",
        "next",
        "y: Error",
    ]


async def test_standard_input(tmp_path: Path) -> None:
    (tmp_path / "in").write_text(f"a\n{TRACE}\nb\n{TRACE}")
    settings = StdinSettings.model_validate({"type": "stdin", "multiline": {"mode": "java"}})
    taken = Acceptor()
    with (tmp_path / "in").open() as file:
        source = StdinSource(settings, SourceContext("app", "h", SystemClock()), file.fileno())
        await source.start(taken)
        await source.ended()
        await source.stop()
    assert messages(taken) == ["a", TRACE, "b", TRACE]


@pytest.mark.parametrize(("form", "joined"), [("text", True), ("any", True), ("lines", False)])
async def test_a_body_is_a_stream_of_its_own(form: Form, joined: bool) -> None:
    settings = HttpSettings.model_validate(
        {"type": "http", "listen": "127.0.0.1:0", "multiline": {"mode": "java"}, "max_line": "64"}
    )
    assert settings.multiline is not None
    context = SourceContext("app", "h", SystemClock())
    reader = EventReader(settings, context, "wrap", joining=settings.multiline.joining())
    lines = [*TRACE.split("\n"), '{"message":"object"}', "x" * 100, *TRACE.split("\n")]
    found = await reader.read("\n".join(lines).encode(), form, 1.0)
    assert isinstance(found, Events)
    events = [msgspec.json.decode(line)["message"] for block in found.blocks for line in block.lines()]
    cut = f"{'x' * (64 - 8)}…[cut]"
    if joined:
        assert events == [TRACE, "object", cut, TRACE]
        assert (found.tally.events, found.tally.truncated) == (4, 1)
    else:
        assert len(events) == 8
    again = await reader.read(TRACE.encode(), form, 1.0)
    assert isinstance(again, Events)
    assert again.tally.events == (1 if joined else 3)


class Tailing:
    """A source of one file; what it has taken stays."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.log"
        self.taken = Acceptor()
        self._positions = folder / "positions"

    async def start(self, patience: str) -> Source:
        multiline = {"mode": "java", "timeout": patience}
        settings = FileSettings.model_validate(
            {"type": "file", "path": str(self.path), "poll": 0.01, "multiline": multiline}
        )
        context = SourceContext("app", "h", SystemClock(), positions=self._positions, kept=self.taken)
        source = settings.build(context)
        await source.start(self.taken)
        return source

    def write(self, *lines: str) -> None:
        with self.path.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)


@pytest.fixture
def tailing(tmp_path: Path) -> Tailing:
    return Tailing(tmp_path)


async def test_what_may_go_on_is_left_in_a_file_and_a_restart_finds_it_whole(tailing: Tailing) -> None:
    head, first, second = TRACE.split("\n")
    tailing.write("a", head, first)
    source = await tailing.start("60s")
    await tailing.taken.wait_for(1)
    await eventually(lambda: source.stats.bytes == tailing.path.stat().st_size, "all is read")
    await source.stop()
    tailing.write(second, "b")
    source = await tailing.start("60s")
    await tailing.taken.wait_for(3)
    await source.stop()
    assert messages(tailing.taken) == ["a", TRACE, "b"]


async def test_silence_in_a_file(tailing: Tailing) -> None:
    tailing.write("a", *TRACE.split("\n"))
    source = await tailing.start("20ms")
    await tailing.taken.wait_for(2)
    tailing.write("\tat late", "b")
    await tailing.taken.wait_for(4)
    await eventually(lambda: not source.stats.bytes_behind, "nothing is held")
    await source.stop()
    assert messages(tailing.taken) == ["a", TRACE, "\tat late", "b"]
    assert source.stats.bytes == tailing.path.stat().st_size


async def test_a_trace_that_is_rotated_away_comes_before_what_follows(tailing: Tailing) -> None:
    tailing.write("a", *TRACE.split("\n"))
    source = await tailing.start("200ms")
    await tailing.taken.wait_for(1)
    tailing.path.rename(f"{tailing.path}.1")
    tailing.write("b")
    await tailing.taken.wait_for(3)
    await source.stop()
    assert messages(tailing.taken) == ["a", TRACE, "b"]


async def test_traces_longer_than_what_is_read_of_a_file_at_a_time(tmp_path: Path) -> None:
    frames = "".join(f"\tat a.b.{'c' * 300}(D.java:{number})\n" for number in range(2000))
    texts = [f"java.lang.Error: {number}\n{frames}" for number in range(3)]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.log").write_text(f"before\n{text}after\n")
    settings = FileSettings.model_validate(
        {
            "type": "file",
            "path": f"{tmp_path}/*.log",
            "multiline": {"mode": "java", "max_lines": 3000, "max_bytes": "1MiB"},
        }
    )
    taken = Acceptor()
    source = settings.build(SourceContext("app", "h", SystemClock()))
    await source.start(taken)
    await taken.wait_for(9)
    await source.stop()
    assert sorted(map(str, messages(taken))) == sorted(
        [*["after", "before"] * 3, *[text.removesuffix("\n") for text in texts]]
    )
