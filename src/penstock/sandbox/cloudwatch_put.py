"""What the played CloudWatch Logs takes of a PutLogEvents, and what it has against the rest.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 1_048_576
OVERHEAD: Final = 26
_HOUR: Final = 3600 * 1000
_DAY: Final = 24 * _HOUR
_AHEAD: Final = 2 * _HOUR
_OLDEST: Final = 14 * _DAY


class Complaint(Exception):
    """The service refuses the whole request."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


class Given(NamedTuple):
    """A log event as it came."""

    timestamp: int
    message: str
    size: int
    """As the service counts it."""


class Bounds(NamedTuple):
    """Which log events of a request are taken: those from `first` up to `end`."""

    first: int
    end: int
    told: Mapping[str, int]
    """What `rejectedLogEventsInfo` says of the others; empty where there are none."""


def given(events: object, most: int) -> list[Given]:
    """The log events of a request, none larger than `most`. Raises `Complaint`."""
    if not isinstance(events, list):
        raise Complaint("SerializationException", "Start of list found where not expected")
    wrong: list[str] = []
    if not 1 <= len(events) <= MOST_EVENTS:
        bound = "greater than or equal to 1" if not events else f"less than or equal to {MOST_EVENTS}"
        shown = "[]" if not events else "[...]"
        wrong.append(
            f"Value '{shown}' at 'logEvents' failed to satisfy constraint: Member must have length {bound}"
        )
    found: list[Given] = []
    for number, event in enumerate(events, 1):
        found.append(_given(number, event))
        if found[-1].message == "":
            wrong.append(
                f"Value '' at 'logEvents.{number}.member.message' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1"
            )
    complain(*wrong)
    largest, total = max(event.size for event in found), sum(event.size for event in found)
    if largest > most:
        raise Complaint(
            "InvalidParameterException", f"Log event too large: {largest} bytes exceeds limit of {most}"
        )
    if total > MOST_BYTES:
        raise Complaint(
            "InvalidParameterException", f"Upload too large: {total} bytes exceeds limit of {MOST_BYTES}"
        )
    return found


def complain(*wrong: str) -> None:
    """Raises `Complaint` where there is anything, as the service's check of a request's shape does."""
    if wrong:
        errors = "error" if len(wrong) == 1 else "errors"
        raise Complaint(
            "InvalidParameterException", f"{len(wrong)} validation {errors} detected: {'; '.join(wrong)}"
        )


def bounds(times: Sequence[int], now: int, retention: int | None) -> Bounds:
    """Which are neither too new nor too old at `now`; all times in milliseconds, `retention` in days.

    Raises `Complaint` where they are not in order, or those that would be taken are too far apart.
    """
    if list(times) != sorted(times):
        raise Complaint(
            "InvalidParameterException",
            "Log events in a single PutLogEvents request must be in chronological order.",
        )
    told: dict[str, int] = {}
    too_old = sum(time < now - _OLDEST for time in times)
    expired = sum(time < now - retention * _DAY for time in times) if retention is not None else 0
    too_new = len(times) - sum(time > now + _AHEAD for time in times)
    if too_new < len(times):
        told["tooNewLogEventStartIndex"] = too_new
    if too_old:
        told["tooOldLogEventEndIndex"] = too_old
    if expired > too_old:
        told["expiredLogEventEndIndex"] = expired
    first = max(too_old, expired)
    if first < too_new and times[too_new - 1] - times[first] > _DAY:
        raise Complaint(
            "InvalidParameterException",
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        )
    return Bounds(first, max(first, too_new), told)


def _given(number: int, event: object) -> Given:
    if not isinstance(event, dict):
        raise Complaint("SerializationException", "Start of structure or map found where not expected.")
    timestamp, message = event.get("timestamp"), event.get("message")
    if timestamp is None or message is None:
        name = "timestamp" if timestamp is None else "message"
        complain(
            f"Value null at 'logEvents.{number}.member.{name}' failed to satisfy constraint: Member must not be null"
        )
    if isinstance(timestamp, bool) or not isinstance(timestamp, int):
        raise Complaint("SerializationException", "STRING_VALUE can not be converted to a Long")
    if not isinstance(message, str):
        raise Complaint("SerializationException", "NUMBER_VALUE can not be converted to a String")
    if timestamp < 0:
        complain(
            f"Value '{timestamp}' at 'logEvents.{number}.member.timestamp' failed to satisfy constraint: "
            "Member must have value greater than or equal to 0"
        )
    return Given(timestamp, message, len(message.encode()) + OVERHEAD)
