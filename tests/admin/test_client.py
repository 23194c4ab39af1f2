import socket
import threading
from pathlib import Path

import pytest

from penstock.admin.client import call
from penstock.errors import Unavailable


def answering(path: Path, answer: bytes) -> threading.Thread:
    """Somebody at the socket who says this to the first who asks, whatever is asked."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_status_and_json_come_back(tmp_path: Path) -> None:
    body = b'{"error": "no"}'
    thread = answering(
        tmp_path / "a.sock", b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    assert call(tmp_path / "a.sock", "GET", "/api/status") == (409, {"error": "no"})
    thread.join()


@pytest.mark.parametrize("answer", [b"", b"SMTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{x"])
def test_somebody_else_at_the_socket_is_no_daemon(tmp_path: Path, answer: bytes) -> None:
    thread = answering(tmp_path / "a.sock", answer)
    with pytest.raises(Unavailable, match="does not answer"):
        call(tmp_path / "a.sock", "GET", "/api/status")
    thread.join()


def test_no_socket_means_no_daemon(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no daemon runs here"):
        call(tmp_path / "a.sock", "GET", "/api/status")


def test_a_socket_that_was_left_behind_means_a_stopped_daemon(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "a.sock"))
    with pytest.raises(Unavailable, match="it has stopped"):
        call(tmp_path / "a.sock", "GET", "/api/status")


def test_a_daemon_that_is_stuck_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stuck:
        stuck.bind(str(tmp_path / "a.sock"))
        stuck.listen()
        with pytest.raises(Unavailable, match="timed out"):
            call(tmp_path / "a.sock", "GET", "/api/status", timeout=0.05)
