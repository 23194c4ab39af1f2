import asyncio
import gzip
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from penstock.exchange import Answer, Append, Failure, FailureKind, Response
from penstock.testing import ManualClock
from penstock.testing.clock import settle
from penstock.transport import FileTransport
from penstock.wire.files import FileWire
from penstock.wire.rotation import rotated

FINE = Response(200)
HOUR = 3600.0


@asynccontextmanager
async def wire_of(clock: ManualClock | None = None, **settings: object) -> AsyncIterator[FileWire]:
    wire = FileWire(FileTransport.model_validate(settings), clock or ManualClock(time.time()), "w")
    try:
        yield wire
    finally:
        await wire.close()


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def append(path: Path, data: bytes) -> Append:
    return Append(str(path), data)


async def test_appends_follow_each_other_in_the_order_of_the_calls(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log"
    lines = [b"%d\n" % number for number in range(200)]
    async with wire_of() as wire:
        assert await asyncio.gather(*[wire.send(append(path, line)) for line in lines]) == [FINE] * 200
    assert path.read_bytes() == b"".join(lines)


@pytest.mark.parametrize("sync", ["batch", "interval", "never"])
async def test_what_is_there_stays_and_a_torn_line_is_ended(tmp_path: Path, sync: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"old\nto")
    async with wire_of(sync=sync) as wire:
        assert await wire.send(append(path, b"new\n")) == FINE
    assert path.read_bytes() == b"old\nto\nnew\n"


async def test_a_file_is_rotated_before_it_grows_too_large(tmp_path: Path) -> None:
    path = tmp_path / "log"
    line = b"x" * 99 + b"\n"
    async with wire_of(max_size=1000, compression="gzip", keep=0) as wire:
        for _ in range(35):
            assert await wire.send(append(path, line)) == FINE
    assert path.read_bytes() == line * 5
    assert [gzip.decompress(one.path.read_bytes()) for one in rotated(path)] == [line * 10] * 3


async def test_a_batch_larger_than_a_file_may_be_gets_one_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "log"
    async with wire_of(max_size=10) as wire:
        for number in range(3):
            assert await wire.send(append(path, b"%d" % number * 50 + b"\n")) == FINE
    assert path.read_bytes() == b"2" * 50 + b"\n"
    assert [one.path.read_bytes()[:1] for one in rotated(path)] == [b"0", b"1"]


async def test_only_so_many_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    async with wire_of(max_size=1, keep=2) as wire:
        for number in range(6):
            await wire.send(append(path, b"%d\n" % number))
    assert [one.path.read_bytes() for one in rotated(path)] == [b"3\n", b"4\n"]


async def test_a_file_is_rotated_at_each_full_period_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "log"
    full_hour = (time.time() // HOUR) * HOUR
    path.write_bytes(b"before\n")
    os.utime(path, (full_hour - 5, full_hour - 5))
    async with wire_of(ManualClock(full_hour + 1), max_age="1h") as wire:
        await wire.send(append(path, b"after\n"))
        os.utime(path, (full_hour + 1, full_hour + 1))
        await wire.send(append(path, b"again\n"))
    (one,) = rotated(path)
    assert one.path.read_bytes() == b"before\n"
    assert path.read_bytes() == b"after\nagain\n"


@pytest.mark.parametrize("how", ["moved", "removed", "copied and truncated"])
async def test_another_hand_may_rotate_the_file(tmp_path: Path, how: str) -> None:
    path = tmp_path / "log"
    async with wire_of() as wire:
        await wire.send(append(path, b"one\n"))
        match how:
            case "moved":
                path.rename(tmp_path / "log.1")
            case "removed":
                path.unlink()
            case _:
                os.truncate(path, 0)
        assert await wire.send(append(path, b"two\n")) == FINE
    assert path.read_bytes() == b"two\n"


async def test_few_files_are_open_at_a_time(tmp_path: Path) -> None:
    before = open_files()
    async with wire_of() as wire:
        for number in range(100):
            assert await wire.send(append(tmp_path / f"{number}.log", b"x\n")) == FINE
        assert await wire.send(append(tmp_path / "0.log", b"y\n")) == FINE
        assert open_files() - before <= 20
    assert open_files() == before
    assert (tmp_path / "0.log").read_bytes() == b"x\ny\n"


async def test_a_full_disk_is_told_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.symlink_to("/dev/full")
    async with wire_of() as wire:
        answer = await wire.send(append(path, b"x\n"))
        assert answer == Failure(FailureKind.IO, f"{path}: No space left on device")
        path.unlink()
        assert await wire.send(append(path, b"x\n")) == FINE
    assert path.read_bytes() == b"x\n"


def _kind(answer: Answer) -> FailureKind:
    assert isinstance(answer, Failure), answer
    return answer.kind


async def test_a_place_that_cannot_be_written_is_denied(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with wire_of() as wire:
        assert _kind(await wire.send(append(tmp_path, b"x\n"))) is FailureKind.DENIED
        assert _kind(await wire.send(append(tmp_path / "file" / "log", b"x\n"))) is FailureKind.DENIED
        assert _kind(await wire.send(append(tmp_path / ("n" * 300), b"x\n"))) is FailureKind.DENIED
        assert _kind(await wire.send(append(Path("/proc/penstock/log"), b"x\n"))) is FailureKind.IO
        assert await wire.send(append(tmp_path / "log", b"x\n")) == FINE


@pytest.fixture
def shut_folder(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    yield tmp_path
    tmp_path.chmod(0o700)


async def test_a_folder_without_the_right_to_write_is_denied(shut_folder: Path) -> None:
    async with wire_of() as wire:
        assert _kind(await wire.send(append(shut_folder / "log", b"x\n"))) is FailureKind.DENIED


async def test_the_sync_follows_the_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("penstock.wire.appending._sync", synced.append)
    clock = ManualClock(time.time())

    async def after(policy: str, seconds: float) -> int:
        synced.clear()
        async with wire_of(clock, sync=policy) as wire:
            for _ in range(3):
                await wire.send(append(tmp_path / policy, b"x\n"))
            await clock.advance(seconds)
            await wire._appender.idle()
            return len(synced)

    assert await after("batch", 0.0) == 3
    assert await after("interval", 0.9) == 0
    assert await after("interval", 1.0) == 1
    assert await after("never", 5.0) == 0
    assert clock.next_due() is None, "no timer is left where nothing is written"


async def test_a_sync_that_fails_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("penstock.wire.appending._sync", fail)
    clock = ManualClock(time.time())
    with capture_logs() as logs:
        async with wire_of(clock) as wire:
            for _ in range(3):
                await wire.send(append(tmp_path / "log", b"x\n"))
                await clock.advance(1)
                await wire._appender.idle()
    assert [entry["event"] for entry in logs] == ["file cannot be synced"]


async def test_a_batch_that_cannot_be_synced_is_not_delivered_and_not_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(fd: int) -> None:
        raise OSError(5, "Input/output error")

    path = tmp_path / "log"
    async with wire_of(sync="batch") as wire:
        with monkeypatch.context() as patch:
            patch.setattr("penstock.wire.appending._sync", fail)
            assert _kind(await wire.send(append(path, b"x\n"))) is FailureKind.IO
        assert await wire.send(append(path, b"x\n")) == FINE
    assert path.read_bytes() == b"x\n"


async def test_a_stuck_pipe_stalls_nobody_but_the_one_who_writes(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    async with wire_of() as stuck, wire_of() as well:
        sending = asyncio.get_running_loop().create_task(stuck.send(append(pipe, b"x" * 200_000 + b"\n")))
        await settle()
        assert await well.send(append(tmp_path / "log", b"x\n")) == FINE
        assert not sending.done()
        reader = os.open(pipe, os.O_RDONLY)
        got = 0
        while got < 200_001:
            got += len(os.read(reader, 65536))
        assert await sending == FINE
        os.close(reader)
