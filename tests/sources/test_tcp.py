import asyncio
import json
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError
from structlog.testing import capture_logs

from penstock.block import Block
from penstock.clock import SystemClock
from penstock.errors import StartError
from penstock.fields import Address
from penstock.sources.base import Source, SourceContext
from penstock.sources.tcp import TcpSettings
from penstock.sources.tls import ListenTls


class Taken:
    end = 0
    written = True

    async def durable(self) -> None: ...


class Events:
    def __init__(self) -> None:
        self.messages: list[str] = []
        self.changed = asyncio.Event()

    def __call__(self, block: Block) -> Taken:
        self.messages += [json.loads(line)["message"] for line in block.lines()]
        self.changed.set()
        return Taken()


def build(listen: str = "127.0.0.1:0", tls: ListenTls | None = None) -> Source:
    settings = TcpSettings(type="tcp", listen=Address.parse(listen), tls=tls)
    return settings.build(SourceContext("app", "host-1", SystemClock()))


def port_of(source: Source) -> int:
    return int(source.endpoint().rpartition(":")[2])


def test_reads_its_configuration() -> None:
    settings = TcpSettings.model_validate(
        {
            "type": "tcp",
            "listen": "127.0.0.1:5170",
            "framing": "auto",
            "idle_timeout": "10m",
            "max_line": "64KiB",
        }
    )
    assert (settings.framing, settings.idle_timeout, settings.max_line) == ("auto", 600.0, 65536)
    with pytest.raises(ValidationError):
        TcpSettings.model_validate({"type": "tcp", "listen": "127.0.0.1:5170", "max_connections": 0})


async def test_a_taken_port_is_said_with_who_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            StartError, match=rf"app: cannot listen at 127\.0\.0\.1:{port}: the port is taken by .*pid"
        ):
            await build(f"127.0.0.1:{port}").start(Events())


async def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(StartError, match="this machine has no such address"):
        await build("203.0.113.7:0").start(Events())


async def test_a_name_is_listened_at_on_each_of_its_addresses_by_one_port() -> None:
    source = build("localhost:0")
    await source.start(Events())
    assert source.endpoint().startswith("tcp://localhost:")
    found = {str(info[4][0]) for info in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)}
    for host in found:
        _, writer = await asyncio.open_connection(host, port_of(source))
        writer.close()
    await source.stop()


@pytest.mark.parametrize(("listen", "warnings"), [("0.0.0.0:0", 1), ("127.0.0.1:0", 0)])
async def test_a_listener_open_to_the_network_is_warned_of(listen: str, warnings: int) -> None:
    source = build(listen)
    with capture_logs() as logs:
        await source.start(Events())
    await source.stop()
    assert sum(entry["log_level"] == "warning" for entry in logs) == warnings


async def test_a_source_can_be_stopped_before_it_is_started_and_twice() -> None:
    source = build()
    await source.stop()
    await source.stop()


async def _send(port: int, context: ssl.SSLContext, line: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="127.0.0.1")
    writer.write(line)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def _issue(authority: trustme.CA, folder: Path, name: str = "server") -> Path:
    file = folder / f"{name}.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(file)
    return file


async def test_lines_over_tls(authority: trustme.CA, tmp_path: Path) -> None:
    certificate = _issue(authority, tmp_path)
    source = build(tls=ListenTls(cert_file=certificate))
    events = Events()
    await source.start(events)
    assert source.endpoint().startswith("tls://")
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    big = b"x" * 300_000
    await _send(port_of(source), trusting, b"hello\n" + big + b"\nlast")
    while len(events.messages) < 3:
        events.changed.clear()
        await asyncio.wait_for(events.changed.wait(), 10)
    assert events.messages == ["hello", big.decode(), "last"]
    await source.stop()


async def test_mutual_tls_takes_only_those_it_knows(authority: trustme.CA, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    source = build(tls=ListenTls(cert_file=_issue(authority, tmp_path), client_ca_file=ca_file))
    events = Events()
    await source.start(events)
    known = ssl.create_default_context()
    authority.configure_trust(known)
    authority.issue_cert("client").configure_cert(known)
    await _send(port_of(source), known, b"known\n")
    await asyncio.wait_for(events.changed.wait(), 10)
    unknown = ssl.create_default_context()
    authority.configure_trust(unknown)
    with suppress(OSError):  # TLS 1.3 tells at the first read, in one way or another
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port_of(source), ssl=unknown, server_hostname="127.0.0.1"
        )
        writer.write(b"unknown\n")
        assert await reader.read() == b""
        writer.close()
    assert events.messages == ["known"]
    await source.stop()
