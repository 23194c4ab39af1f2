"""What Datadog's answers mean."""

import pytest

from penstock.destinations.base import Blocked, Delivered, Refused, Retry, TooLarge, Verdict
from penstock.destinations.datadog_answers import judge
from penstock.exchange import Failure, FailureKind, Response

FORBIDDEN = b'{"errors":[{"status":"403","title":"Forbidden","detail":"API key is missing or invalid"}]}'

TABLE: dict[type[Verdict], list[int]] = {
    TooLarge: [413],
    Refused: [400, 422],
    Retry: [0, *range(100, 200), 408, 425, 429, *range(500, 600), 999],
    Blocked: [*range(300, 400), 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 414, 415, 451, 499],
}


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, status) for kind, statuses in TABLE.items() for status in statuses]
)
def test_every_status(kind: type[Verdict], status: int) -> None:
    verdict = judge(Response(status, body=b"because"))
    assert isinstance(verdict, kind)
    assert getattr(verdict, "reason", "") == f"HTTP {status}: because"


def test_the_service_says_why() -> None:
    assert judge(Response(403, body=FORBIDDEN)) == Blocked(f"HTTP 403: {FORBIDDEN.decode()}")


def test_it_may_ask_for_time() -> None:
    assert judge(Response(429, {"retry-after": "7"})) == Retry("HTTP 429", 7.0, overload=True)
    assert judge(Response(503)) == Retry("HTTP 503", None, overload=True)
    assert judge(Response(500)) == Retry("HTTP 500")


@pytest.mark.parametrize("body", [b"", b"{}", b"OK", b"<html>", b"\xff", b"[1]"])
def test_202_is_its_own_yes(body: bytes) -> None:
    assert judge(Response(202, body=body)) == Delivered()


def test_a_yes_with_errors_is_told() -> None:
    assert judge(Response(202, body=b'{"errors":["odd"]}')) == Delivered(
        warning='HTTP 202: {"errors":["odd"]}'
    )


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b'{"status":"ok"}', b'{"errors":[]}'])
def test_200_is_what_the_first_version_and_what_stands_in_its_place_say(body: bytes) -> None:
    assert judge(Response(200, body=body)) == Delivered()


@pytest.mark.parametrize(
    "body", [b"<html>sign in</html>", b"OK", b"[]", b"null", b'{"errors":["no"]}', b"\xff"]
)
def test_200_of_something_else_is_no_yes(body: bytes) -> None:
    verdict = judge(Response(200, body=body))
    assert isinstance(verdict, Retry)
    assert "no answer of Datadog" in verdict.reason


@pytest.mark.parametrize("failure", list(FailureKind))
def test_no_answer_is_tried_again(failure: FailureKind) -> None:
    assert judge(Failure(failure, "why")) == Retry(f"{failure}: why")
