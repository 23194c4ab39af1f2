"""The limits of PutLogEvents, each at its edge."""

import re
from typing import Any

import pytest

from penstock.sandbox.cloudwatch_put import Complaint, bounds, given

NOW = 1_793_000_000_000
HOUR = 3600 * 1000
DAY = 24 * HOUR


def event(message: Any = "x", timestamp: Any = NOW) -> dict[str, Any]:
    return {"timestamp": timestamp, "message": message}


def test_sizes_are_of_utf8_and_26_bytes_more() -> None:
    assert [found.size for found in given([event("x"), event("é"), event("💧")], 2**20)] == [27, 28, 30]
    assert len(given([event()] * 10_000, 2**20)) == 10_000
    assert given([event("x" * (1_048_576 - 26))], 2**20)[0].size == 1_048_576


@pytest.mark.parametrize(
    ("events", "code", "told"),
    [
        ([], "InvalidParameterException", "1 validation error detected: Value '[]' at 'logEvents'"),
        ([event()] * 10_001, "InvalidParameterException", "Member must have length less than or equal to 10000"),
        ([event(), event("")], "InvalidParameterException",
         "Value '' at 'logEvents.2.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1"),
        ([event(""), event("")], "InvalidParameterException", "2 validation errors detected"),
        ([event("x" * (1_048_576 - 25))], "InvalidParameterException",
         "Log event too large: 1048577 bytes exceeds limit of 1048576"),
        ([event("x" * 524_262), event("x" * 524_263)], "InvalidParameterException",
         "Upload too large: 1048577 bytes exceeds limit of 1048576"),
        ([event(timestamp=-1)], "InvalidParameterException", "greater than or equal to 0"),
        ([event(timestamp=None)], "InvalidParameterException", "logEvents.1.member.timestamp"),
        ([{"timestamp": 1}], "InvalidParameterException", "Value null at 'logEvents.1.member.message'"),
        ([event(timestamp="now")], "SerializationException", "Long"),
        ([event(timestamp=1.5)], "SerializationException", "Long"),
        ([event(message=7)], "SerializationException", "String"),
        (["x"], "SerializationException", "structure"),
        ("x", "SerializationException", "list"),
        (None, "SerializationException", "list"),
    ],
)  # fmt: skip
def test_what_is_refused_whole(events: Any, code: str, told: str) -> None:
    with pytest.raises(Complaint, match=re.escape(told)) as caught:
        given(events, 2**20)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("times", "retention", "first", "end", "told"),
    [
        ([NOW], None, 0, 1, {}),
        ([NOW - 14 * DAY], None, 0, 1, {}),
        ([NOW - 14 * DAY - 1], None, 1, 1, {"tooOldLogEventEndIndex": 1}),
        ([NOW + 2 * HOUR], None, 0, 1, {}),
        ([NOW + 2 * HOUR + 1], None, 0, 0, {"tooNewLogEventStartIndex": 0}),
        ([NOW - 3 * DAY, NOW - 1], 3, 0, 2, None),
        ([NOW - 3 * DAY - 1, NOW], 3, 1, 2, {"expiredLogEventEndIndex": 1}),
        ([NOW - 15 * DAY, NOW - 4 * DAY, NOW, NOW + 3 * HOUR], 3, 2, 3,
         {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3}),
        ([NOW - 15 * DAY, NOW], 30, 1, 2, {"tooOldLogEventEndIndex": 1}),
        ([NOW - DAY, NOW], None, 0, 2, {}),
    ],
)  # fmt: skip
def test_what_is_left_out(
    *, times: list[int], retention: int | None, first: int, end: int, told: dict[str, int] | None
) -> None:
    if told is None:
        with pytest.raises(Complaint, match="cannot span more than 24 hours"):
            bounds(times, NOW, retention)
        return
    kept = bounds(times, NOW, retention)
    assert (kept.first, kept.end, dict(kept.told)) == (first, end, told)


def test_the_span_counts_among_those_that_are_taken() -> None:
    with pytest.raises(Complaint, match="cannot span more than 24 hours"):
        bounds([NOW - DAY - 1, NOW], NOW, None)
    assert bounds([NOW - 20 * DAY, NOW], NOW, None).first == 1


def test_order() -> None:
    with pytest.raises(Complaint, match="must be in chronological order"):
        bounds([NOW, NOW - 1], NOW, None)
