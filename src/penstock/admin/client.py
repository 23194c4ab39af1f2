"""How the command line asks a running daemon: a request over its Unix socket."""

import http.client
import socket
from pathlib import Path
from typing import Any

import orjson

from penstock.errors import Unavailable


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def call(
    path: Path, method: str, target: str, body: object = None, *, timeout: float = 30.0
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of the daemon's answer; what went wrong is under `error`.

    `path` is the socket, `target` what is asked for (`/api/status`); `body` is sent as JSON unless it is None.
    Raises `Unavailable`, saying why, where no daemon answers.
    """
    connection = _UnixConnection(path, timeout)
    data = None if body is None else orjson.dumps(body)
    try:
        connection.request(method, target, data, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = orjson.loads(response.read())
    except FileNotFoundError as exc:
        raise Unavailable(f"no daemon runs here: {path} does not exist") from exc
    except ConnectionRefusedError as exc:
        raise Unavailable(f"no daemon answers at {path}: it has stopped") from exc
    except PermissionError as exc:
        raise Unavailable(f"{path} is for the daemon's own user alone: become that user") from exc
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError) as exc:
        raise Unavailable(f"the daemon at {path} does not answer: {exc}") from exc
    finally:
        connection.close()
    return response.status, answer
