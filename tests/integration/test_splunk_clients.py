"""Other people's clients write to the played Splunk, and it takes what they send as Splunk does."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from penstock.clock import SystemClock
from penstock.sandbox.received import Counts
from penstock.sandbox.server import Server
from penstock.sandbox.splunk_hec import SplunkHecService
from penstock.testing.played import Played

pytestmark = pytest.mark.integration

TOKEN = "good-token"


@pytest.fixture
def played() -> Iterator[Played[Server]]:
    given = {"type": "splunk_hec", "tokens": [TOKEN], "indexes": ["main"]}
    service = SplunkHecService.model_validate(given).build()
    with Played(Server(service, SystemClock())) as played:
        yield played


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    made = logging.getLogger("penstock-test-splunk")
    made.setLevel(logging.INFO)
    made.propagate = False
    yield made
    for handler in list(made.handlers):
        made.removeHandler(handler)
        handler.close()


def envelopes(played: Played[Server]) -> list[dict[str, Any]]:
    return played.look(lambda server: [json.loads(one.event) for one in server.received.events])


def counts(played: Played[Server]) -> Counts:
    return played.look(lambda server: server.received.counts)


def splunk_handler(played: Played[Server], token: str = TOKEN, **more: Any) -> Any:
    module = pytest.importorskip("splunk_handler", reason="make .venv/.clients")
    parts = urlsplit(played.url)
    return module.SplunkHandler(
        host=parts.hostname, port=parts.port, token=token, protocol="http", verify=False, retry_count=0,
        **{"index": "main", "flush_interval": 3600.0, "hostname": "web-1", "sourcetype": "app", "source": "s", **more},
    )  # fmt: skip


def test_splunk_handler_with_events_one_behind_the_other(
    played: Played[Server], logger: logging.Logger
) -> None:
    handler = splunk_handler(played)
    logger.addHandler(handler)
    for number in range(250):
        logger.info('line %d with a "quote", an é and\na newline', number)
    handler.force_flush()
    found = envelopes(played)
    assert [one["event"] for one in found] == [
        f'line {number} with a "quote", an é and\na newline' for number in range(250)
    ]
    assert {(one["host"], one["index"], one["sourcetype"], one["source"]) for one in found} == {
        ("web-1", "main", "app", "s")
    }
    assert counts(played).requests == 1


@pytest.mark.parametrize("wrong", [{"token": "other"}, {"index": "secret"}])
def test_splunk_handler_that_may_not_write(
    played: Played[Server], logger: logging.Logger, capsys: pytest.CaptureFixture[str], wrong: dict[str, str]
) -> None:
    handler = splunk_handler(played, **wrong)
    logger.addHandler(handler)
    logger.info("a line")
    handler.force_flush()
    assert "Client Error" in capsys.readouterr().out
    assert envelopes(played) == []


def hec_handler(played: Played[Server], token: str = TOKEN, **more: Any) -> Any:
    module = pytest.importorskip("splunk_hec_handler", reason="make .venv/.clients")
    parts = urlsplit(played.url)
    return module.SplunkHecHandler(
        parts.hostname,
        token,
        port=parts.port,
        proto="http",
        ssl_verify=False,
        index="main",
        hostname="web-1",
        **more,
    )


def test_splunk_hec_handler_with_indexed_fields(played: Played[Server], logger: logging.Logger) -> None:
    handler = hec_handler(played, sourcetype="app")
    logger.addHandler(handler)
    logger.info("plain text")
    logger.error(
        {"time": 1533530023, "fields": {"color": "yellow", "many": ["a", "b"], "n": 3}, "user": "foobar"}
    )
    first, second = envelopes(played)
    assert first["event"] == {"log_level": "INFO", "message": "plain text"}
    assert second["event"]["user"] == "foobar"
    assert (second["time"], second["host"], second["index"]) == (1533530023, "web-1", "main")
    assert second["fields"] == {"color": "yellow", "many": ["a", "b"], "n": "3"}


def test_splunk_hec_handler_with_raw_events(played: Played[Server], logger: logging.Logger) -> None:
    logger.addHandler(hec_handler(played, endpoint="raw"))
    logger.info("plain text")
    (found,) = envelopes(played)
    assert found["event"] == {"log_level": "INFO", "message": "plain text"}


def test_splunk_hec_handler_hears_of_a_wrong_token(played: Played[Server], logger: logging.Logger) -> None:
    logger.addHandler(hec_handler(played, token="other"))
    with pytest.raises(OSError, match="403 Client Error"):
        logger.info("plain text")
    assert envelopes(played) == []
