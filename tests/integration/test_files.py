"""Files that are rotated while they are written to, read by a daemon that is restarted and killed: each line comes once."""

import itertools
import os
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from penstock.journal.inspect import verify
from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration

ROTATIONS: Final = int(os.environ.get("PENSTOCK_TEST_ROTATIONS", "100"))
KEEP: Final = 5
"""Rotated files that stay: with so few their inodes are soon given to others."""


UNFINISHED: Final = 4
"""Lines that may wait for more, in all files."""


class Writer(threading.Thread):
    """Appends numbered lines without pause; opens its file anew when it is told to, as programs do on SIGHUP."""

    def __init__(self, path: Path) -> None:
        super().__init__(name=path.name, daemon=True)
        self.written = 0
        self.between = threading.Lock()
        """Held while it writes: who copies and truncates takes it, as what is written in between is lost to anybody."""
        self._path = path
        self._reopen = threading.Event()
        self._end = threading.Event()

    def run(self) -> None:
        file = self._path.open("ab", buffering=0)
        for number in itertools.count():
            if self._end.is_set():
                break
            if self._reopen.is_set():
                file.close()
                file = self._path.open("ab", buffering=0)
                self._reopen.clear()
            line = b"%s %07d %s\n" % (self._path.stem.encode(), number, b"." * (number % 300))
            with self.between:
                if number % 7 == 0:  # in two pieces, which a reader may come between
                    file.write(line[:20])
                    self._end.wait(0.0005)
                    file.write(line[20:])
                else:
                    file.write(line)
            self.written = number + 1
            if number % 20 == 0:
                self._end.wait(0.005)
        file.close()

    def reopen(self) -> None:
        """From the next line on it writes to whatever has the name then."""
        self._reopen.set()
        wait_for(lambda: not self._reopen.is_set(), "the writer has the new file")

    def end(self) -> None:
        self._end.set()
        self.join()


def shift(path: Path, keep: int) -> None:
    """Older ones move on by one, the oldest goes."""
    for number in range(keep, 0, -1):
        old = path.with_name(f"{path.name}.{number}")
        if old.exists():
            old.rename(path.with_name(f"{path.name}.{number + 1}"))
    path.with_name(f"{path.name}.{keep + 1}").unlink(missing_ok=True)


def by_rename(path: Path, writer: Writer, keep: int) -> None:
    shift(path, keep)
    path.rename(f"{path}.1")
    path.touch()
    writer.reopen()


def by_copytruncate(path: Path, writer: Writer, keep: int) -> None:
    shift(path, keep)
    with writer.between:
        shutil.copy(path, f"{path}.1")
        os.truncate(path, 0)


def read_up_to(following: DaemonProcess, written: int) -> None:
    """What is rotated away before anybody has looked at it is lost to all, so somebody has to look now and then."""
    wait_for(
        lambda: following.destination("hook")["ledger"]["accepted"] >= written - UNFINISHED, "files read", 30
    )


@pytest.fixture
def following(
    daemon: Callable[..., DaemonProcess], tmp_path: Path, joined: dict[str, Any] | None
) -> DaemonProcess:
    (tmp_path / "logs").mkdir()
    source: dict[str, Any] = {"type": "file", "path": f"{tmp_path}/logs/*.log", "poll": "20ms"}
    if joined is not None:
        source["multiline"] = joined
    journal = {"path": str(tmp_path / "journal"), "keep_age": "1h"}
    return daemon(sources={"app": source}, journal=journal)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("end", "joined"),
    [
        ("none", None),
        ("stop", None),
        ("kill", None),
        ("kill", {"start": r"^\w+ \d{7} ", "timeout": "50ms"}),  # the last line always waits
    ],
    ids=["none", "stop", "kill", "kill-joined"],
)
def test_rotations_and_restarts(
    following: DaemonProcess, receiver: Receiver, tmp_path: Path, end: str, joined: object
) -> None:
    """Each line is in the journal once: what is read twice there by a destination that was killed is its affair."""
    # Where lines wait for others, files that live for a quarter of a second would go unread.
    keep = KEEP if joined is None else ROTATIONS
    writers = [Writer(tmp_path / "logs" / f"{name}.log") for name in ("renamed", "copied")]
    moment = random.Random(f"{end}-5")
    following.start()
    for writer in writers:
        writer.start()
    for rotation in range(ROTATIONS):
        threading.Event().wait(moment.uniform(0.0, 0.08))
        by_rename(tmp_path / "logs/renamed.log", writers[0], keep)
        by_copytruncate(tmp_path / "logs/copied.log", writers[1], keep)
        if rotation % 4 != 3:
            continue
        if end != "none":
            if end == "kill":
                following.kill()
            else:
                assert following.stop() == 0
            if rotation % 8 == 7:  # rotated while nobody looks
                by_rename(tmp_path / "logs/renamed.log", writers[0], keep)
                by_copytruncate(tmp_path / "logs/copied.log", writers[1], keep)
            following.start()
        read_up_to(following, sum(writer.written for writer in writers))
    for writer in writers:
        writer.end()
    total = sum(writer.written for writer in writers)
    with suppress(AssertionError):  # what is missing says more
        read_up_to(following, total + UNFINISHED)
        wait_for(lambda: following.settled("hook"), "all lines sent", 30)
    came = Counter(line[: line.rindex(" ")] for line in receiver.messages())
    wanted = [f"{writer.name[:-4]} {number:07d}" for writer in writers for number in range(writer.written)]
    missing = [line for line in wanted if line not in came]
    assert not missing, f"{len(missing)} missing: {missing[:3]} to {missing[-3:]}"
    assert came.keys() <= set(wanted), "lines came that nobody wrote"
    assert following.balanced()
    assert following.status()["sources"][0]["bytes_missed"] == 0
    assert following.stop() == 0
    if end != "kill":
        assert max(came.values()) == 1
    assert verify(tmp_path / "journal").events == total
