"""What a person may do with a daemon that runs: commands to copy."""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

OUTAGE: Final = '{"type": "refuse", "for": "30s"}'
EXAMPLE: Final = '\'{"level":"info","message":"hello"}\''


def hints(command: str, endpoints: Iterable[str], admin: str, sandbox: str) -> list[str]:
    """Lines of text: where to send, with examples for each endpoint, and where to look.

    `command` is how `penstock` is called here; `admin` and `sandbox` are addresses, the first empty where there is none.
    """
    send = [line for endpoint in endpoints for line in examples(command, endpoint)]
    look = []
    if admin:
        look += [f"http://{admin}/           the status page", f"http://{admin}/metrics    for Prometheus"]
    look += [
        f"http://{sandbox}/received   what has arrived at the services, which are played here",
        f"http://{sandbox}/faults     what goes wrong there now and then; break more:",
        f"  curl --json '{OUTAGE}' http://{sandbox}/faults",
    ]
    return [
        "",
        "Send lines from another terminal:",
        *[f"  {line}" for line in send],
        "Look:",
        *[f"  {line}" for line in look],
        "Ctrl-C stops it; what is not delivered by then is delivered after the next start.",
        "",
    ]


def examples(command: str, endpoint: str) -> Sequence[str]:
    """Commands that send to a source, by its endpoint (`tcp://127.0.0.1:5170`)."""
    parts = urlsplit(endpoint)
    where = f"{parts.hostname} {parts.port}"
    match parts.scheme:
        case "tcp":
            return [
                f"echo {EXAMPLE} | nc -w 1 {where}",
                f"logger --tcp --server {parts.hostname} --port {parts.port} hello",
                f"seq 1000 | {command} send --to {endpoint}",
            ]
        case "udp":
            return [f"echo {EXAMPLE} | nc -u -w 1 {where}"]
        case "unix":
            return [f"echo {EXAMPLE} | nc -w 1 -U {parts.path}"]
        case "unix-datagram":
            return [f"logger --socket {parts.path} hello"]
        case "http" | "https":
            return [f"curl --json {EXAMPLE} {endpoint}"]
        case _:
            return []
