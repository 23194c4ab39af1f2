"""Every code of the HTTP Event Collector, and every status of whoever stands before it, has its verdict."""

import json
from typing import Any

import pytest

from penstock.destinations.base import Delivered, Partial, Refused, Retry, TooLarge, Verdict
from penstock.destinations.splunk_answers import judge, judge_health, read
from penstock.exchange import Failure, FailureKind, Response
from penstock.sandbox.splunk_codes import CODES

COUNT = 5
FIRST = list(range(COUNT))


def response(status: int, *, headers: dict[str, str] | None = None, **said: Any) -> Response:
    return Response(
        status, headers or {}, json.dumps({name.replace("_", "-"): of for name, of in said.items()}).encode()
    )


def verdict_on(
    answer: Response | Failure, indices: list[str | None] | None = None, count: int = COUNT
) -> Verdict:
    return judge(answer, read(answer), count, lambda: indices)


def kind(verdict: Verdict) -> str:
    match verdict:
        case Refused(_, culprit):
            return f"refused for {culprit}"
        case Retry(_, _, overload):
            return "retry, overloaded" if overload else "retry"
        case Delivered(slow_down):
            return "delivered, slowly" if slow_down else "delivered"
        case Partial(retry, refused):
            return f"refused {sorted(refused)}, at once {list(verdict.again)}, later {list(retry)}"
        case _:
            return type(verdict).__name__.lower()


ALONE = "refused [2], at once [3, 4], later []"
TABLE = {
    0: "delivered",
    1: "blocked", 2: "blocked", 3: "blocked", 4: "blocked",
    5: "refused for the request",
    6: ALONE, 7: "refused [1, 2], at once [3, 4], later []",
    8: "retry", 9: "retry, overloaded",
    10: "blocked", 11: "blocked",
    12: ALONE, 13: ALONE,
    14: "blocked",
    15: ALONE,
    16: "blocked",
    17: "delivered",
    18: "retry, overloaded", 19: "retry, overloaded", 20: "retry, overloaded",
    21: "blocked", 22: "blocked",
    23: "retry",
    24: "delivered, slowly", 25: "delivered, slowly",
    26: "retry, overloaded", 27: "retry, overloaded",
}  # fmt: skip


def test_every_code_has_its_verdict() -> None:
    assert set(TABLE) == set(CODES)
    indices: list[str | None] = ["a", "b", "b", "c", "d"]
    for code, wanted in TABLE.items():
        status, text = CODES[code]
        answer = response(status, text=text, code=code, invalid_event_number=2)
        assert (code, kind(verdict_on(answer, indices))) == (code, wanted)


def test_a_code_that_says_no_is_believed_under_a_200_and_one_that_says_yes_is_not_under_a_400() -> None:
    for code in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16, 26):
        assert not isinstance(verdict_on(response(200, text="no", code=code)), Delivered)
    for code in (0, 14, 17, 24, 25):
        for status in (301, 400, 403, 404, 429, 500, 503):
            assert not isinstance(verdict_on(response(status, text="Success", code=code)), Delivered)


STATUSES = {
    "delivered": range(200, 300),
    "toolarge": [413],
    "refused for an event": [400],
    "retry, overloaded": [429, 503],
    "retry": [0, *range(100, 200), 408, 425, *range(500, 503), *range(504, 600), 999],
}


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff", b"[]", b"{}", b'{"code":"0"}', b'{"code":true}', b'{"code":77}']
)
def test_without_a_code_that_is_known_the_status_counts(body: bytes) -> None:
    no_yes = range(200, 300) if body in (b"<html>", b"\xff", b"[]") else ()
    for status in {0, *range(100, 600), 999}.difference(no_yes):
        wanted = [name for name, statuses in STATUSES.items() if status in statuses] or ["blocked"]
        assert (status, [kind(verdict_on(Response(status, body=body)))]) == (status, wanted)


def test_too_large_is_too_large_whatever_the_code_says() -> None:
    assert isinstance(verdict_on(response(413, text="Invalid data format", code=6)), TooLarge)


@pytest.mark.parametrize("body", [b"<html>Please sign in</html>", b"\xff", b"[]", b'{"code":0'])
def test_a_page_of_somebody_else_is_no_yes(body: bytes) -> None:
    assert isinstance(verdict_on(Response(200, body=body)), Retry)


def test_an_answer_without_end_is_no_yes() -> None:
    assert isinstance(verdict_on(Response(200, body=b'{"code":0}', truncated=True)), Retry)


@pytest.mark.parametrize("failure", list(FailureKind))
def test_no_answer_is_tried_again(failure: FailureKind) -> None:
    assert verdict_on(Failure(failure, "why")) == Retry(f"{failure}: why")
    assert judge_health(Failure(failure, "why")) == Retry(f"{failure}: why")


@pytest.mark.parametrize("code", [8, 9, 18, 19, 20, 23, 26, 27])
def test_retry_after(code: int) -> None:
    status, text = CODES[code]
    verdict = verdict_on(response(status, headers={"retry-after": "17"}, text=text, code=code))
    assert isinstance(verdict, Retry)
    assert verdict.after == 17.0


@pytest.mark.parametrize("code", [6, 12, 13, 15])
def test_an_event_that_is_named_is_refused_with_what_is_said_of_it(code: int) -> None:
    for number in range(COUNT):
        answer = response(400, text="No\n good", code=code, invalid_event_number=number)
        verdict = verdict_on(answer)
        assert isinstance(verdict, Partial)
        assert (verdict.retry, verdict.refused) == ([], {number: f"No good (code {code})"})
        assert list(verdict.again) == FIRST[number + 1 :]


@pytest.mark.parametrize("number", [None, -1, COUNT, 10**30, "1", 1.0, True, [1], {}])
def test_a_number_that_names_no_event_leads_to_a_search(number: object) -> None:
    for code in (6, 12, 13, 15):
        answer = response(400, text="Invalid data format", code=code, invalid_event_number=number)
        assert verdict_on(answer) == Refused(f"Invalid data format (code {code})")


@pytest.mark.parametrize(
    ("number", "indices", "count", "wanted"),
    [
        # The configuration names the index, and so it is wrong for all.
        (None, None, 5, "blocked"), (0, None, 5, "blocked"), (1, None, 5, "blocked"), (1, None, 1, "blocked"),
        (3, None, 5, "refused [], at once [2], later [3, 4]"),
        # Splunk counts one too many.
        (1, "x", 1, "refused [0], at once [], later []"),
        (5, "aaaax", 5, "refused [4], at once [], later []"),
        (1, "xxabx", 5, "refused [0, 1, 4], at once [2, 3], later []"),
        # Others do not.
        (0, "x", 1, "refused [0], at once [], later []"),
        (0, "xabcd", 5, "refused [0], at once [1, 2, 3, 4], later []"),
        (2, "aaxax", 5, "refused [2, 4], at once [3], later []"),
        # It may be the one or the other: that goes alone which tells.
        (2, "abcde", 5, "refused [], at once [1], later [2, 3, 4]"),
        (1, "abcde", 5, "refused [], at once [0], later [1, 2, 3, 4]"),
        # Nobody is named.
        (None, "xxx", 3, "refused [0, 1, 2], at once [], later []"),
        (None, "abc", 3, "refused for an event"), (7, "abcde", 5, "refused for an event"),
        (-1, "abcde", 5, "refused for an event"),
    ],
)  # fmt: skip
def test_a_wrong_index(number: int | None, indices: str | None, count: int, wanted: str) -> None:
    answer = response(400, text="Incorrect index", code=7, invalid_event_number=number)
    assert kind(verdict_on(answer, None if indices is None else list(indices), count)) == wanted


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (response(200, text="HEC is healthy", code=17), "delivered"),
        (Response(200), "delivered"),
        *[(response(503, text="HEC is unhealthy", code=code), "retry, overloaded") for code in (18, 19, 20)],
        (response(503, text="Server is shutting down", code=23), "retry"),
        (Response(503, body=b"<html>"), "retry"),
        (Response(429), "retry"),
        *[(response(400, text="Invalid token", code=code), "blocked") for code in (21, 22)],
        (response(403, text="Invalid token", code=4), "blocked"),
        (Response(401), "blocked"),
        (Response(404), "delivered"),
        (Response(400), "delivered"),
    ],
)
def test_health(answer: Response, wanted: str) -> None:
    assert kind(judge_health(answer)) == wanted


def test_what_is_said_steers_no_terminal() -> None:
    said = read(response(400, text="a\x1b[31m " + "x" * 500, code=6, ackId=3))
    assert said.text.startswith("a�[31m x")
    assert len(said.text) == 200
    assert (said.code, said.ack, said.number) == (6, 3, None)
