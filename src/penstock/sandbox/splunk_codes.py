"""What Splunk's HTTP Event Collector says: its codes, their HTTP statuses and texts.

https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector
"""

from collections.abc import Sequence
from typing import Final

import orjson

from penstock.sandbox.service import Accepted, Answered

CODES: Final = {
    0: (200, "Success"),
    1: (403, "Token disabled"),
    2: (401, "Token is required"),
    3: (401, "Invalid authorization"),
    4: (403, "Invalid token"),
    5: (400, "No data"),
    6: (400, "Invalid data format"),
    7: (400, "Incorrect index"),
    8: (500, "Internal server error"),
    9: (503, "Server is busy"),
    10: (400, "Data channel is missing"),
    11: (400, "Invalid data channel"),
    12: (400, "Event field is required"),
    13: (400, "Event field cannot be blank"),
    14: (400, "ACK is disabled"),
    15: (400, "Error in handling indexed fields"),
    16: (400, "Query string authorization is not enabled"),
    17: (200, "HEC is healthy"),
    18: (503, "HEC is unhealthy, queues are full"),
    19: (503, "HEC is unhealthy, ack service unavailable"),
    20: (503, "HEC is unhealthy, queues are full, ack service unavailable"),
    21: (400, "Invalid token"),
    22: (400, "Token disabled"),
    23: (503, "Server is shutting down"),
    24: (200, "HEC queue is approaching its capacity limit"),
    25: (200, "HEC ACK is approaching its capacity limit"),
    26: (429, "HEC queue is at capacity and cannot process any more requests"),
    27: (429, "HEC ACK channel is at capacity and cannot process any more requests"),
}
"""By code: the HTTP status and the text."""

_WRONG_INDEX: Final = 7
_HEADERS: Final = {"Content-Type": "application/json; charset=UTF-8", "X-Content-Type-Options": "nosniff"}
_BY_STATUS: Final = {400: 6, 401: 3, 403: 4, 429: 26, 500: 8, 503: 9}


def coded(
    code: int, *, number: int | None = None, ack: int | None = None, accepted: Sequence[Accepted] = ()
) -> Answered:
    """The answer with this code. `number` is the event to blame, from 0; those accepted stood before it."""
    status, text = CODES[code]
    said: dict[str, object] = {"text": text, "code": code}
    if number is not None:
        # Splunk counts one too many where it is about the index, and only there.
        said["invalid-event-number"] = number + (code == _WRONG_INDEX)
    if ack is not None:
        said["ackId"] = ack
    return Answered(status, orjson.dumps(said), _HEADERS, accepted, refused=int(number is not None))


def uncoded(status: int, text: str) -> Answered:
    """What is said by the server that Splunk has before the collector."""
    return Answered(status, orjson.dumps({"text": text, "code": status}), _HEADERS)


def words(status: int) -> Answered:
    """What Splunk says with this status where the request is not to blame."""
    if status in _BY_STATUS:
        return coded(_BY_STATUS[status])
    return uncoded(status, "The requested URL was not found on this server." if status == 404 else "Error")
