"""A way to a server on which the answers get lost: the request has arrived, and its sender does not know."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Hands bytes on in both directions; the first so many answers are cut off before they are whole."""

    def __init__(self, port: int, cuts: int) -> None:
        self.cuts = 0
        """Answers that were cut so far."""
        self._target = port
        self._cuts = cuts
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Until it is closed; in a thread."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def close(self) -> None:
        # A listener that is only closed goes on waiting in its thread.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _connect(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server, suppress(OSError):
            forward = threading.Thread(target=self._hand_on, args=(client, server), daemon=True)
            forward.start()
            while answer := server.recv(65536):
                if self._is_to_be_cut():
                    # The server has answered, so it has done what it was asked; the sender sees a reset.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    break
                client.sendall(answer)
            with suppress(OSError):
                client.shutdown(socket.SHUT_RD)
                server.shutdown(socket.SHUT_RDWR)
        forward.join(5)

    def _hand_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)

    def _is_to_be_cut(self) -> bool:
        with self._lock:
            if self.cuts >= self._cuts:
                return False
            self.cuts += 1
            return True


@contextmanager
def cutting(port: int, cuts: int) -> Iterator[Proxy]:
    """A proxy before a port of this machine, that cuts so many answers."""
    proxy = Proxy(port, cuts)
    thread = threading.Thread(target=proxy.serve, name="proxy", daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(5)
