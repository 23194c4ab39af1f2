"""The examples of `parse`: one for each format, and one for each option that needs it."""

from typing import Final

from penstock.processors.shown import Shown

EXAMPLES: Final = (
    Shown(
        settings={"format": "json", "keep": False},
        given=[{"message": '{"level":"info","msg":"ready","took_ms":12}'}, {"message": "not JSON"}],
        gives=[
            {"level": "info", "msg": "ready", "took_ms": 12},
            {"message": "not JSON", "parse_error": "json"},
        ],
    ),
    Shown(
        settings={"format": "logfmt", "keep": False, "types": {"version": "string", "ts": "timestamp"}},
        given=[
            {
                "message": 'ts="2026-11-25 10:00:00,123" level=warn msg="disk is \\"full\\"" used=0.97 version=1.10 retry'
            }
        ],
        gives=[
            {
                "ts": "2026-11-25T10:00:00.123Z",
                "level": "warn",
                "msg": 'disk is "full"',
                "used": 0.97,
                "version": "1.10",
                "retry": True,
            }
        ],
        note="Values without quotes are numbers and booleans where they are written so; a name alone is true.",
    ),
    Shown(
        settings={"format": "key_value", "pair_separator": ";", "key_separator": ":", "target": "login"},
        given=[{"message": "user: root; tty: 'pts/0'; uid: 0"}],
        gives=[
            {
                "message": "user: root; tty: 'pts/0'; uid: 0",
                "login": {"user": "root", "tty": "pts/0", "uid": 0},
            }
        ],
    ),
    Shown(
        settings={"format": "csv", "columns": ["time", "-", "user", "text"], "delimiter": ";", "keep": False},
        given=[{"message": '10:00;x;7;"one; ""two"""'}],
        gives=[{"time": "10:00", "user": 7, "text": 'one; "two"'}],
    ),
    Shown(
        settings={
            "format": "regex",
            "pattern": r"^(?P<method>[A-Z]+) (?P<path>\S+) took (?P<ms>\d+) ms",
            "types": {"ms": "int"},
            "on_failure": "keep",
        },
        given=[{"message": "GET /a took 12 ms"}, {"message": "shutting down"}],
        gives=[
            {"message": "GET /a took 12 ms", "method": "GET", "path": "/a", "ms": 12},
            {"message": "shutting down"},
        ],
    ),
    Shown(
        settings={
            "format": "grok",
            "pattern": "%{IP:client} %{WORD:method} %{ORDER:order} %{NUMBER:seconds:float}",
            "definitions": {"ORDER": "ORD-[0-9]{4}"},
            "on_failure": "drop",
        },
        given=[{"message": "10.0.0.1 GET ORD-0042 0.25"}, {"message": "another line"}],
        gives=[
            {
                "message": "10.0.0.1 GET ORD-0042 0.25",
                "client": "10.0.0.1",
                "method": "GET",
                "order": "ORD-0042",
                "seconds": 0.25,
            }
        ],
    ),
    Shown(
        settings={"format": "syslog", "keep": False},
        given=[{"message": "<165>Oct 26 07:33:20 box sshd[42]: Accepted publickey for root"}],
        gives=[
            {
                "timestamp": "2026-10-26T07:33:20Z",
                "level": "notice",
                "facility": "local4",
                "severity": "notice",
                "host": "box",
                "service": "sshd",
                "procid": "42",
                "message": "Accepted publickey for root",
            }
        ],
        note="RFC 5424 with structured data, too. The year is the one that is nearest to the time of arrival.",
    ),
    Shown(
        settings={"format": "access_log", "keep": False},
        given=[
            {
                "message": '10.0.0.1 - - [25/Nov/2026:10:00:00 +0100] "GET /a?b=1 HTTP/1.1" 404 153 "-" "curl/8.5"'
            }
        ],
        gives=[
            {
                "remote_addr": "10.0.0.1",
                "timestamp": "2026-11-25T09:00:00Z",
                "method": "GET",
                "path": "/a?b=1",
                "protocol": "HTTP/1.1",
                "status": 404,
                "bytes": 153,
                "user_agent": "curl/8.5",
            }
        ],
    ),
    Shown(
        settings={"format": "nginx_error", "zone": "Europe/Berlin"},
        given=[
            {
                "message": '2026/11/25 10:00:00 [error] 31#32: *7 open() "/a" failed (2: No such file or directory), '
                'client: 10.0.0.1, server: shop, request: "GET /a HTTP/1.1", host: "shop.example"'
            }
        ],
        gives=[
            {
                "timestamp": "2026-11-25T09:00:00Z",
                "level": "error",
                "pid": 31,
                "tid": 32,
                "connection": 7,
                "message": 'open() "/a" failed (2: No such file or directory)',
                "client": "10.0.0.1",
                "server": "shop",
                "request": "GET /a HTTP/1.1",
                "host": "shop.example",
            }
        ],
    ),
    Shown(
        settings={"format": "apache_error"},
        given=[
            {
                "message": "[Wed Nov 25 10:00:00.5 2026] [core:error] [pid 7:tid 8] [client 10.0.0.1:4711] AH00128: no /a"
            }
        ],
        gives=[
            {
                "timestamp": "2026-11-25T10:00:00.5Z",
                "level": "error",
                "module": "core",
                "pid": 7,
                "tid": 8,
                "client": "10.0.0.1:4711",
                "code": "AH00128",
                "message": "no /a",
            }
        ],
    ),
    Shown(
        settings={"format": "klog"},
        given=[
            {
                "message": 'I1025 10:00:00.123456       1 pod.go:9] "Pod updated" pod="kube-system/dns" ready=true'
            }
        ],
        gives=[
            {
                "timestamp": "2026-10-25T10:00:00.123456Z",
                "level": "info",
                "thread": 1,
                "file": "pod.go",
                "line": 9,
                "message": "Pod updated",
                "pod": "kube-system/dns",
                "ready": True,
            }
        ],
    ),
    Shown(
        settings={"format": "docker"},
        given=[{"message": '{"log":"ready\\n","stream":"stdout","time":"2026-11-25T10:00:00.123456789Z"}'}],
        gives=[{"timestamp": "2026-11-25T10:00:00.123456789Z", "stream": "stdout", "message": "ready"}],
    ),
    Shown(
        settings={"format": "cri"},
        given=[
            {"message": "2026-11-25T10:00:00.1Z stderr P a line that the run"},
            {"message": "2026-11-25T10:00:00.2Z stderr F time has cut"},
        ],
        gives=[
            {
                "timestamp": "2026-11-25T10:00:00.1Z",
                "stream": "stderr",
                "message": "a line that the run",
                "partial": True,
            },
            {"timestamp": "2026-11-25T10:00:00.2Z", "stream": "stderr", "message": "time has cut"},
        ],
        note="A line that the runtime cut is marked by `partial`.",
    ),
    Shown(
        settings={
            "format": "timestamp",
            "field": "when",
            "keep": False,
            "time_formats": ["%d/%m/%Y %H:%M:%S"],
            "zone": "+01:00",
        },
        given=[{"timestamp": "2026-11-25T10:00:00Z", "when": "25/11/2026 10:30:00", "message": "paid"}],
        gives=[{"timestamp": "2026-11-25T09:30:00Z", "message": "paid"}],
        note="What was found takes the place of what the event had.",
    ),
    Shown(
        settings={"format": "json", "existing": "keep", "on_failure": "dead_letter"},
        given=[
            {"host": "a", "message": '{"host":"b","level":"info","message":"ready"}'},
            {"message": "{broken"},
        ],
        gives=[{"host": "a", "level": "info", "message": "ready"}],
        note="The second goes to the dead letters. The text's own place is free for what was found in it.",
    ),
)
