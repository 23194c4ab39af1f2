"""Every answer of PutLogEvents has its verdict, and what is rejected inside a yes finds its event."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.destinations.aws import AwsSigning
from penstock.destinations.aws_keyring import AwsAuth
from penstock.destinations.base import Blocked, Delivered, Partial, Refused, Retry, TooLarge, Verdict
from penstock.destinations.cloudwatch_answers import EXPIRED, TOO_NEW, TOO_OLD, judge
from penstock.exchange import Answer, Failure, FailureKind, Response

SIGNING = AwsSigning(
    AwsAuth.model_validate({"access_key_id": "AKID", "secret_access_key": "hunter2"}), "us-east-1", "logs"
)


def judged(answer: Answer, owners: Sequence[int] = (0, 1, 2)) -> Verdict:
    return judge(answer, SIGNING, len(set(owners)), lambda: owners)


def said(code: str, message: str = "why", status: int = 400) -> Response:
    return Response(status, body=json.dumps({"__type": code, "message": message}).encode())


def kind(verdict: Verdict) -> str:
    match verdict:
        case Retry(_, _, overload):
            return "retry, overloaded" if overload else "retry"
        case _:
            return type(verdict).__name__.lower()


TABLE = {
    "retry, overloaded": ["ThrottlingException", "Throttling", "LimitExceededException", "TooManyRequestsException"],
    "retry": ["ServiceUnavailableException", "ServiceUnavailable", "InternalFailure", "InternalServerError",
              "OperationAbortedException", "InvalidSequenceTokenException"],
    "blocked": ["UnrecognizedClientException", "AccessDeniedException", "InvalidSignatureException", "OptInRequired",
                "IncompleteSignatureException", "ExpiredTokenException", "ResourceNotFoundException",
                "UnknownOperationException", "SomethingNewException"],
    "refused": ["InvalidParameterException", "SerializationException", "ValidationException"],
    "toolarge": ["RequestEntityTooLargeException"],
    "delivered": ["DataAlreadyAcceptedException"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "code"), [(kind, code) for kind, codes in TABLE.items() for code in codes]
)
def test_every_error_has_its_verdict_however_it_is_told(wanted: str, code: str) -> None:
    xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>why</Message></Error></ErrorResponse>"
    answers = [
        said(code),
        said(f"com.amazonaws.logs#{code}"),
        Response(400, {"x-amzn-errortype": f"{code}:http://internal.amazon.com/"}, b'{"message":"why"}'),
        Response(400, body=xml.encode()),
    ]
    for answer in answers:
        verdict = judged(answer)
        assert kind(verdict) == wanted
        if isinstance(verdict, Retry | TooLarge | Blocked | Refused):
            assert verdict.reason == f"HTTP 400: {code}: why"


def test_the_service_had_them_already() -> None:
    verdict = judged(said("DataAlreadyAcceptedException"))
    assert verdict == Delivered(notes={0: "duplicate", 1: "duplicate", 2: "duplicate"})


def test_a_request_that_is_too_large_is_told_apart_from_an_event() -> None:
    upload = said("InvalidParameterException", "Upload too large: 1048577 bytes exceeds limit of 1048576")
    event = said("InvalidParameterException", "Log event too large: 262145 bytes exceeds limit of 262144")
    assert (kind(judged(upload)), kind(judged(event))) == ("toolarge", "refused")


STATUSES = {
    "delivered": [],
    "retry": [0, *range(100, 200), 408, 425, *range(500, 503), *range(504, 600), 999],
    "retry, overloaded": [429, 503],
    "toolarge": [413],
    "refused": [400],
}  # fmt: skip


def test_an_answer_that_names_no_error_is_judged_by_its_status() -> None:
    for status in (0, *range(100, 200), *range(300, 600), 999):
        wanted = [verdict for verdict, statuses in STATUSES.items() if status in statuses]
        assert (status, [kind(judged(Response(status)))]) == (status, wanted or ["blocked"])


def test_a_service_that_asks_to_wait_is_heard() -> None:
    verdict = judged(Response(503, {"retry-after": "17"}))
    assert isinstance(verdict, Retry)
    assert verdict.after == 17.0


@pytest.mark.parametrize("failure", [kind for kind in FailureKind if kind is not FailureKind.CREDENTIALS])
def test_no_answer_is_tried_again(failure: FailureKind) -> None:
    assert judged(Failure(failure, "why")) == Retry(f"{failure}: why")


def test_without_credentials_it_is_held() -> None:
    assert judged(Failure(FailureKind.CREDENTIALS, "none were found")) == Blocked("none were found")


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", b"[]", b"null", b'{"nextSequenceTok'])
def test_a_yes_that_is_none_of_cloudwatch_is_not_believed(body: bytes) -> None:
    verdict = judged(Response(200, body=body))
    assert isinstance(verdict, Retry)
    assert "no answer of CloudWatch Logs" in verdict.reason


def taken(**info: Any) -> Response:
    return Response(200, body=json.dumps({"nextSequenceToken": "1", "rejectedLogEventsInfo": info}).encode())


OWNERS = [3, 1, 1, 0, 2]  # event 1 became two log events


@pytest.mark.parametrize(
    ("info", "refused"),
    [
        ({}, {}),
        ({"tooNewLogEventStartIndex": 4}, {2: TOO_NEW}),
        ({"tooNewLogEventStartIndex": 2}, {1: TOO_NEW, 0: TOO_NEW, 2: TOO_NEW}),
        ({"tooNewLogEventStartIndex": 5}, {}),
        ({"tooOldLogEventEndIndex": 1}, {3: TOO_OLD}),
        ({"tooOldLogEventEndIndex": 2}, {3: TOO_OLD, 1: TOO_OLD}),
        ({"tooOldLogEventEndIndex": 0}, {}),
        ({"expiredLogEventEndIndex": 1}, {3: EXPIRED}),
        ({"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 3}, {3: TOO_OLD, 1: EXPIRED}),
        ({"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 4}, {3: TOO_OLD, 2: TOO_NEW}),
        ({"tooOldLogEventEndIndex": None, "tooNewLogEventStartIndex": 4}, {2: TOO_NEW}),
    ],
)
def test_what_was_left_out_of_a_yes(info: dict[str, Any], refused: dict[int, str]) -> None:
    verdict = judged(taken(**info), OWNERS)
    assert verdict == (Partial((), refused) if refused else Delivered())


@pytest.mark.parametrize(
    "info",
    ["text", [1], {"tooNewLogEventStartIndex": -5}, {"tooOldLogEventEndIndex": "2"}, {"expiredLogEventEndIndex": True},
     {"tooOldLogEventEndIndex": 1.5}],
)  # fmt: skip
def test_what_makes_no_sense_is_told_to_people(info: Any) -> None:
    verdict = judged(Response(200, body=json.dumps({"rejectedLogEventsInfo": info}).encode()), OWNERS)
    assert isinstance(verdict, Delivered)
    assert "cannot be told" in verdict.warning


indices = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.integers(-(2**70), 2**70)
)


@given(st.fixed_dictionaries({}, optional={
    "tooNewLogEventStartIndex": indices, "tooOldLogEventEndIndex": indices, "expiredLogEventEndIndex": indices,
}))  # fmt: skip
def test_no_index_leads_out_of_the_batch(info: dict[str, Any]) -> None:
    verdict = judged(taken(**info), OWNERS)
    assert isinstance(verdict, Delivered | Partial)
    if isinstance(verdict, Partial):
        assert set(verdict.refused) <= set(OWNERS)
        assert verdict.retry == ()
