"""Apache's error log, of 2.4 and before.

[Sun Dec 04 04:47:44 2005] [error] [client 10.0.0.1] File does not exist: /var/www/a
[Wed Nov 25 10:00:00.123456 2026] [core:error] [pid 35708:tid 4328636416] [client 10.0.0.1:4711] AH00128: File does not exist: /a
"""

import re
from typing import Any, Final

from penstock.parsing.base import Fields, OneByOne
from penstock.parsing.timestamps import Timestamps

_LINE: Final = re.compile(
    r"\[([A-Z][a-z]{2} [A-Z][a-z]{2} [0-9 ][0-9] [0-9:.]{8,15} [0-9]{4})\] \[(?:([\w-]{0,64}):)?([a-z0-9]{1,16})\] "
    r"(?:\[pid ([0-9]{1,18})(?::tid ([0-9]{1,20}))?\] )?(?:\[client ([^\]\s]{1,255})\] )?(?:(AH[0-9]{5}): )?(.*)",
    re.ASCII | re.DOTALL,
)


class ApacheError(OneByOne):
    """Times are in the zone of `times`, as the log names none."""

    def __init__(self, times: Timestamps) -> None:
        self._times = times

    def parse(self, text: str, received: float) -> Fields | None:
        line = _LINE.fullmatch(text.rstrip("\r\n"))
        timestamp = line and self._times.normalise(line[1], received)
        if line is None or timestamp is None:
            return None
        _, module, level, pid, tid, client, code, message = line.groups()
        fields: dict[str, Any] = {"timestamp": timestamp, "level": level}
        if module:
            fields["module"] = module
        if pid:
            fields["pid"] = int(pid)
        if tid:
            fields["tid"] = int(tid)
        if client:
            fields["client"] = client
        if code:
            fields["code"] = code
        fields["message"] = message
        return fields
