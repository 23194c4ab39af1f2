"""klog and glog: what Kubernetes and many C++ programs write.

I1125 10:00:00.123456   31415 server.go:101] Listening
E20261125 10:00:00.123456 31415 disk.cc:7] cannot read
I1125 10:00:00.123456       1 pod.go:9] "Pod updated" pod="kube-system/dns" status="ready"
"""

import re
from datetime import UTC, tzinfo
from typing import Any, Final

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.instants import Seconds, second_of, with_fraction
from penstock.parsing.logfmt import pairs
from penstock.parsing.quoting import unescape

_LINE: Final = re.compile(
    r"([IWEFD])((?:[0-9]{4})?[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))? ++([0-9]{1,18}) ([^\s:\]]{1,255}):([0-9]{1,9})\] ?(.*)",
    re.DOTALL,
)
_STRUCTURED: Final = re.compile(r'"((?:[^"\\]++|\\.)*+)"(?: (.*))?', re.DOTALL)
_LEVELS: Final = {"D": "debug", "I": "info", "W": "warning", "E": "error", "F": "fatal"}


class KLog(OneByOne):
    """Times are in `zone`; without a year it is the nearest. Pairs behind a quoted message are fields."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._seconds = Seconds(self._second)

    def parse(self, text: str, received: float) -> Fields | None:
        line = _LINE.fullmatch(text.rstrip("\r\n"))
        if line is None:
            return None
        level, stamp, digits, thread, file, number, message = line.groups()
        second = self._seconds.of(stamp, received)
        if second is None:
            return None
        fields: dict[str, Any] = {
            "timestamp": with_fraction(second, digits), "level": _LEVELS[level], "thread": int(thread),
            "file": file, "line": int(number), "message": message,
        }  # fmt: skip
        structured = _STRUCTURED.fullmatch(message)
        if structured is None:
            return fields
        more = pairs(structured[2] or "")
        if more is not None:
            fields["message"] = unescape(structured[1])
            for name, value in more.items():
                fields.setdefault(name, value)
        return fields

    def _second(self, stamp: str, received: float) -> str | None:
        day, _, clock = stamp.partition(" ")
        year = int(day[:4]) if len(day) == 8 else None
        hour, minute, second = map(int, clock.split(":"))
        return second_of(year, int(day[-4:-2]), int(day[-2:]), (hour, minute, second), self._zone, received)
