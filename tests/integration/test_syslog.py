"""What real senders make of a message, in every format they have, and what arrives of it as fields."""

import logging
import logging.handlers
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import trustme

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import wait_for
from tests.integration.forwarders import hand_over, program, rsyslog, syslog_ng

pytestmark = pytest.mark.integration

Event = dict[str, Any]
COUNT: Final = 300
SENT: Final = [
    (
        f'<163>1 2026-10-11T22:14:15.003Z gate shop {n} ID47 [ex@32473 k="v" q="a\\"b\\]"] '
        f"naïve text {n} [not data] <13>"
    ).encode()
    for n in range(COUNT)
]
FIELDS: Final[Event] = {
    "level": "error",
    "facility": "local4",
    "severity": "err",
    "host": "gate",
    "service": "shop",
}
MODERN: Final[Event] = {
    "timestamp": "2026-10-11T22:14:15.003Z",
    "msgid": "ID47",
    "structured_data": {"ex@32473": {"k": "v", "q": 'a"b]'}},
}


class Route:
    """A daemon that takes syslog in every way, and what has come since the test began."""

    def __init__(self, daemon: DaemonProcess, receiver: Receiver, certificates: Path) -> None:
        self.daemon = daemon
        self.certificates = certificates
        self._receiver = receiver
        self._before = len(receiver.lines())

    def port(self, source: str) -> int:
        return int(self.daemon.endpoints[source].rpartition(":")[2])

    def path(self, source: str) -> str:
        return self.daemon.endpoints[source].partition("://")[2]

    def arrived(self, count: int) -> list[Event]:
        """The events, once all are there and nothing more is under way."""
        wait_for(lambda: self._receiver.events - self._before >= count, f"{count} events", 30)
        wait_for(lambda: self.daemon.settled("hook"), "all settled")
        assert self.daemon.balanced()
        events = [msgspec.json.decode(line, type=Event) for line in self._receiver.lines()[self._before :]]
        return [event for event in events if event.get("service") not in ("rsyslogd", "syslog-ng")]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DaemonProcess, Receiver, Path]]:
    folder = tmp_path_factory.mktemp("syslog")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name in ("server", "client"):
        issued = authority.issue_cert("127.0.0.1", common_name="127.0.0.1")
        issued.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
    tls = {
        "cert_file": str(folder / "server.pem"),
        "key_file": str(folder / "server.key"),
        "client_ca_file": str(folder / "ca.pem"),
    }
    with Receiver() as receiver:
        config = {
            "sources": {
                "tcp": {"type": "syslog", "listen": "127.0.0.1:0"},
                "tls": {"type": "syslog", "listen": "127.0.0.1:0", "tls": tls},
                "udp": {"type": "syslog", "protocol": "udp", "listen": "127.0.0.1:0"},
                "unix": {"type": "syslog", "protocol": "unix", "path": str(folder / "stream")},
                "log": {"type": "syslog", "protocol": "unix_datagram", "path": str(folder / "log")},
            },
            "journal": {"path": str(folder / "journal")},
            "destinations": {
                "hook": {"type": "webhook", "url": receiver.url, "batch": {"age": "20ms"}, "ordered": True}
            },
            "admin": {"listen": "127.0.0.1:0"},
        }
        daemon = DaemonProcess(folder, config)
        daemon.start()
        try:
            yield daemon, receiver, folder
            assert daemon.stop() == 0
        finally:
            daemon.end()
            sys.stdout.write(daemon.log_text())


@pytest.fixture
def route(shared: tuple[DaemonProcess, Receiver, Path]) -> Route:
    return Route(*shared)


def check(events: list[Event], expected: Event, *, ordered: bool = True, pid: bool = True) -> None:
    """Each message once, with these fields."""
    texts = [f"naïve text {n} [not data] <13>" for n in range(COUNT)]
    got = [event.pop("message") for event in events]
    assert got == texts if ordered else sorted(got) == sorted(texts)
    if pid:
        order = range(COUNT) if ordered else [int(text.split()[2]) for text in got]
        assert [event.pop("procid") for event in events] == [str(n) for n in order]
    for event in events:
        event["timestamp"] = event["timestamp"].replace("+00:00", "Z")  # syslog-ng writes it so
        event.get("structured_data", {}).pop("meta", None)  # and numbers its messages
        assert {key: event.get(key) for key in expected} == expected, event
        assert "unparsed" not in event


# rsyslog

TLS_RSYSLOG: Final = 'StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="127.0.0.1"'


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("tcp", 'protocol="tcp"'),
        ("tcp", 'protocol="tcp" TCP_Framing="octet-counted"'),
        ("udp", 'protocol="udp"'),
        ("tls", f'protocol="tcp" TCP_Framing="octet-counted" {TLS_RSYSLOG}'),
    ],
    ids=["newline", "counted", "udp", "tls"],
)
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("RSYSLOG_SyslogProtocol23Format", MODERN),
        ("RSYSLOG_ForwardFormat", {"timestamp": "2026-10-11T22:14:15.003Z"}),
        ("RSYSLOG_TraditionalForwardFormat", {}),
    ],
    ids=["23", "forward", "traditional"],
)
def test_rsyslog(
    route: Route, tmp_path: Path, source: str, options: str, template: str, expected: Event
) -> None:
    folder = route.certificates
    settings = "" if source != "tls" else (
        f'DefaultNetstreamDriverCAFile="{folder}/ca.pem" DefaultNetstreamDriverCertFile="{folder}/client.pem" '
        f'DefaultNetstreamDriverKeyFile="{folder}/client.key"'
    )  # fmt: skip
    with rsyslog(tmp_path, route.port(source), template, options, settings) as socket_path:
        hand_over(socket_path, SENT)
        events = route.arrived(COUNT)
    check(events, FIELDS | expected, ordered=source != "udp")


# syslog-ng


@pytest.mark.parametrize(
    ("source", "driver", "expected"),
    [
        ("tcp", 'network("127.0.0.1" port({port}) transport("tcp"));', {}),
        ("tcp", 'network("127.0.0.1" port({port}) transport("tcp") flags(syslog-protocol));', MODERN),
        ("udp", 'network("127.0.0.1" port({port}) transport("udp"));', {}),
        ("tls", 'network("127.0.0.1" port({port}) transport("tls") tls({tls}));', {}),
        ("tcp", 'syslog("127.0.0.1" port({port}) transport("tcp"));', MODERN),
        ("udp", 'syslog("127.0.0.1" port({port}) transport("udp"));', MODERN),
        ("tls", 'syslog("127.0.0.1" port({port}) transport("tls") tls({tls}));', MODERN),
        ("log", 'unix-dgram("{path}" flags(syslog-protocol));', MODERN),
        ("unix", 'unix-stream("{path}");', {}),
    ],
)
def test_syslog_ng(route: Route, tmp_path: Path, source: str, driver: str, expected: Event) -> None:
    folder = route.certificates
    tls = f'ca-file("{folder}/ca.pem") cert-file("{folder}/client.pem") key-file("{folder}/client.key")'
    if source in ("log", "unix"):
        told = driver.format(path=route.path(source))
    else:
        told = driver.format(port=route.port(source), tls=tls)
    with syslog_ng(tmp_path, told) as socket_path:
        hand_over(socket_path, SENT)
        events = route.arrived(COUNT)
    check(events, FIELDS | expected, ordered=source != "udp")


# logger of util-linux

OPTIONS: Final = ["-p", "local4.err", "-t", "shop", "--id=42"]
SD: Final = ["--sd-id", "ex@32473", "--sd-param", 'k="v"', "--msgid", "ID47"]
LOGGED: Final[Event] = {**FIELDS, "procid": "42"} | {"host": socket.gethostname().partition(".")[0]}
LOGGED_MODERN: Final[Event] = {
    **LOGGED, "host": socket.gethostname(), "msgid": "ID47",
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "arguments", "expected"),
    [
        ("tcp", ["-T", "--rfc5424", *SD], LOGGED_MODERN),
        ("tcp", ["-T", "--rfc5424", "--octet-count", *SD], LOGGED_MODERN),
        ("tcp", ["-T", "--rfc3164"], LOGGED),
        ("tcp", ["-T", "--rfc3164", "--octet-count"], LOGGED),
        ("udp", ["-d", "--rfc5424", *SD], LOGGED_MODERN),
        ("udp", ["-d", "--rfc3164"], LOGGED),
        ("unix", ["-T", "--rfc5424", *SD], LOGGED_MODERN),
        ("unix", ["-T"], {key: LOGGED[key] for key in LOGGED if key != "host"}),
        ("log", ["-d", "--rfc5424", *SD], LOGGED_MODERN),
        ("log", [], {key: LOGGED[key] for key in LOGGED if key != "host"}),
    ],
)
def test_logger(route: Route, source: str, arguments: list[str], expected: Event) -> None:
    logger = program("logger")
    told = subprocess.run([logger, "--version"], capture_output=True, check=False, timeout=20).stdout
    if b"util-linux" not in told:
        pytest.skip("this logger is not that of util-linux")
    if source in ("unix", "log"):
        where = ["-u", route.path(source)]
    else:
        where = ["-n", "127.0.0.1", "-P", str(route.port(source))]
    lines = "".join([f"naïve text {n} [not data] <13>\n" for n in range(COUNT)])
    subprocess.run(
        [logger, *OPTIONS, *where, *arguments],
        input=lines.encode(),
        check=True,
        timeout=60,
        capture_output=True,
    )
    events = route.arrived(COUNT)
    check(events, expected, ordered=source != "udp", pid=False)
    if "--sd-id" in arguments:
        assert all(event["structured_data"]["ex@32473"] == {"k": "v"} for event in events)


# Python's handler, which ends each message by a NUL


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("tcp", socket.SOCK_STREAM),
        ("udp", socket.SOCK_DGRAM),
        ("unix", socket.SOCK_STREAM),
        ("log", socket.SOCK_DGRAM),
    ],
)
def test_python(route: Route, source: str, kind: socket.SocketKind) -> None:
    local = source in ("unix", "log")
    handler = logging.handlers.SysLogHandler(
        route.path(source) if local else ("127.0.0.1", route.port(source)), "local4", kind
    )
    handler.setFormatter(logging.Formatter("shop[%(args)s]: naïve text %(args)s [not data] <13>"))
    try:
        for n in range(COUNT):
            record = logging.makeLogRecord({"levelno": logging.ERROR, "levelname": "ERROR", "args": n})
            record.msg = "%s"
            handler.emit(record)
    finally:
        handler.close()
    expected = {key: FIELDS[key] for key in FIELDS if key != "host"}
    check(route.arrived(COUNT), expected, ordered=source != "udp")
