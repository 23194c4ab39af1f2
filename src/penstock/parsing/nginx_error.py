"""nginx's error log.

    2026/11/25 10:00:00 [error] 31#31: *7 open() "/a" failed (2: No such file), client: 10.0.0.1, server: _, request: "GET /a HTTP/1.1", host: "a.example"

What stands behind the message becomes fields: `client`, `server`, `request`, `subrequest`, `upstream`, `host`, `referrer`.
"""

import re
from typing import Any, Final

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.timestamps import Timestamps

_LINE: Final = re.compile(
    r"([0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8}) \[([a-z]{1,16})\] ([0-9]{1,18})#([0-9]{1,18}): (?:\*([0-9]{1,18}) )?(.*)",
    re.DOTALL,
)
_PIECE: Final = re.compile(
    r', (client|server|request|subrequest|upstream|host|referrer|login|bytes from/to client|bytes from/to upstream): ("(?:[^"\\]++|\\.)*+"|[^,"]*+)',
    re.DOTALL,
)
_CONTEXT: Final = ", client: "


class NginxError(OneByOne):
    """Times are in the zone of `times`, as the log names none."""

    def __init__(self, times: Timestamps) -> None:
        self._times = times

    def parse(self, text: str, received: float) -> Fields | None:
        line = _LINE.fullmatch(text.rstrip("\r\n"))
        timestamp = line and self._times.normalise(line[1], received)
        if line is None or timestamp is None:
            return None
        fields: dict[str, Any] = {
            "timestamp": timestamp, "level": line[2], "pid": int(line[3]), "tid": int(line[4]),
        }  # fmt: skip
        if line[5]:
            fields["connection"] = int(line[5])
        message = line[6]
        begin = message.rfind(_CONTEXT)
        context = _context(message[begin:]) if begin >= 0 else None
        fields["message"] = message if context is None else message[:begin]
        return fields | (context or {})


def _context(text: str) -> Fields | None:
    """The pieces, to the end of the text; none where something else is among them."""
    fields: Fields = {}
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            return None
        name = piece[1].replace("/", "_").replace(" ", "_")
        value = piece[2][1:-1] if piece[2].startswith('"') else piece[2]
        if value:
            fields.setdefault(name, value)
        at = piece.end()
    return fields
