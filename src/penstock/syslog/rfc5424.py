"""RFC 5424: `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`.

Read a little more kindly than it is written: names may be longer and need not be ASCII, a second may have nine
digits, and structured data that is not well formed stays in the message.
"""

import re
from typing import Any, Final

from penstock.syslog.priority import PATTERN, PRIORITIES
from penstock.syslog.stamps import RFC3339
from penstock.syslog.structured import parse as parse_structured

BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
NAMES: Final = ("host", "service", "procid", "msgid")
"""What the four names of the header become."""

_HEADER: Final = re.compile(rf"<({PATTERN})>1 ++(-|{RFC3339}) ++(\S++) ++(\S++) ++(\S++) ++(\S++)(?: |\Z)")


def parse(text: str) -> dict[str, Any] | None:
    """The fields of an event, without `timestamp` where the message has none; none where it is not RFC 5424."""
    header = _HEADER.match(text)
    if header is None:
        return None
    priority, stamp, *names = header.groups()
    event: dict[str, Any] = {} if stamp == "-" else {"timestamp": stamp}
    event |= PRIORITIES[priority]
    event |= {name: value for name, value in zip(NAMES, names, strict=True) if value != "-"}
    begin = header.end()
    if text.startswith("[", begin):
        elements, end = parse_structured(text, begin)
        if text[end : end + 1] in ("", " "):
            if elements:
                event["structured_data"] = elements
            begin = end + (end > begin)
    elif text[begin : begin + 2] in ("-", "- "):
        begin += 2
    event["message"] = text[begin:].removeprefix(BOM)
    return event
