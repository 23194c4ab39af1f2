"""Each kind of target against a real socket."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from penstock.cli.targets import connect, trust
from penstock.clock import SystemClock
from penstock.errors import PenstockError, Unavailable
from penstock.sources.base import SourceContext
from penstock.sources.tcp import TcpSettings
from penstock.sources.unix_datagram import UnixDatagramSettings
from penstock.testing.acceptor import Acceptor
from penstock.testing.clock import ManualClock

Serve = Callable[..., Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """An HTTP source that answers from a list."""
    runners: list[web.AppRunner] = []

    async def serve(answers: list[web.Response], seen: list[tuple[str, str, bytes]]) -> str:
        async def take(request: web.Request) -> web.Response:
            headers = request.headers
            seen.append((headers["Content-Type"], headers.get("Authorization", ""), await request.read()))
            return answers.pop(0)

        app = web.Application()
        app.router.add_post("/", take)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/"

    yield serve
    for runner in runners:
        await runner.cleanup()


async def test_http_is_confirmed_line_by_line(serve: Serve) -> None:
    seen: list[tuple[str, str, bytes]] = []
    url = await serve([web.json_response({"accepted": 2}, status=202) for _ in range(2)], seen)
    target = await connect(url, "secret", SystemClock())
    await target.send(b"plain\nlines\n")
    await target.send(b'{"a":1}\n')
    await target.close()
    assert target.accepted == 3
    assert seen == [
        ("text/plain", "Bearer secret", b"plain\nlines\n"),
        ("application/x-ndjson", "Bearer secret", b'{"a":1}\n'),
    ]


async def test_http_waits_while_the_daemon_is_busy(serve: Serve) -> None:
    seen: list[tuple[str, str, bytes]] = []
    busy = [web.Response(status=429, headers={"Retry-After": "7"}), web.Response(status=503)]
    url = await serve([*busy, web.Response(status=202)], seen)
    clock = ManualClock()
    target = await connect(url, "", clock)
    sending = asyncio.ensure_future(target.send(b"x\n"))  # noqa: TID251 - the test is its owner and its end
    while not sending.done():
        await asyncio.sleep(0.001)
        await clock.advance(1.0)
    await sending
    await target.close()
    assert (len(seen), target.accepted) == (3, 1)


async def test_http_gives_up_on_a_daemon_that_stays_busy(serve: Serve) -> None:
    url = await serve([web.Response(status=429, headers={"Retry-After": "100"})], [])
    target = await connect(url, "", ManualClock())
    with pytest.raises(Unavailable, match="stays too busy"):
        await target.send(b"x\n")
    await target.close()


async def test_http_tells_a_refusal(serve: Serve) -> None:
    url = await serve([web.Response(status=401, text="no\ntoken")], [])
    target = await connect(url, "", SystemClock())
    with pytest.raises(PenstockError, match="answers 401: no token"):
        await target.send(b"x\n")
    await target.close()
    assert target.accepted == 0


async def test_unix_stream(tmp_path: Path) -> None:
    taken: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_unix_server(take, tmp_path / "s")
    target = await connect(f"unix://{tmp_path}/s", "", SystemClock())
    await target.send(b"a\nb\n")
    await target.finish()
    assert taken.result() == b"a\nb\n"
    await target.close()
    server.close()
    await server.wait_closed()


async def test_a_connection_that_is_not_wanted_is_told(tmp_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"penstock: closed: 1 connections are open, and no more are allowed\n")
        writer.close()

    server = await asyncio.start_unix_server(refuse, tmp_path / "s")
    target = await connect(f"unix://{tmp_path}/s", "", SystemClock())
    await target.send(b"a\n")
    with pytest.raises(Unavailable, match=r"s: closed: 1 connections are open, and no more are allowed$"):
        await target.finish()
    await target.close()
    server.close()
    await server.wait_closed()


async def test_a_connection_that_breaks_at_the_end_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = await connect(f"tcp://127.0.0.1:{server.getsockname()[1]}", "", SystemClock())
        await target.send(b"a\n")
        connection, _ = server.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()  # with a reset
        with pytest.raises(Unavailable, match="the connection broke"):
            await target.finish()
        await target.close()


async def test_what_a_source_over_tls_shows_is_a_target(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    authority.issue_cert("client").private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    tls = {"cert_file": str(tmp_path / "server.pem"), "client_ca_file": str(tmp_path / "ca.pem")}
    settings = TcpSettings.model_validate({"type": "tcp", "listen": "127.0.0.1:0", "tls": tls})
    source, events = settings.build(SourceContext("app", "host", SystemClock())), Acceptor()
    await source.start(events)
    with pytest.raises(Unavailable, match=r"no TLS: .* --ca names a certificate to believe"):
        await connect(source.endpoint(), "", SystemClock())
    target = await connect(
        source.endpoint(), "", SystemClock(), trust(tmp_path / "ca.pem", tmp_path / "client.pem")
    )
    await target.send(b"one\ntwo\n")
    await target.finish()
    await target.close()
    await source.stop()
    assert [event["message"] for event in events.events()] == ["one", "two"]


def test_what_cannot_be_trusted_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(PenstockError, match=r"no\.pem: .*PEM"):
        trust(tmp_path / "no.pem", None)
    with pytest.raises(PenstockError, match=r"none\.pem: No such file"):
        trust(None, tmp_path / "none.pem")


@pytest.mark.parametrize("kind", ["udp", "unix-datagram", "unixgram"])
async def test_a_datagram_a_line(kind: str, tmp_path: Path) -> None:
    family = socket.AF_INET if kind == "udp" else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_DGRAM) as sink:
        sink.settimeout(5)
        sink.bind(("127.0.0.1", 0) if kind == "udp" else str(tmp_path / "s"))
        where = f"127.0.0.1:{sink.getsockname()[1]}" if kind == "udp" else f"{tmp_path}/s"
        target = await connect(f"{kind}://{where}", "", SystemClock())
        await target.send(b"one\n\ntwo\n")
        with pytest.raises(PenstockError, match="a line of 3000000 bytes fits into no datagram"):
            await target.send(b"x" * 3_000_000 + b"\n")
        await target.close()
        assert [sink.recv(100), sink.recv(100)] == [b"one", b"two"]


async def test_what_a_source_of_datagrams_shows_is_a_target(tmp_path: Path) -> None:
    settings = UnixDatagramSettings.model_validate({"type": "unix_datagram", "path": str(tmp_path / "s")})
    shown = settings.build(SourceContext("log", "host", SystemClock())).endpoint()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sink:
        sink.settimeout(5)
        sink.bind(str(tmp_path / "s"))
        target = await connect(shown, "", SystemClock())
        await target.send(b"one\n")
        await target.close()
        assert sink.recv(100) == b"one"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://x", "is no target"),
        ("nothing", "is no target"),
        ("http:///x", "is no target"),
        ("tcp://host", "names no port"),
        ("tls://host", "names no port"),
        ("udp://host:port", "names no port"),
        ("unix://", "names no path"),
    ],
)
async def test_what_is_no_target(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        await connect(url, "", SystemClock())


@pytest.mark.parametrize("kind", ["unix", "unix-datagram"])
async def test_nobody_there(kind: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no such file or directory; does the daemon run"):
        await connect(f"{kind}://{tmp_path}/none", "", SystemClock())
