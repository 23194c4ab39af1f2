import logging

import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from penstock.http_log import protocol_log


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadHttpMessage("x"), False),
        (ConnectionResetError(), False),
        (web.RequestPayloadError("not gzip, though it says so"), False),
        (ValueError("ours"), True),
        (None, True),
    ],
)
def test_only_what_is_ours_is_told(
    error: Exception | None, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    protocol_log("test_http_log").error("Error handling request", exc_info=error)
    assert bool(caplog.records) == told


def test_the_name_is_the_servers() -> None:
    assert protocol_log("some.server") is logging.getLogger("some.server")
