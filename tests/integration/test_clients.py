"""Lines of many shapes, from the programs that people send logs with: each arrives once and unchanged."""

import gzip
import json
import logging
import logging.handlers
import os
import random
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.testing.process import DaemonProcess
from penstock.testing.receiver import Receiver
from penstock.testing.waiting import wait_for

pytestmark = pytest.mark.integration

SHAPES = (
    "Mar  7 04:12:51 gate sshd[{n}]: Failed password for invalid user deploy from 198.51.100.7 port 40122 ssh2",
    '<34>1 2026-03-07T04:12:51.003Z gate app {n} ID47 [ex@32473 k="v" path="C:\\\\tmp"] started',
    '203.0.113.9 - - [07/Mar/2026:04:12:51 +0000] "GET /a/b?q=1&n={n} HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11)"',
    "260307 041251 {n} INFO store.Node$Receiver: Received block blk_-4021938471 of size 67108864 from /10.0.0.7",
    "03-07 04:12:51.118  1702  {n} D WindowService: setVisible(true)\tdelta=-3.5e-7",
    "    at com.example.Main$1.run(Main.java:{n})",
    "заказ {n} доставлен — 東京 🚰 naïve café",
    '{{"level":"warn","message":"disk at {n} %","nested":{{"a":[1,2,{{"b":null}}]}},"path":"C:\\\\tmp"}}',
    '{{ "level" : "info" ,  "message" : "spaces {n} stay" }}',
    "{{not json {n}}}",
    "[{n}, 2, 3]",
    "{n}",
    '"quoted {n}"',
    'key={n} flag=true text="a \\"b\\" c" trailing spaces   ',
    "\x1b[31mred {n}\x1b[0m \\u0041 \\n is no newline",
    "long {n} " + "The quick brown fox jumps over the lazy dog. " * 56,
)  # fmt: skip


def made(count: int, shapes: tuple[str, ...] = SHAPES, seed: int = 7) -> list[str]:
    """Lines that no two are alike."""
    choose = random.Random(seed)
    return [choose.choice(shapes).format(n=100_000 + n) for n in range(count)]


def text(lines: list[str], newline: str = "\n") -> bytes:
    return "".join(line + newline for line in lines).encode()


def line_of(event: bytes) -> str:
    """The line from which an event was made."""
    fields = msgspec.json.decode(event)
    return fields["message"] if fields.keys() == {"timestamp", "message"} else event.decode()


class Route:
    """One daemon with every kind of source, and what has arrived from it since the test began."""

    def __init__(self, daemon: DaemonProcess, receiver: Receiver) -> None:
        self.daemon = daemon
        self._receiver = receiver
        self._before = len(receiver.lines())

    def port(self, source: str) -> str:
        return str(self.daemon.tcp(source)[1])

    def socket(self, source: str) -> str:
        return self.daemon.endpoints[source].partition("://")[2]

    def url(self) -> str:
        return self.daemon.endpoints["http"]

    def arrived(self, count: int) -> list[str]:
        """The lines that came, once nothing more is under way."""
        wait_for(lambda: self._receiver.events - self._before >= count, f"{count} events", 20)
        wait_for(lambda: self.daemon.settled("hook"), "all settled")
        assert self.daemon.balanced()
        return [line_of(event) for event in self._receiver.lines()[self._before :]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DaemonProcess, Receiver]]:
    folder = tmp_path_factory.mktemp("clients")
    with Receiver() as receiver:
        config = {
            "sources": {
                "tcp": {"type": "tcp", "listen": "127.0.0.1:0"},
                "counted": {"type": "tcp", "listen": "127.0.0.1:0", "framing": "auto"},
                "udp": {"type": "udp", "listen": "127.0.0.1:0"},
                "unix": {"type": "unix", "path": str(folder / "stream.sock")},
                "unix_datagram": {"type": "unix_datagram", "path": str(folder / "datagram.sock")},
                "http": {"type": "http", "listen": "127.0.0.1:0"},
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
            yield daemon, receiver
            assert daemon.stop() == 0
        finally:
            daemon.end()
            sys.stdout.write(daemon.log_text())


@pytest.fixture
def path(shared: tuple[DaemonProcess, Receiver]) -> Route:
    return Route(*shared)


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# nc and socat


def test_nc_over_tcp(path: Route) -> None:
    lines = made(2000)
    run(tool("nc"), "-q1", "127.0.0.1", path.port("tcp"), stdin=text(lines))
    assert path.arrived(len(lines)) == lines


def test_nc_with_crlf_and_no_last_newline(path: Route) -> None:
    lines = made(500, seed=8)
    run(tool("nc"), "-q1", "127.0.0.1", path.port("tcp"), stdin=text(lines, "\r\n").removesuffix(b"\r\n"))
    assert path.arrived(len(lines)) == lines


def test_nc_over_udp_sends_what_it_reads_as_a_datagram(path: Route) -> None:
    lines = made(40)
    run(tool("nc"), "-u", "-w1", "127.0.0.1", path.port("udp"), stdin=text(lines))
    # nc cuts its input every 16 KiB, wherever that is: only within these do lines stay whole.
    assert "".join(path.arrived(len(lines))) == "".join(lines)


def test_nc_over_a_unix_socket(path: Route) -> None:
    lines = made(1000, seed=9)
    run(tool("nc"), "-q1", "-U", path.socket("unix"), stdin=text(lines))
    assert path.arrived(len(lines)) == lines


@pytest.mark.parametrize("source", ["tcp", "unix"])
def test_socat_stream(path: Route, source: str) -> None:
    target = f"TCP:127.0.0.1:{path.port('tcp')}" if source == "tcp" else f"UNIX-CONNECT:{path.socket('unix')}"
    lines = made(1000, seed=10)
    run(tool("socat"), "-u", "-", target, stdin=text(lines))
    assert path.arrived(len(lines)) == lines


@pytest.mark.parametrize("source", ["udp", "unix_datagram"])
def test_socat_datagram(path: Route, source: str) -> None:
    lines = made(3, seed=11)
    to_udp = f"UDP:127.0.0.1:{path.port('udp')}"
    target = to_udp if source == "udp" else f"UNIX-SENDTO:{path.socket('unix_datagram')}"
    for line in lines:
        run(tool("socat"), "-u", "-", target, stdin=line.encode())
    assert path.arrived(len(lines)) == lines


# curl

OBJECTS = tuple(shape for shape in SHAPES if shape.startswith("{{") and "not json" not in shape)


def post(path: Route, content_type: str, body: bytes, *arguments: str) -> dict[str, Any]:
    answer = run(
        tool("curl"), "-sS", "--fail-with-body", "-H", f"Content-Type: {content_type}",
        *arguments, "--data-binary", "@-", path.url(), stdin=body,
    )  # fmt: skip
    return dict(json.loads(answer))


def test_curl_text(path: Route) -> None:
    lines = made(800)
    assert post(path, "text/plain", text(lines)) == {"accepted": 800}
    assert path.arrived(len(lines)) == lines


def test_curl_ndjson(path: Route) -> None:
    lines = made(800, OBJECTS)
    assert post(path, "application/x-ndjson", text(lines)) == {"accepted": 800}
    assert path.arrived(len(lines)) == lines


def test_curl_json_array(path: Route) -> None:
    lines = made(300, OBJECTS)
    assert post(path, "application/json", f"[{', '.join(lines)}]".encode()) == {"accepted": 300}
    assert path.arrived(len(lines)) == lines


def test_curl_gzip(path: Route) -> None:
    lines = made(800, OBJECTS, seed=12)
    body = gzip.compress(text(lines))
    assert post(path, "application/x-ndjson", body, "-H", "Content-Encoding: gzip") == {"accepted": 800}
    assert path.arrived(len(lines)) == lines


def test_curl_without_saying_what_it_sends(path: Route) -> None:
    run(tool("curl"), "-sS", "--fail-with-body", "-d", '{"message":"as one would try it"}', path.url())
    assert path.arrived(1) == ['{"message":"as one would try it"}']


# logger of util-linux

SYSLOG = re.compile(
    r"<\d+>(?:1 \S+ \S+ \S+ \S+ \S+ (?:\[.*?\]|-) |[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:\S+ )?\S+: )"
)
TEXTS = tuple(
    shape for shape in SHAPES if not shape.startswith(" ")
)  # logger takes the indentation for its own


@pytest.mark.parametrize(
    ("source", "transport"),
    [
        ("tcp", ["-n", "127.0.0.1", "-T", "--rfc5424"]),
        ("tcp", ["-n", "127.0.0.1", "-T", "--rfc3164"]),
        ("counted", ["-n", "127.0.0.1", "-T", "--rfc5424", "--octet-count"]),
        ("counted", ["-n", "127.0.0.1", "-T", "--rfc3164", "--octet-count"]),
        ("counted", ["-n", "127.0.0.1", "-T", "--rfc5424"]),
        ("udp", ["-n", "127.0.0.1", "-d", "--rfc5424"]),
        ("udp", ["-n", "127.0.0.1", "-d", "--rfc3164"]),
        ("unix", ["-T", "--rfc5424"]),
        ("unix_datagram", ["-d", "--rfc5424"]),
        ("unix_datagram", ["-d"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "".join(value[-2:]),
)
def test_logger(path: Route, source: str, transport: list[str]) -> None:
    program = tool("logger")
    if b"util-linux" not in run(program, "--version"):
        pytest.skip("this logger is not that of util-linux")
    lines = made(100, TEXTS, seed=13)
    where = ["-u", path.socket(source)] if source.startswith("unix") else ["-P", path.port(source)]
    run(program, "--size", "4KiB", *where, *transport, stdin=text(lines))
    arrived = path.arrived(len(lines))
    assert all(SYSLOG.match(line) for line in arrived), arrived
    assert [SYSLOG.sub("", line, count=1) for line in arrived] == lines


# Python's logging


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.Logger("client")  # noqa: LOG001 - apart from all others
    yield logger
    for handler in logger.handlers:
        handler.close()


def syslog_handler(path: Route, source: str) -> logging.handlers.SysLogHandler:
    match source:
        case "udp":
            return logging.handlers.SysLogHandler(path.daemon.tcp("udp"))
        case "unix_datagram":
            return logging.handlers.SysLogHandler(path.socket("unix_datagram"))
        case _:
            return logging.handlers.SysLogHandler(path.daemon.tcp("tcp"), socktype=socket.SOCK_STREAM)


@pytest.mark.parametrize("source", ["udp", "unix_datagram", "tcp"])
def test_syslog_handler(path: Route, logger: logging.Logger, source: str) -> None:
    handler = syslog_handler(path, source)
    handler.append_nul = False
    if source == "tcp":  # it frames nothing by itself
        handler.setFormatter(logging.Formatter("%(message)s\n"))
    logger.addHandler(handler)
    lines = made(100, seed=14)
    for line in lines:
        logger.warning("%s", line)
    handler.close()
    assert path.arrived(len(lines)) == [f"<12>{line}" for line in lines]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it closes no connection
def test_http_handler_posts_a_form_which_is_kept_as_text(path: Route, logger: logging.Logger) -> None:
    host, port = path.daemon.tcp("http")
    logger.addHandler(logging.handlers.HTTPHandler(f"{host}:{port}", "/", method="POST"))
    logger.warning("a form")
    (line,) = path.arrived(1)
    assert "msg=a+form" in line


class LineHandler(logging.Handler):
    """What a program needs to log over a socket: one line a record."""

    def __init__(self, connected: socket.socket) -> None:
        super().__init__()
        self._socket = connected

    def emit(self, record: logging.LogRecord) -> None:
        self._socket.sendall(
            json.dumps({"level": record.levelname, "message": record.getMessage()}).encode() + b"\n"
        )

    def close(self) -> None:
        self._socket.close()
        super().close()


def test_a_ten_line_handler(path: Route, logger: logging.Logger) -> None:
    logger.addHandler(LineHandler(socket.create_connection(path.daemon.tcp("tcp"))))
    lines = made(200, seed=15)
    for line in lines:
        logger.error("%s", line)
    logger.handlers[0].close()
    assert [json.loads(line)["message"] for line in path.arrived(len(lines))] == lines


# penstock's own client


@pytest.mark.parametrize("kind", ["tcp", "unix", "http", "udp", "unix-datagram"])
def test_penstock_send(path: Route, tmp_path: Path, kind: str) -> None:
    lines = made(500, seed=16)
    target = {
        "tcp": f"tcp://127.0.0.1:{path.port('tcp')}",
        "udp": f"udp://127.0.0.1:{path.port('udp')}",
        "unix": f"unix://{path.socket('unix')}",
        "unix-datagram": f"unix-datagram://{path.socket('unix_datagram')}",
        "http": path.url(),
    }[kind]
    file = tmp_path / "app.log"
    file.write_bytes(text(lines))
    run(sys.executable, "-m", "penstock", "send", str(file), "--to", target)
    assert path.arrived(len(lines)) == lines


# syslog-ng

SYSLOG_NG = """\
@version: {version}
options {{ flush-lines(100); stats-freq(0); time-reopen(1); }};
source s {{ file("{file}" flags(no-parse) follow-freq(0.1) log-msg-size(65536)); }};
destination d {{ {driver} }};
log {{ source(s); destination(d); flags(flow-control); }};
"""


@pytest.mark.parametrize(
    ("source", "driver"),
    [
        ("tcp", 'network("127.0.0.1" port({port}) transport("tcp") template("$MESSAGE\\n"));'),
        ("counted", 'syslog("127.0.0.1" port({port}) transport("tcp"));'),
    ],
    ids=["newline", "octet-counting"],
)
def test_syslog_ng_forwards(path: Route, tmp_path: Path, source: str, driver: str) -> None:
    program = tool("syslog-ng")
    found = re.search(rb"Config version: (\S+)", run(program, "--version"))
    # Without parsing, syslog-ng still takes white space at the ends of a line for its own.
    lines = [line for line in made(2000, seed=17) if line.strip() == line]
    file = tmp_path / "app.log"
    file.write_bytes(text(lines))
    config = tmp_path / "syslog-ng.conf"
    version = found[1].decode() if found else "3.38"
    config.write_text(
        SYSLOG_NG.format(version=version, file=file, driver=driver.format(port=path.port(source)))
    )
    with (tmp_path / "syslog-ng.log").open("wb") as log:
        forwarder = subprocess.Popen(
            [program, "-F", "--no-caps", "-f", config, "-R", tmp_path / "persist", "-p", tmp_path / "pid",
             "-c", tmp_path / "control"],
            stdout=log, stderr=log, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    try:
        arrived = path.arrived(len(lines))
    finally:
        forwarder.terminate()
        forwarder.wait(20)
        sys.stdout.write((tmp_path / "syslog-ng.log").read_text())
    if source == "counted":
        arrived = [SYSLOG.sub("", line, count=1) for line in arrived]
    assert arrived == lines


# Standard input


def test_stdin_until_its_end(daemon: Callable[..., DaemonProcess], receiver: Receiver) -> None:
    lines = made(5000, seed=18)
    piped = daemon()
    piped.launch("-", stdin=True)
    piped.stdin.write(text(lines).removesuffix(b"\n"))
    piped.stdin.close()
    assert piped.wait() == 0
    assert sorted(line_of(event) for event in receiver.lines()) == sorted(lines)
    (receipt,) = piped.said("receipt")
    assert (receipt["delivered"], receipt["kept"], receipt["lost"]) == (5000, 0, 0)


def test_stdin_without_a_configuration_is_shown_on_the_console(tmp_path: Path) -> None:
    lines = made(500, seed=19)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PENSTOCK")}
    done = subprocess.run(
        [sys.executable, "-m", "penstock", "run", "-"],
        input=text(lines), capture_output=True, timeout=60, check=False, cwd=tmp_path, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert [line_of(event) for event in done.stdout.splitlines()] == lines
