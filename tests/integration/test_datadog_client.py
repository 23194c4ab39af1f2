"""Datadog's own client beside us, against the played intake: it is let in, limited and refused alike, and what it
sends for the same events is the same, field by field.

Needs the clients (`make .venv/.clients`).
"""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from penstock.clock import SystemClock
from penstock.destinations.datadog_access import SITES
from penstock.sandbox.datadog import PlayedDatadog, PlayedDatadogSettings
from penstock.sandbox.server import Server
from penstock.sandbox.service import Answered, Asked, Spoil, sound
from penstock.testing.played import Played
from penstock.testing.process import DaemonProcess
from penstock.testing.waiting import wait_for
from tests.integration.conftest import FAST_RETRY, Start

datadog = pytest.importorskip("datadog_api_client", reason="it is not here: make .venv/.clients")
LogsApi = pytest.importorskip("datadog_api_client.v2.api.logs_api").LogsApi
ContentEncoding = pytest.importorskip("datadog_api_client.v2.model.content_encoding").ContentEncoding
HTTPLog = pytest.importorskip("datadog_api_client.v2.model.http_log").HTTPLog
HTTPLogItem = pytest.importorskip("datadog_api_client.v2.model.http_log_item").HTTPLogItem
ApiException = pytest.importorskip("datadog_api_client.exceptions").ApiException

pytestmark = pytest.mark.integration


class Recorded:
    """The played intake; it notes what it was asked."""

    def __init__(self, service: PlayedDatadog) -> None:
        self._service = service
        self.asked: list[Asked] = []

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        self.asked.append(asked)
        return self._service.answer(asked, spoil)


class Intake:
    """The intake while it is played."""

    def __init__(self, played: Played[Server], service: Recorded) -> None:
        self._played = played
        self.url = played.url
        self._service = service

    @property
    def asked(self) -> list[Asked]:
        return self._played.look(lambda _: list(self._service.asked))

    def events(self) -> list[Any]:
        accepted = self._played.look(lambda server: [one.event for one in server.received.events])
        return sorted([json.loads(event) for event in accepted], key=lambda event: str(event["id"]))

    def counts(self) -> tuple[int, int]:
        """Events taken, and events left out."""
        return self._played.look(
            lambda server: (server.received.counts.events, server.received.counts.refused)
        )

    def forget(self) -> None:
        self._played.look(lambda server: server.received.forget())
        self._played.look(lambda _: self._service.asked.clear())


@pytest.fixture
def intake() -> Iterator[Intake]:
    service = Recorded(
        PlayedDatadogSettings.model_validate({"type": "datadog", "api_keys": ["right"]}).build()
    )
    with Played(Server(service, SystemClock())) as played:
        yield Intake(played, service)


def submit(
    intake: Intake, items: list[dict[str, Any]], *, key: str = "right", coding: str = "gzip"
) -> tuple[Any, int]:
    """What the client makes of the answer."""
    configuration = datadog.Configuration(
        api_key={"apiKeyAuth": key},
        server_operation_index={"submit_log": 1},
        server_operation_variables={
            "submit_log": {"protocol": "http", "name": intake.url.removeprefix("http://")}
        },
        return_http_data_only=False,
    )
    with datadog.ApiClient(configuration) as client:
        log = HTTPLog([HTTPLogItem(**item) for item in items])
        body, status, _ = LogsApi(client).submit_log(body=log, content_encoding=ContentEncoding(coding))
        return body, status


NOW = datetime.now(UTC).isoformat(timespec="milliseconds")
EVENTS: list[dict[str, Any]] = [
    {"id": "e-1", "timestamp": NOW, "level": "info", "message": "plain", "host": "web-1", "service": "own"},
    {"id": "e-2", "timestamp": NOW, "level": "warn", "message": 'é 💧 "quoted"\n', "host": "web-2", "n": 7, "deep": {"a": [1, None]}},
    {"id": "e-3", "timestamp": NOW, "level": "error", "message": "", "host": "web-3", "ok": True, "ratio": 0.5},
]  # fmt: skip


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
def test_its_client_is_let_in(intake: Intake, coding: str) -> None:
    assert submit(intake, EVENTS, coding=coding) == ({}, 202)
    assert intake.events() == EVENTS


@pytest.mark.parametrize(
    ("items", "key", "status", "title"),
    [
        ([{"message": "x"}], "wrong", 403, "Forbidden"),
        ([{"message": "x"}] * 1001, "right", 413, "Request Entity Too Large"),
        ([{"message": "x" * 900_000}] * 6, "right", 413, "Request Entity Too Large"),
    ],
)
def test_its_client_is_refused_in_words_that_it_knows(
    intake: Intake, items: list[dict[str, Any]], key: str, status: int, title: str
) -> None:
    with pytest.raises(ApiException) as caught:
        submit(intake, items, key=key)
    assert caught.value.status == status
    (error,) = caught.value.body["errors"]
    assert (error["status"], error["title"]) == (str(status), title)
    assert error["detail"]
    assert not intake.events()


def test_what_is_over_a_megabyte_or_too_old_goes_without_a_word(intake: Intake) -> None:
    items = [
        {"message": '{"id": 1}' + "x" * 1_000_000},
        {"message": "old", "timestamp": "2001-01-01T00:00:00Z"},
    ]
    assert submit(intake, items) == ({}, 202)
    assert intake.counts() == (1, 1)


def test_it_sends_what_we_send(intake: Intake, daemon: Start) -> None:
    """The daemon is told what the client's user writes into each event."""
    filled = {"ddsource": "nginx", "ddtags": "env:prod,team:a"}
    theirs = [{"service": "shop", **event, **filled, "hostname": event["host"]} for event in EVENTS]
    submit(intake, theirs)
    wanted, (their_asked,) = intake.events(), intake.asked
    intake.forget()

    running: DaemonProcess = daemon(
        destinations={
            "datadog": {
                "type": "datadog",
                "url": intake.url,
                "auth": {"api_key": "right"},
                "ddsource": "nginx",
                "service": "shop",
                "hostname": "{host}",
                "ddtags": ["env:prod", "team:a"],
                "batch": {"age": "20ms"},
                "retry": FAST_RETRY,
            }
        }
    )
    running.start()
    with socket.create_connection(running.tcp("tcp")) as connection:
        connection.sendall(b"".join([json.dumps(event).encode() + b"\n" for event in EVENTS]))
    wait_for(lambda: len(intake.events()) == len(EVENTS), "all events")
    assert intake.events() == wanted
    (our_asked,) = intake.asked
    assert (our_asked.method, our_asked.target) == (their_asked.method, their_asked.target)
    for name in ("dd-api-key", "content-type", "content-encoding", "accept"):
        assert our_asked.headers[name] == their_asked.headers[name]


def test_each_public_site_is_known_to_it() -> None:
    endpoint = LogsApi(datadog.ApiClient(datadog.Configuration()))._submit_log_endpoint
    theirs = endpoint.settings["servers"][0]["variables"]["site"]["enum_values"]
    assert set(SITES) == set(theirs)
