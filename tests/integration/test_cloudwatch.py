"""CloudWatch Logs as moto plays it, with signatures and rights, and boto3 against our own played service.

Needs the clients (`make .venv/.clients`); moto's tests need its script beside the repository.
"""

import json
import random
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from penstock.clock import SystemClock
from penstock.destinations.cloudwatch import CloudWatchSettings
from penstock.exchange import Request
from penstock.sandbox.cloudwatch import PlayedCloudWatchSettings
from penstock.sandbox.server import Server
from penstock.testing.contract import batch_of
from penstock.testing.played import Played
from penstock.testing.process import DaemonProcess
from penstock.testing.waiting import wait_for
from tests.integration.servers import RealServer

boto3 = pytest.importorskip("boto3", reason="boto3 is not here: make .venv/.clients")
Config = pytest.importorskip("botocore.config").Config
ClientError = pytest.importorskip("botocore.exceptions").ClientError

pytestmark = pytest.mark.integration

REGION: Final = "us-east-1"
RIGHTS: Final = [
    "logs:CreateLogStream",
    "logs:CreateLogGroup",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
]
Make = Callable[..., DaemonProcess]


def client(kind: str, url: str, key: str = "root", secret: str = "root") -> Any:
    return boto3.client(
        kind,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def post(url: str, body: bytes = b"") -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "text/plain"}, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with RealServer("moto", tmp_path_factory.mktemp("moto")) as running:
        yield running


@pytest.fixture
def moto(server: RealServer) -> Iterator[RealServer]:
    """Empty; it takes every signature."""
    post(f"{server.url}/moto-api/reset")
    yield server
    post(f"{server.url}/moto-api/reset-auth", b"1000000000")


def locked(moto: RealServer, rights: list[str]) -> dict[str, str]:
    """From now on moto checks signatures and rights; the key of a user with these."""
    iam = client("iam", moto.url)
    iam.create_user(UserName="penstock")
    statement = [{"Effect": "Allow", "Action": rights, "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="penstock", PolicyName="logs", PolicyDocument=policy)
    key = iam.create_access_key(UserName="penstock")["AccessKey"]
    post(f"{moto.url}/moto-api/reset-auth", b"0")
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def opened(moto: RealServer) -> Any:
    """A client that may read all."""
    post(f"{moto.url}/moto-api/reset-auth", b"1000000000")
    return client("logs", moto.url)


def delivering(url: str, **parts: Any) -> dict[str, Any]:
    return {
        "type": "cloudwatch",
        "region": REGION,
        "endpoint": url,
        "group": "/shop/web",
        "stream": "{host}",
        "batch": {"age": "50ms"},
        "retry": {"initial": "50ms", "max": "200ms"},
        **parts,
    }


def read(logs: Any, group: str, stream: str) -> list[tuple[int, str]]:
    """All of a stream, page by page, as its readers do it."""
    found: list[tuple[int, str]] = []
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **token)
        found += [(event["timestamp"], event["message"]) for event in page["events"]]
        if token.get("nextToken") == page["nextForwardToken"]:
            return found
        token = {"nextToken": page["nextForwardToken"]}


def streams(logs: Any, group: str) -> list[str]:
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]


def send(daemon: DaemonProcess, data: bytes) -> None:
    with socket.create_connection(daemon.tcp("tcp"), timeout=30) as connection:
        connection.sendall(data)


def made(count: int, now_ms: int) -> list[dict[str, Any]]:
    choose = random.Random(11)
    texts = ["plain", 'a "quote" \\ back', "naïve 東京 💧", "100% %d %s", "tab\tnewline\n", "\x7f del", "{}"]
    return [
        {
            "timestamp": (now_ms - choose.randrange(3_600_000)) / 1000,
            "host": f"web-{choose.randrange(4)}",
            "message": f"{choose.choice(texts)} {number}",
            "n": number,
        }
        for number in range(count)
    ]


def ledger(daemon: DaemonProcess) -> dict[str, Any]:
    found = next(found for found in daemon.status()["destinations"] if found["name"] == "logs")
    assert found["ledger"]["imbalance"] == 0
    books: dict[str, Any] = found["ledger"]
    return books


def test_the_daemon_to_moto_with_signatures_and_rights(daemon: Make, moto: RealServer) -> None:
    auth = locked(moto, RIGHTS)
    running = daemon(destinations={"logs": delivering(moto.url, auth=auth, retention="14d")})
    running.start()
    events = made(3000, int(time.time() * 1000))
    send(running, b"".join([json.dumps(event).encode() + b"\n" for event in events]))
    wait_for(lambda: ledger(running)["delivered"] == len(events), "all delivered", 60)
    assert ledger(running)["dead_lettered"] == {}
    assert running.stop() == 0
    logs = opened(moto)
    assert sorted(streams(logs, "/shop/web")) == ["web-0", "web-1", "web-2", "web-3"]
    (group,) = logs.describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 14
    for host in streams(logs, "/shop/web"):
        found = read(logs, "/shop/web", host)
        wanted = [event for event in events if event["host"] == host]
        assert sorted(json.loads(text)["n"] for _, text in found) == sorted(event["n"] for event in wanted)
        by_number = {event["n"]: event for event in wanted}
        for stamp, text in found:
            event = json.loads(text)
            assert event == by_number[event["n"]]
            assert stamp == round(event["timestamp"] * 1000)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"secret_access_key": "hunter2"}, "SignatureDoesNotMatch"),
        ({"access_key_id": "AKIAUNKNOWN000000000"}, "InvalidClientTokenId"),
    ],
)
def test_a_wrong_key_is_told_by_moto_in_xml(
    daemon: Make, moto: RealServer, wrong: dict[str, str], told: str
) -> None:
    auth = locked(moto, RIGHTS)
    running = daemon(destinations={"logs": delivering(moto.url, stream="s", auth={**auth, **wrong})})
    running.start()
    send(running, b"held\n")

    def found() -> dict[str, Any]:
        shown: dict[str, Any] = running.status()["destinations"][0]
        return shown

    wait_for(lambda: found()["breaker"] == "blocked", "the door is shut", 30)
    assert told in found()["last_error"]
    running.write_config(
        {**running.config, "destinations": {"logs": delivering(moto.url, stream="s", auth=auth)}}
    )
    running.stop()
    running.start()
    wait_for(lambda: ledger(running)["delivered"] == 1, "delivered with the right key", 30)
    assert [json.loads(text)["message"] for _, text in read(opened(moto), "/shop/web", "s")] == ["held"]


def test_a_right_that_is_missing_holds_the_events(daemon: Make, moto: RealServer) -> None:
    auth = locked(moto, ["logs:PutLogEvents", "logs:CreateLogStream"])
    running = daemon(destinations={"logs": delivering(moto.url, stream="s", auth=auth)})
    running.start()
    send(running, b"held\n")

    def said() -> str:
        return str(running.status()["destinations"][0]["last_error"])

    wait_for(lambda: "cannot make the log group /shop/web" in said(), "said", 30)
    assert "AccessDenied" in said()
    assert ledger(running)["pending"] == 1


def test_events_that_moto_finds_too_new_become_dead_letters(daemon: Make, moto: RealServer) -> None:
    running = daemon(destinations={"logs": delivering(moto.url, stream="s", auth=locked(moto, RIGHTS))})
    running.start()
    now = time.time()
    lines = [
        {"timestamp": now, "n": 0},
        {"timestamp": now + 3 * 3600, "n": 1},
        {"timestamp": now + 1, "n": 2},
    ]
    send(running, b"".join([json.dumps(line).encode() + b"\n" for line in lines]))
    wait_for(lambda: ledger(running)["accepted"] == 3 and not ledger(running)["pending"], "settled", 30)
    assert (ledger(running)["delivered"], ledger(running)["dead_lettered"]) == (2, {"refused": 1})
    found = read(opened(moto), "/shop/web", "s")
    assert [json.loads(text)["n"] for _, text in found] == [0, 2]


def test_credentials_from_a_profile_that_is_renewed(
    daemon: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a tool does that writes ~/.aws/credentials anew each hour."""
    settings = PlayedCloudWatchSettings.model_validate(
        {"type": "cloudwatch", "session_tokens": ["second"], "expired_tokens": ["first"]}
    )
    shared = tmp_path / "credentials"

    def write(token: str) -> None:
        key = f"aws_access_key_id = {settings.access_key_id}\naws_secret_access_key = sandbox\n"
        shared.write_text(f"[logs]\n{key}aws_session_token = {token}\n")

    write("first")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(shared))
    with Played(Server(settings.build(), SystemClock())) as played:
        running = daemon(destinations={"logs": delivering(played.url, stream="s", auth={"profile": "logs"})})
        running.start()
        send(running, b"one\ntwo\n")
        wait_for(
            lambda: "no others are found" in str(running.status()["destinations"][0]["last_error"]),
            "said",
            30,
        )
        write("second")
        wait_for(lambda: ledger(running)["delivered"] == 2, "delivered", 60)
        assert played.look(lambda server: server.received.counts.events) == 2


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
