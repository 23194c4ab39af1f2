import asyncio
import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from penstock.block import Block
from penstock.clock import SystemClock
from penstock.sources.base import SourceContext
from penstock.sources.stdin import StdinSettings, StdinSource


class Taken:
    end = 0
    written = True

    async def durable(self) -> None: ...


class Events:
    def __init__(self) -> None:
        self.messages: list[object] = []

    def __call__(self, block: Block) -> Taken:
        self.messages += [json.loads(line).get("message") for line in block.lines()]
        return Taken()


def build(fd: int) -> StdinSource:
    return StdinSource(StdinSettings(type="stdin"), SourceContext("in", "host-1", SystemClock()), fd)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    for fd in (read, write):
        try:
            os.close(fd)
        except OSError:
            continue


async def read_to_end(fd: int) -> tuple[Events, StdinSource]:
    source, events = build(fd), Events()
    await source.start(events)
    await asyncio.wait_for(source.ended(), 20)
    await source.stop()
    return events, source


async def test_a_pipe_to_its_end_with_an_unfinished_last_line(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.write(write, b"first\nsecond\nlast")
    os.close(write)
    events, source = await read_to_end(read)
    assert events.messages == ["first", "second", "last"]
    assert (source.stats.events, source.stats.bytes) == (3, 17)
    assert source.endpoint() == "stdin"


async def test_a_pipe_with_more_than_it_holds(pipe: tuple[int, int]) -> None:
    read, write = pipe
    data = b"".join([b'{"message":%d}\n' % n for n in range(200_000)])

    def fill() -> None:
        with open(write, "wb", closefd=True) as out:  # noqa: PTH123  # a descriptor, no path
            out.write(data)

    writer = threading.Thread(target=fill)
    writer.start()
    events, source = await read_to_end(read)
    writer.join()
    assert events.messages == list(range(200_000))
    assert source.stats.bytes == len(data)


@pytest.mark.parametrize("size", [0, 1, 300_000])
async def test_a_file(tmp_path: Path, size: int) -> None:
    file = tmp_path / "lines"
    file.write_bytes(b"".join([b"line %d\n" % n for n in range(size)]))
    fd = os.open(file, os.O_RDONLY)
    try:
        events, _ = await read_to_end(fd)
    finally:
        os.close(fd)
    assert events.messages == [f"line {n}" for n in range(size)]


async def test_a_terminal() -> None:
    ours, theirs = os.openpty()
    source, events = build(theirs), Events()
    await source.start(events)
    os.write(ours, b"typed\n\x04")  # control-D
    await asyncio.wait_for(source.ended(), 20)
    await source.stop()
    assert events.messages == ["typed"]
    os.close(ours)
    os.close(theirs)


async def test_paused_the_writer_waits_and_nothing_is_lost(pipe: tuple[int, int]) -> None:
    read, write = pipe
    source, events = build(read), Events()
    source.pause()
    await source.start(events)
    os.set_blocking(write, False)
    line = b'{"message":"' + b"x" * 4000 + b'"}\n'
    written = 0
    with suppress(BlockingIOError):  # until the pipe is full
        while True:
            written += os.write(write, line)
    await asyncio.sleep(0)
    assert events.messages == []
    source.resume()
    os.close(write)
    await asyncio.wait_for(source.ended(), 20)
    assert source.stats.bytes == written
    await source.stop()


@pytest.mark.parametrize("paused", [False, True])
async def test_stop_takes_what_the_pipe_holds_and_waits_for_no_more(
    pipe: tuple[int, int], paused: bool
) -> None:
    read, write = pipe
    source, events = build(read), Events()
    if paused:
        source.pause()
    await source.start(events)
    os.write(write, b"one\ntwo\nhalf")
    await source.stop()
    assert events.messages == ["one", "two", "half"]
    await source.ended()
    await source.stop()


async def test_a_source_can_be_stopped_before_it_is_started() -> None:
    await build(0).stop()


async def test_a_crash_is_told_to_who_waits_for_the_end(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_fd: int, _size: int) -> bytes:
        raise RuntimeError("a bug")

    read, write = pipe
    monkeypatch.setattr(os, "read", crash)
    source = build(read)
    await source.start(Events())
    os.write(write, b"line\n")
    with pytest.raises(RuntimeError, match="a bug"):
        await asyncio.wait_for(source.ended(), 20)
    await source.stop()
