"""A destination and the played service in a conversation: what is made, left out, held, and sent again."""

import json
from typing import Any

import pytest

from penstock.block import Batch
from penstock.destinations.base import Blocked, Delivered, Partial, Prepare, Retry, Split, Verdict
from penstock.destinations.cloudwatch import CloudWatch, CloudWatchSettings
from penstock.destinations.cloudwatch_answers import TOO_NEW, TOO_OLD
from penstock.exchange import Request, Response
from penstock.sandbox.cloudwatch import PlayedCloudWatchSettings
from penstock.sandbox.service import Asked
from penstock.testing.contract import batch_of, check_encode, sample_batches

NOW = 1_793_000_002.0  # 2026-10-26T07:33:22Z
KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "hunter2"}


def cloudwatch(**settings: Any) -> CloudWatch:
    given = {
        "type": "cloudwatch",
        "region": "us-east-1",
        "group": "/shop/web",
        "stream": "web-1",
        "auth": KEYS,
    }
    return CloudWatchSettings.model_validate({**given, **settings}).build("logs")


def batch() -> Batch:
    """Not in order."""
    return batch_of([{"timestamp": NOW - number % 7, "message": f"é {number}"} for number in range(20)])


class Conversation:
    """A destination and the played service, with nothing between them."""

    def __init__(self, destination: CloudWatch, **settings: Any) -> None:
        given = {
            "type": "cloudwatch",
            "access_key_id": "AKIDEXAMPLE",
            "secret_access_key": "hunter2",
            **settings,
        }
        self.destination = destination
        self.service = PlayedCloudWatchSettings.model_validate(given).build()
        self.now = NOW
        self.skew = 0.0
        """Seconds by which our clock is behind the service's."""
        self.asked: list[str] = []

    def send(self, request: Request) -> Response:
        assert request.sign is not None
        self.asked.append(request.headers["X-Amz-Target"].partition(".")[2])
        signed = request.sign(request.url, request.body, self.now - self.skew)
        headers = {**request.headers, **signed, "host": request.url.split("/")[2]}
        lower = {name.lower(): text for name, text in headers.items()}
        answered = self.service.answer(
            Asked(request.method, "/", lower, request.body, request.body, self.now)
        )
        received = {name.lower(): text for name, text in answered.headers.items()}
        return Response(answered.status, received, answered.body, received=self.now - self.skew)

    def deliver(self, of: Batch) -> Verdict:
        """One attempt, as the worker makes it."""
        request = self.destination.encode(of)
        assert isinstance(request, Request)
        verdict = self.destination.judge(of, self.send(request))
        while isinstance(verdict, Prepare):
            verdict = verdict.judge(self.send(verdict.request))
            if isinstance(verdict, Delivered):
                verdict = self.destination.judge(of, self.send(request))
        return verdict

    def kept(self, group: str = "/shop/web", stream: str = "web-1") -> list[tuple[int, str]]:
        found = self.service.groups.get(group)
        assert found is not None
        return [(event.timestamp, event.message) for event in found.streams[stream].ordered()]


def test_a_group_and_a_stream_that_are_missing_are_made() -> None:
    talk = Conversation(cloudwatch(retention="30d", tags={"team": "shop"}))
    assert talk.deliver(batch()) == Delivered()
    assert talk.asked == [
        "PutLogEvents", "CreateLogStream", "CreateLogGroup", "PutRetentionPolicy", "CreateLogStream", "PutLogEvents",
    ]  # fmt: skip
    group = talk.service.groups.get("/shop/web")
    assert group is not None
    assert (group.retention, group.tags) == (30, {"team": "shop"})
    kept = [json.loads(message)["message"] for _, message in talk.kept()]
    assert kept == [f"é {number}" for late in range(6, -1, -1) for number in range(late, 20, 7)]
    assert talk.deliver(batch_of([{}])) == Delivered()
    assert talk.asked[6:] == ["PutLogEvents"]


def test_nothing_is_made_where_that_is_not_wanted() -> None:
    talk = Conversation(cloudwatch(create=False))
    verdict = talk.deliver(batch())
    assert isinstance(verdict, Blocked)
    assert (
        "The specified log group does not exist. Make the group and the stream, or set `create: true`"
        in verdict.reason
    )
    assert talk.asked == ["PutLogEvents"]


def test_without_the_right_to_make_them_the_events_are_held() -> None:
    verdict = Conversation(cloudwatch(), denied=["CreateLogGroup"]).deliver(batch())
    assert isinstance(verdict, Blocked)
    assert "cannot make the log group /shop/web" in verdict.reason
    assert "logs:CreateLogGroup" in verdict.reason


def test_what_is_too_old_or_too_new_finds_its_event() -> None:
    talk = Conversation(cloudwatch(max_event="1KiB", too_long="split"))
    day = 86400
    events: list[dict[str, Any]] = [
        {"timestamp": NOW, "message": "good"},
        {"timestamp": NOW + 3 * 3600, "message": "of tomorrow"},
        {"timestamp": NOW - 1, "message": "x" * 2000},
    ]
    of = batch_of(events)
    assert talk.deliver(of) == Partial((), {1: TOO_NEW})
    assert len(talk.kept()) == 4
    old = batch_of(
        [{"timestamp": NOW - 15 * day}, {"timestamp": NOW - 14 * day + 60}, {"timestamp": NOW - 15 * day + 1}]
    )
    parts = talk.destination.encode(old)
    assert parts == Split([[0, 2], [1]])
    assert talk.deliver(old.select([0, 2])) == Partial((), {0: TOO_OLD, 1: TOO_OLD})
    assert talk.deliver(old.select([1])) == Delivered()


def test_a_clock_that_is_off_costs_one_attempt() -> None:
    talk = Conversation(cloudwatch())
    for skew in (3600.0, -7200.0):
        talk.skew = skew
        assert isinstance(talk.deliver(batch()), Retry)
        assert talk.deliver(batch()) == Delivered()
    talk.skew = 0.0  # somebody has set the clock
    assert isinstance(talk.deliver(batch()), Retry)
    assert talk.deliver(batch()) == Delivered()


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"access_key_id": "another"}, "UnrecognizedClientException"),
        (
            {"secret_access_key": "another"},
            "does not match the signature you provided. Check your AWS Secret Access Key",
        ),
        ({"region": "eu-west-1"}, "valid region"),
        ({"denied": ["PutLogEvents"]}, "not authorized to perform: logs:PutLogEvents"),
        ({"session_tokens": ["t"]}, "UnrecognizedClientException"),
    ],
)
def test_a_shut_door_holds_the_events(service: dict[str, Any], told: str) -> None:
    verdict = Conversation(cloudwatch(), **service).deliver(batch())
    assert isinstance(verdict, Blocked)
    assert told in verdict.reason
    assert "Canonical" not in verdict.reason


def test_a_token_that_has_expired_is_said() -> None:
    destination = cloudwatch(auth={**KEYS, "session_token": "old"})
    verdict = Conversation(destination, session_tokens=["new"], expired_tokens=["old"]).deliver(batch())
    assert isinstance(verdict, Blocked)
    assert "ExpiredTokenException" in verdict.reason


def test_odd_events_are_taken_by_the_service() -> None:
    for settings in ({}, {"message_field": "message"}, {"id_field": "id"}, {"time_field": "nothing"}):
        talk = Conversation(cloudwatch(**settings))
        for of in sample_batches():
            for part, _ in check_encode(talk.destination, of):
                assert isinstance(talk.deliver(part), Delivered | Partial)
