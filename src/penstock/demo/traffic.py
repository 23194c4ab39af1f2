"""Made-up events of a small web shop, for trying things: most are requests, some are trouble."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

PATHS: Final = ("/", "/products/17", "/products/4711", "/cart", "/checkout", "/login", "/healthz")
STATUSES: Final = (200, 200, 200, 200, 200, 201, 204, 302, 304, 404)
TRACE: Final = """Traceback (most recent call last):
  File "/app/orders.py", line 88, in charge
    answer = gateway.charge(order.total, order.card)
  File "/app/gateway.py", line 31, in charge
    raise GatewayTimeout(f"no answer in {TIMEOUT} s")
gateway.GatewayTimeout: no answer in 5 s"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of line, and how often it comes beside the others."""

    weight: int
    make: Callable[[random.Random], dict[str, Any] | str]
    """A string is a line of text as some old program writes it."""


class Traffic:
    """Lines as they come from the programs of a shop, the same for the same seed and times."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing depends on that it cannot be guessed

    def line(self, now: float) -> bytes:
        """The next one, at `now` in seconds since the epoch."""
        (kind,) = self._random.choices(KINDS, [kind.weight for kind in KINDS])
        made = kind.make(self._random)
        if isinstance(made, str):
            return made.encode() + b"\n"
        timestamp = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return orjson.dumps({"timestamp": timestamp, **made}) + b"\n"

    def lines(self, now: float, count: int) -> Iterator[bytes]:
        """So many."""
        return (self.line(now) for _ in range(count))


def _request(source: random.Random) -> dict[str, Any]:
    method, path, status = (
        source.choice(("GET", "GET", "GET", "POST")),
        source.choice(PATHS),
        source.choice(STATUSES),
    )
    took = round(source.lognormvariate(3.2, 0.8), 1)
    return {
        "level": "info",
        "service": "web",
        "host": source.choice(("web-1", "web-2")),
        "message": f"{method} {path} {status} in {took} ms",
        "status": status,
        "duration_ms": took,
        "context": {"request_id": f"{source.getrandbits(64):016x}", "user": source.randrange(1, 5000)},
    }


def _slow_query(source: random.Random) -> dict[str, Any]:
    took = round(source.uniform(800, 4000))
    table = source.choice(("orders", "customers", "stock"))
    return {
        "level": "warn",
        "service": "db",
        "host": "db-1",
        "message": f"slow query on {table}: {took} ms",
        "duration_ms": took,
        "context": {"table": table, "rows": source.randrange(1, 100_000)},
    }


def _failure(source: random.Random) -> dict[str, Any]:
    order = source.randrange(10_000, 99_999)
    return {
        "level": "error",
        "service": "orders",
        "host": "web-1",
        "message": f"order {order} could not be charged",
        "exception": TRACE,
        "context": {"order": order, "attempt": source.randrange(1, 4)},
    }


def _job(source: random.Random) -> dict[str, Any]:
    mails = source.randrange(0, 40)
    return {
        "level": "debug",
        "service": "jobs",
        "host": "jobs-1",
        "message": f"sent {mails} mails",
        "context": {"queue": "mail", "sent": mails},
    }


def _plain(source: random.Random) -> str:
    address = f"203.0.113.{source.randrange(1, 255)}"  # for documentation, RFC 5737
    port = source.randrange(1024, 65535)
    return f"sshd[{source.randrange(400, 9000)}]: Invalid user admin from {address} port {port}"


KINDS: Final = (Kind(80, _request), Kind(8, _job), Kind(5, _slow_query), Kind(2, _failure), Kind(5, _plain))
