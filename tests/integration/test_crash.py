"""A daemon that is killed at any moment: what was durable arrives, and the books add up."""

import http.client
import itertools
import os
import random
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from penstock.testing.process import DaemonProcess, answering
from penstock.testing.receiver import Receiver, events_of, message_of
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration

ROUNDS: Final = int(os.environ.get("PENSTOCK_TEST_CRASHES", "50"))
KEY: Final = re.compile(r"(.+?)-(\d+)-(\d+)(?:-[0-9a-f]+)?")


class Poster(threading.Thread):
    """Posts numbered lines as fast as they are confirmed, and remembers which were."""

    def __init__(self, name: str, daemon: DaemonProcess, numbers: "itertools.count[int]") -> None:
        super().__init__(name=name, daemon=True)
        self.confirmed: list[str] = []
        self._address = daemon.tcp("http")
        self._numbers = numbers

    def run(self) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            while True:
                lines = [f"{self.name}-{next(self._numbers)}" for _ in range(20)]
                body = "".join(line + "\n" for line in lines)
                connection.request("POST", "/", body, {"Content-Type": "text/plain"})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 202:
                    self.confirmed += lines
        connection.close()


class Streamer(threading.Thread):
    """Writes numbered lines to a TCP source until it breaks; nothing is confirmed to it."""

    def __init__(self, name: str, daemon: DaemonProcess, numbers: "itertools.count[int]") -> None:
        super().__init__(name=name, daemon=True)
        self._address = daemon.tcp("tcp")
        self._numbers = numbers

    def run(self) -> None:
        with suppress(OSError), socket.create_connection(self._address) as connection:
            while True:
                lines = [f"{self.name}-{next(self._numbers)}\n" for _ in range(200)]
                connection.sendall("".join(lines).encode())
                threading.Event().wait(0.005)


def messages_by_id(receiver: Receiver) -> dict[str, str]:
    """Which message each id named. Raises `AssertionError` where an id named two."""
    named: dict[str, str] = {}
    for post in receiver.posts:
        match = KEY.fullmatch(post.key)
        assert match is not None, post.key
        first, last = int(match[2]), int(match[3])
        lines = [message_of(event) for event in events_of(post.body)]
        if last - first + 1 != len(lines):
            continue  # not one run
        for seq, line in zip(range(first, last + 1), lines, strict=True):
            assert named.setdefault(f"{match[1]}-{seq}", line) == line, f"{match[1]}-{seq} names two events"
    return named


def test_kill_at_random_moments(daemon: Callable[..., DaemonProcess], receiver: Receiver) -> None:
    killed = daemon()
    killed.config["journal"]["segment"] = "512KiB"  # so that files are begun and used again all the time
    moment = random.Random(20_26)
    posted, streamed = itertools.count(), itertools.count()
    confirmed: list[str] = []
    for round_ in range(ROUNDS):
        if round_ % 5 == 3:  # some rounds leave a backlog behind
            receiver.stop()
        elif round_ % 5 == 4:
            receiver.start()
        killed.start()
        assert killed.balanced(), killed.status()
        senders = [Poster("p", killed, posted), Poster("p", killed, posted), Streamer("s", killed, streamed)]
        for sender in senders:
            sender.start()
        threading.Event().wait(moment.uniform(0.0, 0.6))
        killed.kill()
        for sender in senders:
            sender.join()
            if isinstance(sender, Poster):
                confirmed += sender.confirmed
    if ROUNDS % 5 == 4:
        receiver.start()
    killed.start()
    wait_for(lambda: killed.settled("hook"), "the backlog delivered", 60)
    assert killed.balanced()
    ledger = killed.destination("hook")["ledger"]
    # A record that the kill cut in two is gone with the process, and counted; nobody was told that it was kept.
    assert ledger["dropped"].keys() <= {"damaged"}
    assert ledger["dead_lettered"] == {}
    assert killed.stop() == 0

    assert confirmed
    arrived = receiver.counted()
    missing = set(confirmed) - arrived.keys()
    assert not missing, (
        f"{len(missing)} of {len(confirmed)} confirmed events were lost: {sorted(missing)[:5]}"
    )
    named = messages_by_id(receiver)
    doubled = Counter(named.values())
    assert max(doubled.values()) == 1, "an event was given two ids"
    sys_out = (
        f"{len(confirmed)} confirmed, {len(arrived)} arrived, {sum(arrived.values()) - len(arrived)} doubles"
    )
    os.write(1, f"\n{ROUNDS} kills: {sys_out}\n".encode())


# Damage to a journal that is not in use


@pytest.fixture
def stopped(daemon: Callable[..., DaemonProcess], receiver: Receiver) -> DaemonProcess:
    """A journal of 40 records with 10 lines each, killed while nothing was delivered."""
    receiver.stop()
    made = daemon(sources={"http": {"type": "http", "listen": "127.0.0.1:0"}}, journal=None)
    made.config["journal"] = {"path": str(made.folder / "journal"), "segment": "64KiB"}
    made.start()
    connection = http.client.HTTPConnection(*made.tcp("http"), timeout=10)
    for record in range(40):
        body = "".join(f"{record}-{line} {'x' * 380}\n" for line in range(10))
        connection.request("POST", "/", body, {"Content-Type": "text/plain"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 202
    connection.close()
    made.kill()
    receiver.start()
    return made


def segments(stopped: DaemonProcess) -> list[Path]:
    """Oldest first."""
    found = sorted((stopped.folder / "journal" / "segments").glob("*.seg"))
    assert len(found) >= 3
    return found


def survivors(stopped: DaemonProcess, receiver: Receiver) -> set[int]:
    """Starts it, lets it deliver, and says which records have arrived whole."""
    stopped.start()
    wait_for(answering(lambda: stopped.settled("hook")), "the rest delivered")
    assert stopped.balanced(), stopped.status()
    post_one(stopped)
    wait_for(lambda: "afterwards" in receiver.counted(), "a new event")
    found = Counter(message.partition("-")[0] for message in receiver.counted() if message != "afterwards")
    assert set(found.values()) <= {10}
    assert stopped.stop() == 0
    messages_by_id(receiver)
    return {int(record) for record in found}


def post_one(running: DaemonProcess) -> None:
    connection = http.client.HTTPConnection(*running.tcp("http"), timeout=10)
    connection.request("POST", "/", "afterwards", {"Content-Type": "text/plain"})
    assert connection.getresponse().status == 202
    connection.close()


def record_at(segment: Path, record: int) -> int:
    """The offset of a record's first line."""
    offset = segment.read_bytes().find(f'"message":"{record}-0 '.encode())
    assert offset > 0
    return offset


def overwrite(file: Path, offset: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(offset)
        stream.write(data)


def warned(stopped: DaemonProcess) -> list[str]:
    """What it said of trouble."""
    return [entry["message"] for entry in stopped.log() if entry.get("level") in ("warning", "error")]


def test_torn_last_record(stopped: DaemonProcess, receiver: Receiver) -> None:
    last = segments(stopped)[-1]
    overwrite(last, record_at(last, 39) + 1000, b"\0" * (last.stat().st_size - record_at(last, 39) - 1000))
    assert survivors(stopped, receiver) == set(range(39))


def test_last_record_is_cut_off(stopped: DaemonProcess, receiver: Receiver) -> None:
    last = segments(stopped)[-1]
    os.truncate(last, record_at(last, 39) + 1000)
    assert survivors(stopped, receiver) == set(range(39))


def test_flipped_bit_in_the_middle(stopped: DaemonProcess, receiver: Receiver) -> None:
    for segment in segments(stopped):
        data = segment.read_bytes()
        if (offset := data.find(b'"message":"20-0 ')) > 0:
            overwrite(segment, offset + 200, bytes([data[offset + 200] ^ 1]))
    assert survivors(stopped, receiver) == set(range(40)) - {20}
    assert "journal damage" in warned(stopped)


def test_truncated_segment_in_the_middle(stopped: DaemonProcess, receiver: Receiver) -> None:
    middle = segments(stopped)[1]
    there = {int(found) for found in re.findall(rb'"message":"(\d+)-0 ', middle.read_bytes())}
    last = max(there)
    os.truncate(middle, record_at(middle, last) + 50)
    assert survivors(stopped, receiver) == set(range(40)) - {last}
    assert warned(stopped)


def test_empty_segment_in_the_middle(stopped: DaemonProcess, receiver: Receiver) -> None:
    middle = segments(stopped)[1]
    there = {int(found) for found in re.findall(rb'"message":"(\d+)-0 ', middle.read_bytes())}
    os.truncate(middle, 0)
    assert survivors(stopped, receiver) == set(range(40)) - there
    assert "segment is unreadable" in warned(stopped)


def test_empty_last_segment(stopped: DaemonProcess, receiver: Receiver) -> None:
    last = segments(stopped)[-1]
    there = {int(found) for found in re.findall(rb'"message":"(\d+)-0 ', last.read_bytes())}
    os.truncate(last, 0)
    assert survivors(stopped, receiver) == set(range(40)) - there
    assert "segment is unreadable" in warned(stopped)


def test_garbage_where_the_cursors_were(stopped: DaemonProcess, receiver: Receiver) -> None:
    for file in (stopped.folder / "journal").glob("cursors*"):
        file.write_bytes(random.Random(3).randbytes(500))
    stopped.config["destinations"]["hook"]["queue"] = {"start": "earliest"}
    assert survivors(stopped, receiver) == set(range(40))
    assert warned(stopped)


def test_garbage_for_one_of_the_cursor_files(stopped: DaemonProcess, receiver: Receiver) -> None:
    newest = max((stopped.folder / "journal").glob("cursors*"), key=lambda file: file.stat().st_mtime_ns)
    newest.write_bytes(b"\0" * 300)
    assert survivors(stopped, receiver) == set(range(40))


def test_all_of_the_small_files_are_gone(stopped: DaemonProcess, receiver: Receiver) -> None:
    for file in (stopped.folder / "journal").iterdir():
        if file.is_file() and file.name not in ("lock", "admin.sock"):
            file.unlink()
    stopped.config["destinations"]["hook"]["queue"] = {"start": "earliest"}
    assert survivors(stopped, receiver) == set(range(40))


def test_a_second_daemon_names_the_first(daemon: Callable[..., DaemonProcess]) -> None:
    first, second = daemon(), daemon()
    first.start()
    second.config["journal"] = first.config["journal"]
    second.config["admin"] = {"listen": "127.0.0.1:0", "socket": str(second.folder / "admin.sock")}
    second.launch()
    assert second.wait() == 3
    assert str(first.pid) in second.log_text()
    assert "Traceback" not in second.log_text()
    assert first.stop() == 0
