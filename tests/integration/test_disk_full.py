"""A journal on a file system that fills up: senders wait, nothing that was taken is lost."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root may mount a small file system, on Linux")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


class Posts:
    """Posts one line at a time over a connection that is kept."""

    def __init__(self, daemon: DaemonProcess) -> None:
        self.confirmed: list[str] = []
        self.refused: set[int] = set()
        self._connection = http.client.HTTPConnection(*daemon.tcp("http"), timeout=20)
        self._count = 0

    def one(self) -> int:
        message = f"line {self._count} " + "x" * 60_000
        self._count += 1
        self._connection.request("POST", "/", message, {"Content-Type": "text/plain"})
        answer = self._connection.getresponse()
        answer.read()
        if answer.status == 202:
            self.confirmed.append(message)
        else:
            self.refused.add(answer.status)
        return answer.status

    def close(self) -> None:
        self._connection.close()


def test_a_full_disk(daemon: Callable[..., DaemonProcess], receiver: Receiver, small: Path) -> None:
    receiver.stop()
    running = daemon(journal={"path": str(small / "journal"), "segment": "1MiB"})
    running.start()
    posts = Posts(running)
    wait_for(lambda: posts.one() in (429, 503), "a refusal", 60)
    assert len(posts.confirmed) > 60
    assert not running.ask("/api/status")["ready"]
    assert running.status()["journal"]["error"]
    assert running.said("journal cannot be written, holding events in memory")
    for _ in range(20):
        assert posts.one() in (429, 503)
    assert running.balanced()

    # More room, as an administrator would make it.
    subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
    wait_for(lambda: running.status()["ready"], "ready again")
    assert running.said("journal can be written again")
    wait_for(lambda: posts.one() == 202, "a post that is taken")
    posts.close()
    running.kill()

    running.start()
    receiver.start()
    wait_for(lambda: running.settled("hook"), "all delivered", 60)
    assert running.balanced()
    ledger = running.destination("hook")["ledger"]
    assert ledger["dropped"] == ledger["dead_lettered"] == {}
    missing = set(posts.confirmed) - receiver.counted().keys()
    assert not missing, f"{len(missing)} of {len(posts.confirmed)} confirmed were lost"
    assert running.stop() == 0


def test_deliveries_make_room(daemon: Callable[..., DaemonProcess], receiver: Receiver, small: Path) -> None:
    receiver.stop()
    running = daemon(journal={"path": str(small / "journal"), "segment": "1MiB"})
    running.start()
    posts = Posts(running)
    wait_for(lambda: posts.one() in (429, 503), "a refusal", 60)
    receiver.start()
    wait_for(lambda: posts.one() == 202, "a post that is taken", 60)
    posts.close()
    wait_for(lambda: running.settled("hook"), "all delivered", 60)
    assert running.balanced()
    assert not set(posts.confirmed) - receiver.counted().keys()
    assert running.stop() == 0


def test_a_start_on_a_full_disk(
    daemon: Callable[..., DaemonProcess], receiver: Receiver, small: Path
) -> None:
    receiver.stop()
    running = daemon(journal={"path": str(small / "journal"), "segment": "1MiB"})
    running.start()
    posts = Posts(running)
    wait_for(lambda: posts.one() in (429, 503), "a refusal", 60)
    posts.close()
    running.kill()
    with (small / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"\0" * 4096)
    receiver.start()
    running.start()
    wait_for(lambda: running.settled("hook"), "what was there delivered", 60)
    assert not set(posts.confirmed) - receiver.counted().keys()
    assert running.balanced()


def test_an_id_never_names_two_events(
    daemon: Callable[..., DaemonProcess], receiver: Receiver, small: Path
) -> None:
    running = daemon(journal={"path": str(small / "journal"), "segment": "64KiB"})
    running.start()
    with (small / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"\0" * 4096)
    posts = Posts(running)
    wait_for(lambda: posts.one() == 503, "a refusal")  # it is delivered from memory all the same
    posts.close()
    wait_for(lambda: receiver.events > len(posts.confirmed), "what is in memory only")
    running.kill()
    (small / "filler").unlink()
    before = {post.key for post in receiver.posts}
    running.start()
    posts = Posts(running)
    assert posts.one() == 202
    posts.close()
    wait_for(lambda: running.settled("hook"), "all delivered")
    after = receiver.posts[-1]
    assert after.key not in before
    assert running.stop() == 0


def test_a_stop_tells_what_the_full_disk_has_cost(
    daemon: Callable[..., DaemonProcess], receiver: Receiver, small: Path
) -> None:
    receiver.stop()
    running = daemon(journal={"path": str(small / "journal"), "segment": "64KiB"})
    running.start()
    posts = Posts(running)
    wait_for(lambda: posts.one() in (429, 503), "a refusal", 60)
    posts.close()
    assert running.stop() == 0
    (receipt,) = running.said("receipt")
    (lost,) = running.said("events lost: the disk refused them to the end")
    assert receipt["lost"] == lost["events"] > 0
    assert receipt["kept"] == len(posts.confirmed)


def test_tcp_senders_wait(daemon: Callable[..., DaemonProcess], receiver: Receiver, small: Path) -> None:
    receiver.stop()
    running = daemon(journal={"path": str(small / "journal"), "segment": "1MiB"})
    running.start()
    lines = [f"line {n} " + "y" * 1000 for n in range(30_000)]

    def send() -> None:
        with socket.create_connection(running.tcp("tcp")) as connection:
            connection.sendall("".join(line + "\n" for line in lines).encode())

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    wait_for(lambda: not running.status()["ready"], "that sources wait")
    assert sender.is_alive()
    receiver.start()
    wait_for(lambda: not sender.is_alive(), "the sender through", 60)
    wait_for(lambda: receiver.events >= len(lines), "all arrived", 60)
    wait_for(lambda: running.settled("hook"), "all settled")
    assert running.balanced()
    assert set(receiver.messages()) == set(lines)
    assert running.stop() == 0
