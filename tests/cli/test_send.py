"""`penstock send`: a file or standard input, whole, at a rate, several times."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import Result

from penstock.cli.exits import Exit
from penstock.cli.send import Sent, chunks, portions, summary

Penstock = Callable[..., Result]


class Sink:
    """Takes one connection and keeps what it brings."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self._data = bytearray()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def data(self) -> bytes:
        self._thread.join(5)
        return bytes(self._data)

    def close(self) -> None:
        self._server.close()
        self._thread.join(5)

    def _take(self) -> None:
        try:
            connection, _ = self._server.accept()
        except OSError:
            return
        with connection:
            while data := connection.recv(65536):
                self._data += data


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    with socket.create_connection(("127.0.0.1", int(sink.url.rpartition(":")[2]))):
        pass  # wakes a sink that nobody has called
    sink.close()


def test_standard_input(penstock: Penstock, sink: Sink) -> None:
    result = penstock("send", "--to", sink.url, stdin="one\ntwo")
    assert (result.exit_code, result.stdout) == (Exit.OK, "")
    assert result.stderr.startswith("sent 2 lines, 8 bytes in ")
    assert sink.data() == b"one\ntwo\n"


def test_a_file_several_times(penstock: Penstock, sink: Sink, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\r\n\xff\n\nb")
    result = penstock("send", tmp_path / "log", "--to", sink.url, "--repeat", 3)
    assert result.exit_code == Exit.OK
    assert sink.data() == b"a\r\n\xff\n\nb\n" * 3


def test_at_a_rate(penstock: Penstock, sink: Sink) -> None:
    began = time.monotonic()
    result = penstock("send", "--to", sink.url, "--rate", 1000, stdin="x\n" * 200)
    assert result.exit_code == Exit.OK
    assert 0.19 < time.monotonic() - began < 2.0
    assert sink.data() == b"x\n" * 200


def test_with_a_progress_bar(penstock: Penstock, sink: Sink, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\n" * 1000)
    assert penstock("send", tmp_path / "log", "--to", sink.url, "--progress").exit_code == Exit.OK
    assert len(sink.data()) == 2000


def test_a_file_that_is_not_there(penstock: Penstock, tmp_path: Path) -> None:
    result = penstock("send", tmp_path / "none")
    assert (result.exit_code, result.stderr) == (
        Exit.FAILURE,
        f"penstock: {tmp_path}/none: No such file or directory\n",
    )


def test_nobody_listens(penstock: Penstock, unused_port: int) -> None:
    result = penstock("send", "--to", f"tcp://127.0.0.1:{unused_port}", stdin="x\n")
    assert result.exit_code == Exit.UNREACHABLE
    assert result.stderr == (
        f"penstock: tcp://127.0.0.1:{unused_port}: connection refused;"
        " does the daemon run, and does a source of its listen there?\n"
    )


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@given(st.binary(max_size=200), st.integers(1, 50))
def test_chunks_are_whole_lines_and_lose_nothing(data: bytes, size: int) -> None:
    found = list(chunks(io.BytesIO(data), size))
    assert all(chunk.endswith(b"\n") for chunk in found)
    whole = b"".join(found)
    assert whole == (data if not data or data.endswith(b"\n") else data + b"\n")


@given(st.lists(st.binary(max_size=9).filter(lambda line: b"\n" not in line), min_size=1), st.integers(0, 5))
def test_portions_are_so_many_lines(lines: list[bytes], number: int) -> None:
    chunk = b"".join([line + b"\n" for line in lines])
    found = list(portions(chunk, number))
    assert b"".join(found) == chunk
    assert not number or all(portion.count(b"\n") <= number for portion in found)


def test_the_summary() -> None:
    assert (
        summary(Sent(1000, 250_000), 0.5, None) == "sent 1,000 lines, 250,000 bytes in 0.50 s (2,000 lines/s)"
    )
    assert summary(Sent(1, 2), 0.0, 1) == "sent 1 lines, 2 bytes in 0.00 s (at once), 1 confirmed"
