"""What a service of AWS says went wrong, wherever it says it, and what it means for who asks."""

import json
from typing import Any

import pytest

from penstock.destinations.aws import AwsSigning
from penstock.destinations.aws_answers import AwsError, judge_identity, reason_of
from penstock.destinations.aws_keyring import AwsAuth
from penstock.destinations.base import Blocked, Retry
from penstock.exchange import Failure, FailureKind, Response

NOW = 1_793_000_000.0
DATE = "Mon, 26 Oct 2026 07:33:20 GMT"  # the same


def said(code: str, message: str = "", **headers: str) -> Response:
    body = json.dumps({"__type": code, "message": message}).encode()
    return Response(400, headers, body, received=NOW)


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (said("ThrottlingException", "Rate exceeded"), "ThrottlingException", "Rate exceeded"),
        (said("com.amazonaws.logs#ResourceNotFoundException"), "ResourceNotFoundException", ""),
        (Response(403, body=b'{"Message":"User: anonymous"}'), "", "User: anonymous"),
        (Response(403, {"x-amzn-errortype": "AccessDeniedException:http://internal/"}, b'{"Message":"no"}'),
         "AccessDeniedException", "no"),
        (Response(403, body=b"<ErrorResponse><Errors><Error><Code>SignatureDoesNotMatch</Code><Message>The request signature"
         b" we calculated</Message></Error></Errors></ErrorResponse>"), "SignatureDoesNotMatch",
         "The request signature we calculated"),
        (Response(400, body=b'{"code":"Throttling","message":7}'), "Throttling", ""),
        (Response(400, body=b'{"__type":5,"code":403}'), "", ""),
        (Response(502, body=b"<html><code>x</code></html>"), "", ""),
        (Response(400, body=b"\xff\x00"), "", ""),
        (Response(400, body=b"[" * 5000), "", ""),
    ],
)  # fmt: skip
def test_it_is_read_wherever_it_stands(answer: Response, code: str, message: str) -> None:
    assert AwsError.of(answer) == AwsError(code, message)


def test_the_reason_is_one_line_and_repeats_no_header() -> None:
    answer = said(
        "InvalidSignatureException",
        "It does not match.\n\nThe Canonical String for this request should have been\n'POST\nx-amz-security-token:hunter2'",
    )
    assert reason_of(answer, AwsError.of(answer)) == "HTTP 400: InvalidSignatureException: It does not match."
    assert reason_of(Response(502, body=b"bad\nway"), AwsError()) == "HTTP 502: bad way"


class Told(AwsSigning):
    """Notes what it is told."""

    def __init__(self, **auth: Any) -> None:
        super().__init__(AwsAuth.model_validate(auth), "us-east-1", "logs")
        self.skew: float | None = None
        self.forgot = 0

    def correct_clock(self, skew: float) -> None:
        self.skew = skew

    def forget(self, time: float) -> bool:
        assert time == NOW
        self.forgot += 1
        return super().forget(time)


@pytest.mark.parametrize(
    ("code", "forgets"),
    [
        ("UnrecognizedClientException", True),
        ("InvalidClientTokenId", True),
        ("AccessDeniedException", False),
        ("AccessDenied", False),
        ("InvalidSignatureException", False),
        ("SignatureDoesNotMatch", False),
        ("IncompleteSignatureException", False),
        ("MissingAuthenticationTokenException", False),
        ("OptInRequired", False),
    ],
)
def test_a_shut_door(code: str, *, forgets: bool) -> None:
    signing = Told()
    verdict = judge_identity(signing, said(code, "why"))
    assert verdict == Blocked(f"HTTP 400: {code}: why")
    assert (signing.forgot, signing.skew) == (forgets, None)


def test_expired_credentials_are_looked_for_anew_where_there_may_be_others() -> None:
    found = Told()
    assert judge_identity(found, said("ExpiredTokenException", "why")) == Retry(
        "HTTP 400: ExpiredTokenException: why"
    )
    written = Told(access_key_id="a", secret_access_key="b", session_token="c")
    assert judge_identity(written, said("ExpiredToken", "why")) == Blocked("HTTP 400: ExpiredToken: why")
    assert (found.forgot, written.forgot) == (1, 1)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidSignatureException", "Signature expired: 20261026T063320Z is now earlier than 20261026T072820Z (20261026T073320Z - 5 min.)"),
        ("InvalidSignatureException", "Signature not yet current: 20261026T083320Z is still later than 20261026T073820Z (20261026T073320Z + 5 min.)"),
        ("SignatureDoesNotMatch", "Signature expired: 20261026T063320Z is now earlier than 20261026T072820Z"),
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        ("RequestExpired", ""),
    ],
)  # fmt: skip
def test_a_clock_that_is_off_is_learned_from_the_answers_date(code: str, message: str) -> None:
    signing = Told()
    answer = said(code, message, date=DATE)
    late = Response(answer.status, answer.headers, answer.body, received=NOW - 3600)
    for _ in range(2):  # of two that were under way both are sent again
        assert isinstance(judge_identity(signing, late), Retry)
    assert signing.skew == 3600.0
    verdict = judge_identity(signing, said(code, message))
    assert isinstance(verdict, Blocked), "without a date nothing can be learned"
    assert "set this machine's clock" in verdict.reason
    assert signing.forgot == 0


@pytest.mark.parametrize(
    "answer",
    [
        said("ThrottlingException"),
        said("ResourceNotFoundException"),
        Response(500),
        Response(200, body=b'{"__type":"AccessDeniedException"}'),
        Failure(FailureKind.TIMEOUT, "no answer"),
    ],
)
def test_what_is_about_something_else_is_left_to_the_caller(answer: Response | Failure) -> None:
    signing = Told()
    assert judge_identity(signing, answer) is None
    assert (signing.forgot, signing.skew) == (0, None)


def test_without_credentials_the_door_is_shut() -> None:
    assert judge_identity(Told(), Failure(FailureKind.CREDENTIALS, "none were found")) == Blocked(
        "none were found"
    )
