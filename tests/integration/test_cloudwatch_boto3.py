"""boto3 against our played CloudWatch Logs, and what it sends beside what we send.

Needs the clients (`make .venv/.clients`).
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from penstock.clock import SystemClock
from penstock.destinations.cloudwatch import CloudWatchSettings
from penstock.exchange import Request
from penstock.sandbox.cloudwatch import PlayedCloudWatchSettings
from penstock.sandbox.server import Server
from penstock.testing.contract import batch_of
from penstock.testing.played import Played
from tests.integration.cloudwatch_clients import REGION, client, read, streams

ClientError = pytest.importorskip("botocore.exceptions").ClientError

pytestmark = pytest.mark.integration


@pytest.fixture
def logs() -> Iterator[Any]:
    """boto3, at our played service."""
    settings = PlayedCloudWatchSettings.model_validate({"type": "cloudwatch"})
    with Played(Server(settings.build(), SystemClock())) as played:
        yield client("logs", played.url, settings.access_key_id, "sandbox")


def test_boto3_finds_the_played_service_as_it_knows_it(logs: Any) -> None:
    now = int(time.time() * 1000)
    logs.create_log_group(logGroupName="g", tags={"team": "shop"})
    logs.create_log_stream(logGroupName="g", logStreamName="naïve/东京")
    logs.put_retention_policy(logGroupName="g", retentionInDays=3)
    events = [{"timestamp": now + number, "message": f"événement {number} 💧"} for number in range(2000)]
    answer = logs.put_log_events(logGroupName="g", logStreamName="naïve/东京", logEvents=events)
    assert "rejectedLogEventsInfo" not in answer
    assert read(logs, "g", "naïve/东京") == [(event["timestamp"], event["message"]) for event in events]
    assert streams(logs, "g") == ["naïve/东京"]
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (group["retentionInDays"], group["logGroupName"]) == (3, "g")
    assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"team": "shop"}
    old = [
        {"timestamp": now - 4 * 86_400_000, "message": "old"},
        *events[:1],
        {"timestamp": now + 7_500_000, "message": "new"},
    ]
    answer = logs.put_log_events(logGroupName="g", logStreamName="naïve/东京", logEvents=old)
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}


def test_boto3_raises_what_it_would_of_the_service(logs: Any) -> None:
    now = int(time.time() * 1000)
    place = {"logGroupName": "g", "logStreamName": "s"}
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_log_events(**place, logEvents=[{"timestamp": now, "message": "x"}])
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(**place)
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName="g")
    backwards = [{"timestamp": now, "message": "x"}, {"timestamp": now - 1, "message": "y"}]
    with pytest.raises(logs.exceptions.InvalidParameterException, match="chronological order"):
        logs.put_log_events(**place, logEvents=backwards)
    with pytest.raises(logs.exceptions.InvalidParameterException, match="Log event too large"):
        logs.put_log_events(**place, logEvents=[{"timestamp": now, "message": "x" * 1_048_551}])
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        client(
            "logs", logs.meta.endpoint_url, logs._request_signer._credentials.access_key, "wrong"
        ).describe_log_groups()
    with pytest.raises(logs.exceptions.UnrecognizedClientException):
        client("logs", logs.meta.endpoint_url, "AKIAUNKNOWN000000000", "x").put_log_events(
            **place, logEvents=[{"timestamp": now, "message": "x"}]
        )


def test_what_is_sent_is_what_boto3_would_send(logs: Any) -> None:
    now = int(time.time())
    times = [now - number / 8 for number in range(50)]
    events = [{"timestamp": at, "message": "é 💧", "n": number} for number, at in enumerate(times)]
    settings = {"type": "cloudwatch", "region": REGION, "endpoint": logs.meta.endpoint_url + "/", "group": "g", "stream": "s",
                "auth": {"access_key_id": "AKIASANDBOXSANDBOX00", "secret_access_key": "sandbox"}}  # fmt: skip
    ours = CloudWatchSettings.model_validate(settings).build("logs").encode(batch_of(events))
    assert isinstance(ours, Request)
    assert ours.sign is not None
    seen: list[Any] = []
    logs.meta.events.register("before-send.logs.PutLogEvents", lambda request, **_: seen.append(request))
    lines = [json.dumps(event, separators=(",", ":"), ensure_ascii=False) for event in events]
    told = [{"timestamp": round(at * 1000), "message": line} for at, line in zip(times, lines, strict=True)][
        ::-1
    ]
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=told)
    (theirs,) = seen
    mine = {**ours.headers, **ours.sign(ours.url, ours.body, time.time())}
    assert (ours.method, ours.url) == (theirs.method, theirs.url)
    assert json.loads(ours.body) == json.loads(theirs.body)
    text = {
        name: value.decode() if isinstance(value, bytes) else str(value)
        for name, value in theirs.headers.items()
    }
    assert [mine[name] for name in ("Content-Type", "X-Amz-Target")] == [
        text[name] for name in ("Content-Type", "X-Amz-Target")
    ]
    # All but the signature itself, whose second may be another: who, where, and which headers are signed.
    assert mine["Authorization"].split(", ")[:2] == text["Authorization"].split(", ")[:2]
