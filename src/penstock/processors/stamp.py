"""Times as text, for events that processors make."""

from datetime import UTC, datetime
from typing import Literal


def rfc3339(seconds: float, digits: Literal["seconds", "milliseconds"] = "milliseconds") -> str:
    """Seconds since the epoch as RFC 3339 in UTC; beyond the calendar its last second."""
    try:
        text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec=digits)
    except (ValueError, OverflowError, OSError):
        return "9999-12-31T23:59:59Z"
    return text.replace("+00:00", "Z")
