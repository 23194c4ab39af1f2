import asyncio
import json
import os
import socket
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from penstock.block import Block
from penstock.clock import SystemClock
from penstock.errors import StartError
from penstock.sockets import LONGEST_PATH
from penstock.sources.base import Source, SourceContext
from penstock.sources.unix import UnixSettings


class Taken:
    end = 0
    written = True

    async def durable(self) -> None: ...


class Events:
    def __init__(self) -> None:
        self.messages: list[str] = []
        self.changed = asyncio.Event()

    def __call__(self, block: Block) -> Taken:
        self.messages += [json.loads(line)["message"] for line in block.lines()]
        self.changed.set()
        return Taken()


def build(path: Path, mode: object = "0660") -> Source:
    settings = UnixSettings.model_validate({"type": "unix", "path": path, "mode": mode})
    return settings.build(SourceContext("app", "host-1", SystemClock()))


@pytest.mark.parametrize("mode", ["0622", 0o622, "0o622"])
async def test_lines_arrive_with_the_mode_asked_for_and_nothing_stays_behind(
    tmp_path: Path, mode: object
) -> None:
    path = tmp_path / "app.sock"
    source, events = build(path, mode), Events()
    await source.start(events)
    assert source.endpoint() == f"unix://{path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o622
    _, writer = await asyncio.open_unix_connection(path)
    writer.write(b"hello\nlast")
    writer.close()
    await asyncio.wait_for(events.changed.wait(), 10)
    await source.stop()
    assert events.messages == ["hello", "last"]
    assert not path.exists()


@pytest.mark.parametrize("mode", ["0999", "rw-", 0o7777])
def test_a_mode_that_is_none_is_refused(tmp_path: Path, mode: object) -> None:
    with pytest.raises(ValidationError):
        build(tmp_path / "app.sock", mode)


async def test_a_socket_that_nobody_listens_at_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    source = build(path)
    await source.start(Events())
    await source.stop()


async def test_one_that_somebody_listens_at_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    first, events = build(path), Events()
    await first.start(events)
    with pytest.raises(StartError, match="another process listens there"):
        await build(path).start(Events())
    _, writer = await asyncio.open_unix_connection(path)
    writer.write(b"still here\n")
    await asyncio.wait_for(events.changed.wait(), 10)
    writer.close()
    await first.stop()


async def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    path.write_text("precious")
    with pytest.raises(StartError, match="is no socket"):
        await build(path).start(Events())
    assert path.read_text() == "precious"


async def test_a_path_that_is_too_long_or_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=f"at most {LONGEST_PATH} bytes"):
        await build(tmp_path / ("x" * LONGEST_PATH)).start(Events())
    with pytest.raises(StartError, match="there is no folder"):
        await build(tmp_path / "none" / "app.sock").start(Events())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_is_not_ours_is_said(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o500)  # noqa: PTH101  # nothing else runs on this loop
    with pytest.raises(StartError, match="not allowed to write"):
        await build(tmp_path / "app.sock").start(Events())


async def test_another_socket_put_in_its_place_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    first, second = build(path), build(path)
    await first.start(Events())
    path.rename(tmp_path / "moved.sock")
    await second.start(Events())
    await first.stop()
    assert path.exists()
    await second.stop()
    assert not path.exists()
