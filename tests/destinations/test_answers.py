import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.destinations.answers import (
    EXCERPT,
    LONGEST,
    describe,
    json_object,
    judge_status,
    retry_after,
)
from penstock.destinations.base import Retry, TooLarge
from penstock.exchange import Failure, FailureKind, Response

NOW = 784_111_770.0  # Sun, 06 Nov 1994 08:49:30 GMT


@pytest.fixture(params=["UTC", "Pacific/Auckland"])
def _zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def asked(value: str, **headers: str) -> float | None:
    return retry_after(Response(503, {"retry-after": value, **headers}, received=NOW))


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7.0),  # the three forms of a date, RFC 9110, 5.6.7
        ("Sunday, 06-Nov-94 08:49:37 GMT", 7.0),
        ("Sun Nov  6 08:49:37 1994", 7.0),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0.0),  # it has passed
        ("9" * 400, LONGEST),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
    ],
)
def test_what_a_service_asks_for(value: str, seconds: float) -> None:
    assert asked(value) == seconds


@pytest.mark.parametrize(
    "value",
    ["", "-1", "1.5", "soon", "1e9", "٣", "0x10", "Sun, 06 Nov", "Sun, 99 Nov 1994 08:49:37 GMT", "\x00"],
)
def test_what_makes_no_sense_is_not_there(value: str) -> None:
    assert asked(value) is None


def test_a_date_is_read_against_the_date_of_the_answer() -> None:
    assert asked("Sun, 06 Nov 2033 08:49:37 GMT", date="Sun, 06 Nov 2033 08:49:30 GMT") == 7.0
    assert asked("Sun, 06 Nov 1994 08:49:37 GMT", date="garbage") == 7.0
    assert retry_after(Response(503, {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"})) is None


@given(st.text())
def test_any_text_gives_none_or_seconds_within_reason(value: str) -> None:
    seconds = asked(value)
    assert seconds is None or 0 <= seconds <= LONGEST


def test_an_answer_in_one_line() -> None:
    assert describe(Response(200)) == "HTTP 200"
    assert describe(Response(500, body=b" it\r\n  broke \n")) == "HTTP 500: it broke"
    assert describe(Failure(FailureKind.REFUSED, "127.0.0.1:1")) == "connection_refused: 127.0.0.1:1"


def test_a_long_answer_is_cut() -> None:
    assert describe(Response(500, body=b"x" * 10**6)) == f"HTTP 500: {'x' * EXCERPT}…"


@given(st.binary())
def test_an_answer_cannot_steer_a_terminal(body: bytes) -> None:
    told = describe(Response(400, body=b"\x1b[2J" + body))
    assert told.isprintable()
    assert len(told) <= EXCERPT + 11


@pytest.mark.parametrize("status", [-7, 0, 100, 199, 408, 425, 500, 502, 504, 599, 600, 999])
def test_a_status_for_another_time(status: int) -> None:
    assert judge_status(Response(status, {"retry-after": "7"}), "why") == Retry("why", 7.0)


@pytest.mark.parametrize("status", [429, 503])
def test_a_status_of_a_service_that_has_too_much_to_do(status: int) -> None:
    assert judge_status(Response(status), "why") == Retry("why", overload=True)


def test_what_a_status_means_to_one_service_only_is_left_to_it() -> None:
    common = [status for status in range(200, 500) if judge_status(Response(status), "why") is not None]
    assert common == [408, 413, 425, 429]
    assert judge_status(Response(413), "why") == TooLarge("why")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"1", b"null", b'"{}"', b"{", b"{}{}", b"<html>", b"\xff", b'{"a":' * 9999]
)
def test_what_is_no_object_says_nothing(body: bytes) -> None:
    assert json_object(body) is None


def test_an_object() -> None:
    assert json_object(b' {"a": [1]} ') == {"a": [1]}
