import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from tests.integration.cluster import Cluster
from tests.integration.servers import RealServer
from tests.sandbox.elasticsearch_table import PRODUCTS

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


@pytest.fixture(scope="session")
def opensearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """One for all tests that make indices of their own; who restarts it, or sets it up, takes one of their own."""
    with RealServer("opensearch", tmp_path_factory.mktemp("opensearch")) as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The same, of Elastic."""
    with RealServer("elasticsearch", tmp_path_factory.mktemp("elasticsearch")) as server:
        yield server


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """AWS in memory; what a test makes there stays for the next one."""
    with RealServer("moto", tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(params=PRODUCTS)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Shared: a test makes indices of its own name."""
    return Cluster(request.param, request.getfixturevalue(request.param))


@pytest.fixture(params=PRODUCTS)
def own_cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    """Starts one with settings, for this test alone."""
    servers: list[RealServer] = []

    def start(*settings: str) -> Cluster:
        servers.append(RealServer(request.param, tmp_path / "server", *settings))
        servers[-1].start()
        return Cluster(request.param, servers[-1])

    yield start
    for server in servers:
        server.stop()
