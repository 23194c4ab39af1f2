import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver

Start = Callable[..., DaemonProcess]

FAST_RETRY = {"initial": "50ms", "max": "500ms"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def daemon(tmp_path: Path, receiver: Receiver) -> Iterator[Callable[..., DaemonProcess]]:
    """Makes a daemon that is not started yet, with one webhook to the receiver unless told otherwise."""
    daemons: list[DaemonProcess] = []

    def make(**parts: Any) -> DaemonProcess:
        folder = tmp_path / f"daemon-{len(daemons)}"
        folder.mkdir()
        config = {
            "sources": {
                "tcp": {"type": "tcp", "listen": "127.0.0.1:0"},
                "http": {"type": "http", "listen": "127.0.0.1:0"},
            },
            "journal": {"path": str(folder / "journal")},
            "destinations": {
                "hook": {
                    "type": "webhook",
                    "url": receiver.url,
                    "batch": {"age": "20ms"},
                    "retry": FAST_RETRY,
                }
            },
            "admin": {"listen": "127.0.0.1:0"},
            **parts,
        }
        made = DaemonProcess(folder, config)
        daemons.append(made)
        return made

    yield make
    for made in daemons:
        made.end()
        sys.stdout.write(f"--- log of {made.folder.name}\n{made.log_text()}")
