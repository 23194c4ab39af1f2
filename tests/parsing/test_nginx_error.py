from typing import Any
from zoneinfo import ZoneInfo

import pytest

from penstock.parsing.nginx_error import NginxError
from penstock.parsing.timestamps import Timestamps

START = "2026/11/25 10:00:00 [error] 31#32: "
FIRST = {"timestamp": "2026-11-25T10:00:00Z", "level": "error", "pid": 31, "tid": 32}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (START + "*7 plain", FIRST | {"connection": 7, "message": "plain"}),
        ("2026/11/25 10:00:00 [notice] 1#1: signal 15 (SIGTERM) received, exiting", {
            "timestamp": "2026-11-25T10:00:00Z", "level": "notice", "pid": 1, "tid": 1, "message": "signal 15 (SIGTERM) received, exiting"}),
        (START + '*7 upstream timed out (110: Connection timed out) while reading, client: 10.0.0.1, server: shop, request: "GET /a?b=\\"c\\", d HTTP/1.1", upstream: "http://10.0.0.2:80/a", host: "shop", referrer: "http://x/"',
         FIRST | {"connection": 7, "message": "upstream timed out (110: Connection timed out) while reading", "client": "10.0.0.1", "server": "shop",
                  "request": 'GET /a?b=\\"c\\", d HTTP/1.1', "upstream": "http://10.0.0.2:80/a", "host": "shop", "referrer": "http://x/"}),
        (START + "*7 odd, client: 10.0.0.1, something else", FIRST | {"connection": 7, "message": "odd, client: 10.0.0.1, something else"}),
        (START + "*7 SSL failed, client: 10.0.0.1, server: 0.0.0.0:443\n", FIRST | {"connection": 7, "message": "SSL failed", "client": "10.0.0.1", "server": "0.0.0.0:443"}),
        (START + "*7 two\nlines, client: 10.0.0.1, server: ", FIRST | {"connection": 7, "message": "two\nlines", "client": "10.0.0.1"}),
    ],
)  # fmt: skip
def test_lines(text: str, fields: dict[str, Any]) -> None:
    assert NginxError(Timestamps()).parse(text, 0.0) == fields


def test_times_are_in_the_zone_of_the_machine_that_wrote_it() -> None:
    fields = NginxError(Timestamps(ZoneInfo("Europe/Berlin"))).parse(START + "x", 0.0)
    assert fields is not None
    assert fields["timestamp"] == "2026-11-25T09:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "2026/13/25 10:00:00 [error] 31#32: x",
        "2026/11/25 10:00:00 [error] x#32: x",
        "2026/11/25 10:00:00 error 31#32: x",
    ],
)
def test_what_is_none(text: str) -> None:
    assert NginxError(Timestamps()).parse(text, 0.0) is None
