"""Log events keep the service's arithmetic: sizes, order, span, and what becomes of long messages."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from penstock.block import Batch
from penstock.destinations.cloudwatch_events import (
    LONGEST_MESSAGE,
    LONGEST_SPAN,
    MOST_BYTES,
    MOST_EVENTS,
    LogEvents,
    TooLong,
    in_order,
    measured,
)
from penstock.testing.contract import batch_of

NOW = 1_793_000_000_000


def shown(events: LogEvents) -> list[tuple[int, str]]:
    """As the service reads them."""
    body = json.loads(events.body("the/group", 'a "stream" 100%'))
    assert list(body) == ["logGroupName", "logStreamName", "logEvents"]
    assert (body["logGroupName"], body["logStreamName"]) == ("the/group", 'a "stream" 100%')
    assert all(set(event) == {"timestamp", "message"} for event in body["logEvents"])
    found = [(event["timestamp"], event["message"]) for event in body["logEvents"]]
    assert events.weight == sum(len(message.encode()) + 26 for _, message in found)
    assert len(events.owners) == len(found)
    return found


def whole(times: list[int], events: list[Any]) -> tuple[LogEvents, Batch]:
    batch = batch_of(events)
    return in_order(times, batch.data), batch


texts = st.text(max_size=30) | st.sampled_from(
    ["100%", "%d %s", "\x7f", "a\x7fb", '"', "\\", "\n\t\x00", "💧", "{}"]
)
rows = st.lists(st.tuples(st.integers(NOW, NOW + 99), texts), min_size=1, max_size=12)


@given(rows)
@example([(NOW, "the \x7f that stands between messages"), (NOW, "100%")])
def test_whole_events_come_back_as_they_were(rows: list[tuple[int, str]]) -> None:
    times, events = [time for time, _ in rows], [{"message": text} for _, text in rows]
    made, batch = whole(times, events)
    found = shown(made)
    assert sorted(times) == [time for time, _ in found]
    assert [json.loads(message) for _, message in found] == [events[owner] for owner in made.owners]
    assert [times[owner] for owner in made.owners] == [time for time, _ in found]
    assert sorted(made.owners) == list(range(batch.count))
    assert made == measured(times, [line.decode() for line in batch.lines()], batch, LONGEST_MESSAGE, "cut")


@given(rows)
@example([(NOW, "the \x7f that stands between messages"), (NOW, "100%")])
def test_messages_come_back_as_they_were(rows: list[tuple[int, str]]) -> None:
    times, messages = [time for time, _ in rows], [text for _, text in rows]
    made = measured(times, messages, batch_of([{}] * len(rows)), LONGEST_MESSAGE, "cut")
    assert shown(made) == sorted(rows, key=lambda row: row[0]), "those of one time stay in order"
    assert made.fits
    assert not made.notes
    assert not made.refused


@pytest.mark.parametrize("letter", ["x", "é", "💧"])
def test_a_long_message_is_cut_at_a_character(letter: str) -> None:
    long = letter * 2000
    made = measured([NOW] * 2, [long, "short"], batch_of([{}] * 2), 1025, "cut")
    (_, cut), (_, short) = shown(made)
    assert short == "short"
    begin, mark = cut.split("… ")
    assert mark == f"[cut: it had {len(long.encode())} bytes]"
    assert long.startswith(begin)
    assert 1025 - len(letter.encode()) < len(cut.encode()) <= 1025
    assert (made.notes, list(made.owners)) == ({0: "cut"}, [0, 1])


@pytest.mark.parametrize("letter", ["x", "é", "💧"])
def test_a_long_message_is_split_into_numbered_pieces(letter: str) -> None:
    long = letter * 1500
    made = measured([NOW + 1, NOW, NOW + 1], ["a", long, "b"], batch_of([{}] * 3, first_seq=7), 1024, "split")
    found = shown(made)
    pieces = [message for time, message in found if time == NOW]
    for number, piece in enumerate(pieces, 1):
        assert piece.startswith(f"[node-8 part {number} of {len(pieces)}] ")
        assert len(piece.encode()) <= 1024
    assert "".join([piece.partition("] ")[2] for piece in pieces]) == long
    assert list(made.owners) == [1] * len(pieces) + [0, 2]
    assert found[-2:] == [(NOW + 1, "a"), (NOW + 1, "b")]
    assert made.fits


@pytest.mark.parametrize(
    ("too_long", "size", "told"),
    [("dead_letter", 1025, "more than 1024"), ("split", MOST_BYTES, "more than a request takes")],
)
def test_a_message_that_cannot_be_sent_is_refused(too_long: TooLong, size: int, told: str) -> None:
    made = measured([NOW] * 2, ["x" * size, "short"], batch_of([{}] * 2), 1024, too_long)
    assert list(made.refused) == [0]
    assert f"its message has {size} bytes, {told}" in made.refused[0]


def test_the_longest_message_that_the_service_takes() -> None:
    batch = batch_of([{}])
    assert (
        shown(measured([NOW], ["x" * LONGEST_MESSAGE], batch, LONGEST_MESSAGE, "cut"))[0][1]
        == "x" * LONGEST_MESSAGE
    )
    made = measured([NOW], ["x" * (LONGEST_MESSAGE + 1)], batch, LONGEST_MESSAGE, "cut")
    assert made.weight == MOST_BYTES
    assert made.fits


def parts_of(made: LogEvents, count: int) -> list[list[int]]:
    assert not made.fits
    parts = made.parts()
    assert len(parts) > 1
    assert sorted([index for part in parts for index in part]) == list(range(count))
    return parts


def test_what_is_too_far_apart_goes_into_requests_of_a_day() -> None:
    day = LONGEST_SPAN
    times = [NOW + day + 1, NOW, NOW + day, NOW + 3 * day, NOW + 1]
    made, _ = whole(times, [{}] * 5)
    assert parts_of(made, 5) == [[1, 4, 2], [0], [3]]
    assert whole([NOW, NOW + day], [{}] * 2)[0].fits


def test_pieces_stay_together_where_there_are_too_many_bytes() -> None:
    count = 40
    messages = ["x" * 60_000] * count
    made = measured([NOW] * count, messages, batch_of([{}] * count), 20_000, "split")
    for part in parts_of(made, count):
        again = measured(
            [NOW] * len(part), messages[: len(part)], batch_of([{}] * len(part)), 20_000, "split"
        )
        assert again.fits


def test_a_request_has_no_more_log_events_than_it_may() -> None:
    count = 5001
    messages = ["x" * 1025] + ["y"] * (count - 2) + ["x" * 1025]
    few = measured([NOW] * count, messages, batch_of([{}] * count), 1024, "split")
    assert (len(few.times), few.fits) == (count + 2, True)
    many = measured(
        [NOW] * MOST_EVENTS,
        [*["y"] * (MOST_EVENTS - 1), "x" * 1025],
        batch_of([{}] * MOST_EVENTS),
        1024,
        "split",
    )
    assert [len(part) for part in parts_of(many, MOST_EVENTS)] == [MOST_EVENTS - 1, 1]
