"""The daemon to CloudWatch Logs as moto plays it, with signatures and rights.

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
from penstock.sandbox.cloudwatch import PlayedCloudWatchSettings
from penstock.sandbox.server import Server
from penstock.testing.played import Played
from penstock.testing.process import DaemonProcess
from penstock.testing.waiting import wait_for
from tests.integration.cloudwatch_clients import REGION, client, read, streams
from tests.integration.servers import RealServer

pytestmark = pytest.mark.integration

RIGHTS: Final = [
    "logs:CreateLogStream",
    "logs:CreateLogGroup",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
]
Make = Callable[..., DaemonProcess]


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
