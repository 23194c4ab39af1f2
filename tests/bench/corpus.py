"""Numbered, realistic events, made in chunks so cheaply that whoever takes them is what gets measured."""

import json
import random
import re
import time
from collections.abc import Iterator
from typing import Final

EVENT: Final = 250
"""Bytes of an event, with its newline."""
HEADER: Final = b"<134>1 2026-11-23T10:00:00.123456Z node-7 checkout 4711 ID47 - "
"""Before an event that is sent as the text of a syslog message."""
LARGE: Final = 256 * 2**10
"""Bytes of a chunk that is sent as fast as it is taken."""

_SEED: Final = 20261123
_LEVELS: Final = ["debug"] * 3 + ["info"] * 12 + ["warn"] * 2 + ["error"]
_SERVICES: Final = ["checkout", "search", "auth", "gateway", "billing", "inventory"]
_TEXT: Final = (
    "request completed cache miss user session opened upstream timed out retrying payment accepted for order "
    "index refreshed in shard took too long connection reset by peer token expired"
)
_WORDS: Final = _TEXT.split()

# One event: {"timestamp":…,"seq":1CCCCCCCCIIII,"sent":SSSSSSSSSSSSSSSS,…}: chunk, index in it, microseconds.
_CHUNK, _SENT = b"\x01", b"\x02"
"""One byte each in the template, since one-byte needles are what `bytes.replace` is quick with."""
_SEQ: Final = re.compile(rb'"seq\\?":1(\d{8})(\d{4}),\\?"sent\\?":(\d{16})')
"""In an event, and in an event that became text in another."""
_NAME: Final = b'"seq'
INDEX: Final = 10_000
"""Events of a chunk at most."""


class Chunks:
    """Chunks of so many events each, numbered without holes; each behind a header where there is one."""

    def __init__(self, events: int, header: bytes = b"") -> None:
        assert 0 < events <= INDEX, "the index has four digits"
        self.events = events
        rng = random.Random(_SEED)
        # The times of the last full hour, in no order: some services leave out what is old, some want it sorted.
        hour = time.strftime("%Y-%m-%dT%H", time.gmtime(time.time() - 3600))
        self._template = b"".join([header + _line(rng, hour, index) for index in range(events)])

    def make(self, chunk: int) -> bytes:
        """The chunk of this number, stamped with the present time."""
        sent = b"%016d" % (time.time_ns() // 1000)
        return self._template.replace(_CHUNK, b"%08d" % chunk).replace(_SENT, sent)

    def number(self, match: re.Match[bytes]) -> int:
        """The place of an event in the whole stream, from 0."""
        return int(match[1]) * self.events + int(match[2])


def first(body: bytes) -> re.Match[bytes] | None:
    """The first event of a body."""
    return _SEQ.search(body)


def last(body: bytes) -> re.Match[bytes] | None:
    """The last event of a body."""
    return _SEQ.search(body, max(0, body.rfind(_NAME)))


def every(body: bytes) -> Iterator[re.Match[bytes]]:
    """Each event of a body."""
    return _SEQ.finditer(body)


def count(body: bytes) -> int:
    """The events of a body."""
    return body.count(_NAME)


def _line(rng: random.Random, hour: str, index: int) -> bytes:
    second, milli = rng.randrange(3600), rng.randrange(1000)
    event = {
        "timestamp": f"{hour}:{second // 60:02d}:{second % 60:02d}.{milli:03d}Z",
        "level": rng.choice(_LEVELS),
        "seq": 0,
        "service": rng.choice(_SERVICES),
        "host": f"node-{rng.randrange(24)}",
        "message": "",
        "context": {
            "request_id": f"{rng.getrandbits(64):016x}",
            "status": rng.choice([200, 200, 200, 201, 404, 500]),
            "ms": round(rng.lognormvariate(3, 1), 2),
        },
    }
    numbered = b'"seq":1%s%04d,"sent":%s' % (_CHUNK, index, _SENT)
    bare = json.dumps(event, separators=(",", ":")).encode().replace(b'"seq":0', numbered)
    room = EVENT - 1 - len(bare) - (8 + 16 - 2)  # what the placeholders grow by
    message = ""
    while len(message) < room:
        message += (" " if message else "") + rng.choice(_WORDS)
    return bare.replace(b'"message":""', b'"message":"%s"' % message[:room].ljust(room, ".").encode()) + b"\n"
