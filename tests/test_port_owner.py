import os
import socket
from pathlib import Path

import pytest

from penstock.port_owner import port_owner


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux")
def test_names_the_process_that_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port_owner(port).endswith(f"(pid {os.getpid()})")
    assert port_owner(port) == ""


def test_knows_nothing_without_proc(tmp_path: Path) -> None:
    assert port_owner(1, tmp_path) == ""
