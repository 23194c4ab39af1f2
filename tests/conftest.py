from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from penstock.testing.local import LocalDaemon
from penstock.testing.receiver import Receiver

# How long an example takes on a busy machine says nothing about what it shows.
settings.register_profile("penstock", deadline=None)
settings.load_profile("penstock")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook's other side."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def local(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Callable[..., LocalDaemon]]:
    """Makes a whole daemon that is not started yet, with one webhook to the receiver unless told otherwise."""
    daemons: list[LocalDaemon] = []

    def make(**parts: Any) -> LocalDaemon:
        config: dict[str, Any] = {
            "sources": {
                "tcp": {"type": "tcp", "listen": "127.0.0.1:0"},
                "http": {"type": "http", "listen": "127.0.0.1:0"},
            },
            "journal": {
                "path": str(tmp_path / "journal"),
                "segment": "64KiB",
                "sync": "10ms",
                "cache": "64KiB",
            },
            "destinations": {
                "hook": {
                    "type": "webhook",
                    "url": receiver.url,
                    "batch": {"age": "10ms"},
                    "retry": {"initial": "20ms", "max": "100ms"},
                }
            },
            "drain_timeout": "500ms",
        }
        made = LocalDaemon(tmp_path, config | parts)
        daemons.append(made)
        return made

    yield make
    for made in daemons:
        await made.end()
