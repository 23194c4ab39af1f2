from typing import Any

import pytest

from penstock.parsing.apache_error import ApacheError
from penstock.parsing.timestamps import Timestamps


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok /etc/httpd/conf/workers2.properties",
         {"timestamp": "2005-12-04T04:47:44Z", "level": "notice", "message": "workerEnv.init() ok /etc/httpd/conf/workers2.properties"}),
        ("[Sun Dec 04 05:15:09 2005] [error] [client 222.166.160.184] Directory index forbidden by rule: /var/www/html/",
         {"timestamp": "2005-12-04T05:15:09Z", "level": "error", "client": "222.166.160.184", "message": "Directory index forbidden by rule: /var/www/html/"}),
        ("[Wed Nov 25 10:00:00.123456 2026] [core:error] [pid 35708:tid 4328636416] [client [::1]:4711] AH00128: gone",
         {"timestamp": "2026-11-25T10:00:00.123456Z", "level": "error", "module": "core", "pid": 35708, "tid": 4328636416,
          "message": "[client [::1]:4711] AH00128: gone"}),
        ("[Wed Nov 25 10:00:00.123456 2026] [:trace1] [pid 8] [client 10.0.0.1:4711] AH00128: gone\n",
         {"timestamp": "2026-11-25T10:00:00.123456Z", "level": "trace1", "pid": 8, "client": "10.0.0.1:4711", "code": "AH00128", "message": "gone"}),
    ],
)  # fmt: skip
def test_lines(text: str, fields: dict[str, Any]) -> None:
    assert ApacheError(Timestamps()).parse(text, 0.0) == fields


@pytest.mark.parametrize(
    "text", ["", "text", "[Sun Dec 34 04:47:44 2005] [notice] x", "[Sun Dec 04 04:47:44 2005] notice x"]
)
def test_what_is_none(text: str) -> None:
    assert ApacheError(Timestamps()).parse(text, 0.0) is None
