"""What is asked about events that are taken, and that nothing but a yes is read as one."""

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest

from penstock.block import Batch
from penstock.destinations.base import Blocked, Confirm, Delivered, Partial, Retry, Verdict
from penstock.destinations.splunk_acks import Acks, AckSettings, channel_of
from penstock.destinations.splunk_answers import Said
from penstock.exchange import Answer, Failure, FailureKind, Response
from penstock.testing.contract import batch_of

CHANNEL = "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"
URL = "https://indexer:8088/services/collector/ack"


def settle(verdict: Verdict, ack: int | None, *, enabled: bool = True) -> Verdict:
    acks = Acks(AckSettings(enabled=enabled, every=3.0, until=60.0), {"Authorization": "Splunk hunter2"})
    return acks.settle(verdict, Said(0, "Success", None, ack), URL, CHANNEL, 3)


def question(verdict: Verdict | None = None) -> Confirm:
    confirm = settle(verdict or Delivered(slow_down=True), 7)
    assert isinstance(confirm, Confirm)
    return confirm


def said(status: int, value: object) -> Response:
    return Response(status, body=json.dumps(value).encode())


def test_it_is_asked_where_the_events_were_taken() -> None:
    confirm = question()
    request = confirm.request
    assert (request.method, request.url, request.nodes) == ("POST", f"{URL}?channel={CHANNEL}", ())
    assert json.loads(request.body) == {"acks": [7]}
    assert request.headers == {"Authorization": "Splunk hunter2", "X-Splunk-Request-Channel": CHANNEL}
    assert (confirm.every, confirm.until) == (3.0, 60.0)
    assert "hunter2" not in repr(confirm)


def test_a_yes_is_the_end_of_it() -> None:
    assert question().judge(said(200, {"acks": {"7": True}})) == Delivered(slow_down=True)
    partial = Partial([], {1: "no"}, again=[2])
    assert question(partial).judge(said(200, {"acks": {"7": True}})) == partial


@pytest.mark.parametrize(
    "answer",
    [
        *[
            said(200, {"acks": value})
            for value in ({"7": False}, {"7": "true"}, {"7": 1}, {"8": True}, {}, [7], None)
        ],
        said(200, {"text": "Success", "code": 0}),
        said(200, {"text": "Success", "code": 0, "acks": {}}),
        said(500, {"acks": {"7": True}}),
        said(302, {"acks": {"7": True}}),
        replace(said(200, {"acks": {"7": True}}), truncated=True),
        Response(200),
        Response(200, body=b"<html>"),
        Response(404),
        said(503, {"text": "Server is busy", "code": 9}),
        said(503, {"text": "Server is shutting down", "code": 23}),
        said(403, {"text": "Invalid token", "code": 4}),
        said(400, {"text": "Invalid data format", "code": 6}),
        *[Failure(kind, "why") for kind in FailureKind if kind is not FailureKind.REFUSED],
    ],
    ids=repr,
)
def test_anything_else_is_asked_again(answer: Answer) -> None:
    assert isinstance(question().judge(answer), Retry)


@pytest.mark.parametrize(
    "answer",
    [
        said(400, {"text": "Invalid data channel", "code": 11}),
        said(400, {"text": "Data channel is missing", "code": 10}),
        Failure(FailureKind.REFUSED, "nobody listens"),
    ],
    ids=repr,
)
def test_an_indexer_that_was_restarted_knows_nothing_of_them(answer: Answer) -> None:
    verdict = question().judge(answer)
    assert isinstance(verdict, Partial)
    assert (list(verdict.retry), verdict.refused, verdict.again) == ([0, 1, 2], {}, ())


def test_acks_that_are_off_there() -> None:
    for verdict in (
        settle(Delivered(slow_down=True), None),
        question().judge(said(400, {"text": "ACK is disabled", "code": 14})),
    ):
        assert isinstance(verdict, Delivered)
        assert verdict.slow_down
        assert "the token has no indexer acknowledgement" in verdict.warning


def test_acks_that_are_off_here_and_on_there() -> None:
    verdict = settle(Delivered(), 7, enabled=False)
    assert isinstance(verdict, Delivered)
    assert "acks.enabled" in verdict.warning
    assert settle(Delivered(), None, enabled=False) == Delivered()


def test_only_what_was_taken_is_asked_about() -> None:
    for verdict in (Retry("busy"), Blocked("no")):
        assert settle(verdict, 7) == verdict
    partial = Partial([], {0: "no"}, again=[1])
    assert settle(partial, None) == partial
    assert isinstance(settle(partial, 7), Confirm)


def test_no_two_share_a_channel() -> None:
    def on(node: str) -> Batch:
        (block,) = batch_of([{"n": 1}, {"n": 2}]).pieces
        return Batch((replace(block, node=node),), 1.0)

    channels = [channel_of(name, on(node)) for name in ("a", "b") for node in ("x", "y")]
    assert len(set(channels)) == 4
    assert all(str(uuid.UUID(channel)) == channel for channel in channels)
    assert channel_of("a", on("x")) == channel_of("a", on("x").select([1]))


@pytest.mark.parametrize("settings", [{"every": 0}, {"until": 0}, {"on": True}])
def test_mistakes_in_the_configuration(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        AckSettings.model_validate(settings)
