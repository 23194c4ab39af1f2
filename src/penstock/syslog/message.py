"""One message, whichever kind of syslog it is."""

from typing import Any, Final

from penstock.syslog import rfc3164, rfc5424
from penstock.syslog.stamps import Calendar

ENDS: Final = "\r\n\0"
"""What senders put after a message, one or more of them."""
BLANKS: Final = " \t\r\n\0"


def parse(message: str, received: float, calendar: Calendar) -> dict[str, Any] | None:
    """The fields of an event, `message` the last; none where nothing says that it is syslog.

    `timestamp` is RFC 3339, and missing where the message has no time. `level`, `facility` and `severity` are
    missing where it has no priority. `received` is in seconds since the epoch. Newlines and NULs at the end go.
    """
    text = message.rstrip(ENDS).removeprefix(rfc5424.BOM)
    return rfc5424.parse(text) or rfc3164.parse(text, received, calendar)
