"""What the number before a message says: `<134>` is facility 16, severity 6 (RFC 5424, 6.2.1)."""

from collections.abc import Mapping
from typing import Final

SEVERITIES: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
"""By their number; the names that syslog(3), rsyslog and syslog-ng write."""
LEVELS: Final = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
"""The same as an event's `level`: in whole words."""
FACILITIES: Final = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
    "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
"""By their number."""

PATTERN: Final = "0|1(?:[0-8][0-9]?|9[01]?|)|[2-9][0-9]?"
"""Every number that can be, 0 to 191 without leading zeros."""


def _fields(priority: int) -> Mapping[str, str]:
    return {
        "level": LEVELS[priority % 8],
        "facility": FACILITIES[priority // 8],
        "severity": SEVERITIES[priority % 8],
    }


PRIORITIES: Final[Mapping[str, Mapping[str, str]]] = {
    str(priority): _fields(priority) for priority in range(8 * len(FACILITIES))
}
"""The fields of an event, by the number as it is written."""
