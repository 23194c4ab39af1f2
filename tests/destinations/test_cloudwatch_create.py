"""What is asked for where a stream is missing, one after the other, and what each answer leads to."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from penstock.destinations.aws import AwsSigning
from penstock.destinations.aws_keyring import AwsAuth
from penstock.destinations.base import Blocked, Delivered, Prepare, Retry, Verdict
from penstock.destinations.cloudwatch_create import Creation, missing
from penstock.destinations.cloudwatch_names import Place
from penstock.exchange import Answer, Failure, FailureKind, Request, Response

SIGNING = AwsSigning(
    AwsAuth.model_validate({"access_key_id": "AKID", "secret_access_key": "hunter2"}), "us-east-1", "logs"
)
MADE = Response(200)


def error(code: str, message: str = "why") -> Response:
    return Response(400, body=json.dumps({"__type": code, "message": message}).encode())


NO_GROUP = error("ResourceNotFoundException", "The specified log group does not exist.")
THERE = error("ResourceAlreadyExistsException")
DENIED = error("AccessDeniedException")


def ask(operation: str, parameters: Mapping[str, Any]) -> Request:
    return Request("POST", operation, body=json.dumps(parameters).encode())


def made(*answers: Answer, **settings: Any) -> tuple[list[tuple[str, dict[str, Any]]], Verdict]:
    """What was asked for, and the last verdict."""
    settings = {"retention": None, "tags": {}, "kms_key": "", **settings}
    verdict: Verdict = Creation(ask, SIGNING, **settings).stream(Place("g", "s"), "it is not there")
    asked = []
    for answer in answers:
        assert isinstance(verdict, Prepare), verdict
        assert verdict.reason == "it is not there"
        asked.append((verdict.request.url, json.loads(verdict.request.body)))
        verdict = verdict.judge(answer)
    return asked, verdict


STREAM = ("CreateLogStream", {"logGroupName": "g", "logStreamName": "s"})
GROUP = ("CreateLogGroup", {"logGroupName": "g"})
KEEP = ("PutRetentionPolicy", {"logGroupName": "g", "retentionInDays": 30})


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ([MADE], [STREAM]),
        ([THERE], [STREAM]),
        ([NO_GROUP, MADE, MADE], [STREAM, GROUP, STREAM]),
        ([NO_GROUP, THERE, MADE], [STREAM, GROUP, STREAM]),
        ([NO_GROUP, MADE, THERE], [STREAM, GROUP, STREAM]),
    ],
)
def test_what_is_missing_is_made(answers: list[Answer], asked: list[Any]) -> None:
    assert made(*answers) == (asked, Delivered())


def test_a_group_that_is_made_gets_what_it_is_to_have() -> None:
    settings = {"retention": 30, "tags": {"team": "shop"}, "kms_key": "arn:aws:kms:x"}
    asked, verdict = made(NO_GROUP, MADE, MADE, MADE, **settings)
    group = ("CreateLogGroup", {**GROUP[1], "tags": {"team": "shop"}, "kmsKeyId": "arn:aws:kms:x"})
    assert (asked, verdict) == ([STREAM, group, KEEP, STREAM], Delivered())


def test_a_group_that_somebody_else_has_made_keeps_its_retention() -> None:
    assert made(NO_GROUP, THERE, MADE, retention=30) == ([STREAM, GROUP, STREAM], Delivered())


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([DENIED], "cannot make the log stream s: HTTP 400: AccessDeniedException: why"),
        ([NO_GROUP, DENIED], "cannot make the log group g: HTTP 400: AccessDeniedException"),
        ([NO_GROUP, error("LimitExceededException")], "cannot make the log group g: HTTP 400: LimitExceeded"),
        ([NO_GROUP, MADE, DENIED], "cannot make the retention of the log group g, which is there now"),
        ([NO_GROUP, MADE, error("InvalidParameterException")], "cannot make the retention"),
        ([error("InvalidParameterException")], "cannot make the log stream s"),
        ([error("DataAlreadyAcceptedException")], "it did not say"),
    ],
)
def test_what_cannot_be_made_holds_the_events(answers: list[Answer], told: str) -> None:
    _, verdict = made(*answers, retention=30)
    if isinstance(verdict, Prepare):
        verdict = verdict.judge(Response(200))
    assert isinstance(verdict, Blocked)
    assert told in verdict.reason


@pytest.mark.parametrize(
    "answers",
    [
        [Failure(FailureKind.TIMEOUT, "no answer")],
        [error("ThrottlingException")],
        [NO_GROUP, Response(503)],
        [NO_GROUP, error("OperationAbortedException")],
        [NO_GROUP, MADE, NO_GROUP],
    ],
)
def test_what_passes_is_tried_again(answers: list[Answer]) -> None:
    _, verdict = made(*answers)
    assert isinstance(verdict, Retry)


def test_what_is_missing_is_known_by_its_name() -> None:
    assert missing(NO_GROUP) == "HTTP 400: ResourceNotFoundException: The specified log group does not exist."
    assert not missing(Response(200, body=NO_GROUP.body))
    assert not missing(Failure(FailureKind.DNS, "ResourceNotFoundException"))
    assert not missing(DENIED)
