import asyncio
import gzip
import io
import socket
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
import structlog
import trustme
from pydantic import ValidationError

from penstock.clock import SystemClock
from penstock.errors import StartError, Unavailable
from penstock.sources.base import Source, SourceContext
from penstock.sources.http import HttpSettings
from penstock.testing import Acceptor

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NDJSON = {"Content-Type": "application/x-ndjson"}
Start = Callable[..., Awaitable[Source]]


@pytest.fixture
async def taken() -> Acceptor:
    return Acceptor()


@pytest.fixture
async def start(taken: Acceptor) -> AsyncIterator[Start]:
    sources: list[Source] = []

    async def begin(**options: Any) -> Source:
        settings = HttpSettings.model_validate({"type": "http", "listen": "127.0.0.1:0", **options})
        source = settings.build(SourceContext("web", "host-1", SystemClock()))
        await source.start(taken)
        sources.append(source)
        return source

    yield begin
    for source in sources:
        await source.stop()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session


async def raw(source: Source, *parts: bytes) -> bytes:
    """What is answered to these very bytes until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(source))
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def port_of(source: Source) -> int:
    return int(source.endpoint().rpartition(":")[2].partition("/")[0])


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # what it looks at tells nobody of its changes
        await asyncio.sleep(0.001)


def request(body: bytes, headers: str = "", path: str = "/") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


async def test_takes_events_and_says_how_many(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start()
    for path in ("", "ingest", "?a=b"):
        async with client.post(
            source.endpoint() + path, data=b'{"a":1}\n{"b":2}\n', headers=NDJSON
        ) as answer:
            assert (answer.status, await answer.json()) == (202, {"accepted": 2})
            assert answer.headers["Server"] == "penstock"
    assert taken.lines() == [b'{"a":1}', b'{"b":2}'] * 3
    assert (source.stats.events, source.stats.bytes, source.stats.connections) == (6, 48, 1)
    assert all(block.source == "web" for block in taken.blocks)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-ndjson", '{"message":"a"}\n{"message":"ü"}'),
        ("application/json", '[{"message":"a"},\n {"message":\n"ü"}]'),
        ("application/json", '{"message":"a"}\n{"message":"ü"}\n'),
        ("application/json", '["a", "ü"]'),
        ("text/plain;charset=UTF-8", "a\r\nü"),
        ("application/x-www-form-urlencoded", "a\nü"),
        (None, '[{"message":"a"},{"message":"ü"}]'),
        (None, "a\nü\n"),
    ],
)
async def test_every_content_type(start: Start, taken: Acceptor, content_type: str | None, body: str) -> None:
    source = await start()
    header = f"Content-Type: {content_type}\r\n" if content_type else ""
    answer = await raw(source, request(body.encode(), header + "Connection: close\r\n"))
    assert b'{"accepted":2}' in answer
    assert [event["message"] for event in taken.events()] == ["a", "ü"]


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstd.compress),
    ],
)
@pytest.mark.parametrize("size", [1, 2000])
async def test_every_coding(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession, *, coding: str, pack: Callable[[bytes], bytes], size: int
) -> None:  # fmt: skip
    source = await start()
    body = b"".join(b'{"n":%d,"k":"%x"}\n' % (n, n**9) for n in range(size))
    headers = {**NDJSON, "Content-Encoding": coding}
    async with client.post(source.endpoint(), data=pack(body), headers=headers) as answer:
        assert (answer.status, await answer.json()) == (202, {"accepted": size})
    assert b"".join(block.data for block in taken.blocks) == body


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, zstd.compress, bytes])
async def test_bodies_over_the_limit_sent_or_inflated_are_413(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession, pack: Callable[[bytes], bytes]
) -> None:
    source = await start(max_body="1MiB")
    coding = {gzip.compress: "gzip", zlib.compress: "deflate", zstd.compress: "zstd"}.get(pack, "identity")
    headers = {**NDJSON, "Content-Encoding": coding}
    async with client.post(source.endpoint(), data=io.BytesIO(pack(b" " * 2**21)), headers=headers) as answer:
        assert answer.status == 413
        assert "1MiB" in (await answer.json())["error"]
    async with client.post(source.endpoint(), data=io.BytesIO(pack(b" " * 2**20)), headers=headers) as answer:
        assert answer.status == 202
    assert taken.blocks == []


async def test_a_body_over_the_limit_without_a_length_is_413(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start(max_body="1MiB")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 2**16

    async with client.post(source.endpoint(), data=chunks(), headers=NDJSON) as answer:
        assert answer.status == 413
    assert taken.blocks == []


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "image/png"}, b"x", 415),
        ({"Content-Type": "text/plain; charset=latin1"}, b"x", 415),
        ({"Content-Encoding": "br"}, b"x", 415),
        ({"Content-Encoding": "gzip, gzip"}, b"x", 415),
        ({"Content-Encoding": "gzip"}, b"no gzip", 400),
        ({"Content-Encoding": "gzip"}, gzip.compress(b"cut" * 5000)[:-5], 400),
        ({"Content-Encoding": "zstd"}, b"", 400),
        ({"Content-Type": "application/json"}, b'[{"a":1}', 400),
    ],
)
async def test_what_cannot_be_read_is_refused(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession, *, headers: dict[str, str], body: bytes, status: int
) -> None:  # fmt: skip
    source = await start()
    async with client.post(source.endpoint(), data=body, headers=headers) as answer:
        assert answer.status == status
        assert list(await answer.json()) == ["error"]
    assert taken.blocks == []


async def test_other_methods_and_paths(start: Start, client: aiohttp.ClientSession) -> None:
    source = await start(paths=["/logs"])
    assert source.endpoint().endswith("/logs")
    async with client.get(source.endpoint()) as answer:
        assert answer.status == 200
        assert f'curl -d \'{{"level":"info","message":"hello"}}\' {source.endpoint()}' in await answer.text()
    async with client.head(source.endpoint()) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    async with client.put(source.endpoint(), data=b"x") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    async with client.post(source.endpoint() + "/more", data=b"x") as answer:
        assert (answer.status, await answer.json()) == (404, {"error": "nothing is here: post to /logs"})


async def test_answers_only_once_the_events_are_durable(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start()
    taken.disk.clear()
    post = asyncio.ensure_future(client.post(source.endpoint(), data=b"{}", headers=NDJSON))  # noqa: TID251  # ends below
    await taken.wait_for(1)
    await asyncio.sleep(0.02)
    assert not post.done()
    taken.disk.set()
    async with await post as answer:
        assert answer.status == 202


async def test_503_where_the_disk_refuses(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start()
    taken.failure = Unavailable("the disk is full", retry_after=7.4)
    async with client.post(source.endpoint(), data=b"{}", headers=NDJSON) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
        assert "the disk is full" in (await answer.json())["error"]


async def test_429_while_paused(start: Start, taken: Acceptor, client: aiohttp.ClientSession) -> None:
    source = await start()
    source.pause()
    assert source.stats.paused
    async with client.post(source.endpoint(), data=b"{}", headers=NDJSON) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert taken.blocks == []
    source.resume()
    async with client.post(source.endpoint(), data=b"{}", headers=NDJSON) as answer:
        assert answer.status == 202


async def test_429_where_too_many_bodies_are_on_their_way(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start(max_pending="100kB")
    one = b'{"text":"%s"}' % (b"x" * 60_000)
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(source))
    whole = request(one, "Content-Type: application/x-ndjson\r\nConnection: close\r\n")
    writer.write(whole[:-1])
    await writer.drain()

    async def status() -> int:
        async with client.post(source.endpoint(), data=one, headers=NDJSON) as answer:
            return answer.status

    while await status() != 429:  # noqa: ASYNC110  # the server tells nobody what it has received
        await asyncio.sleep(0.01)
    writer.write(whole[-1:])
    assert b" 202 " in await reader.readline()
    await reader.read()
    writer.close()
    assert await status() == 202


@pytest.mark.parametrize(
    ("malformed", "status", "answered", "kept"),
    [
        ("keep_good", 400, {"accepted": 2, "rejected_total": 1}, 2),
        ("reject_all", 400, {"accepted": 0, "rejected_total": 3}, 0),
        ("wrap", 202, {"accepted": 3}, 3),
    ],
)
async def test_malformed_parts(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession, *, malformed: str, status: int, answered: dict[str, int], kept: int
) -> None:  # fmt: skip
    source = await start(malformed=malformed)
    taken.disk.clear()
    asyncio.get_running_loop().call_later(0.02, taken.disk.set)
    async with client.post(source.endpoint(), data=b'{"a":1}\n5\n{"b":2}', headers=NDJSON) as answer:
        assert answer.status == status
        body = await answer.json()
    assert taken.disk.is_set() or not kept  # what is kept is durable before it is said
    assert {name: body[name] for name in answered} == answered
    if status == 400:
        assert body["rejected"] == [{"index": 1, "reason": "a JSON number, not an object"}]
    assert len(taken.events()) == kept
    assert source.stats.events == kept
    assert source.stats.discarded == (3 - kept)


async def test_nothing_durable_is_waited_for_where_all_is_malformed(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start()
    async with client.post(source.endpoint(), data=b"x\ny", headers=NDJSON) as answer:
        assert answer.status == 400
        assert "nothing was taken" in (await answer.json())["error"]


async def test_token(start: Start, taken: Acceptor, client: aiohttp.ClientSession) -> None:
    source = await start(auth={"token": "s3cret"})
    for given in (None, "Bearer", "Bearer wrong", "Basic s3cret", "Bearer s3cret2", "Bearer sécret"):
        headers = {"Authorization": given} if given else {}
        async with client.post(source.endpoint(), data=b"{}", headers=headers) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert "s3cret" not in await answer.text()
    assert taken.blocks == []
    async with client.post(
        source.endpoint(), data=b"{}", headers={"Authorization": "bearer s3cret"}
    ) as answer:
        assert answer.status == 202


def test_an_empty_token_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="is empty"):
        HttpSettings.model_validate({"type": "http", "listen": "127.0.0.1:0", "auth": {"token": ""}})


async def test_pages_of_named_origins_may_send(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start(cors={"origins": ["https://app.example"]}, auth={"token": "t"})
    ask = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Private-Network": "true",
    }
    async with client.options(source.endpoint(), headers=ask) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert answer.headers["Access-Control-Allow-Methods"] == "POST"
        assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    for token, status in (("t", 202), ("wrong", 401)):
        headers = {"Origin": "https://app.example", "Authorization": f"Bearer {token}", "Content-Type": "text/plain;charset=UTF-8"}  # fmt: skip
        async with client.post(source.endpoint(), data=b'[{"a":1}]', headers=headers) as answer:
            assert answer.status == status
            assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
            assert answer.headers["Vary"] == "Origin"
    assert taken.lines() == [b'{"a":1}']


async def test_pages_of_other_origins_may_not(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start()
    for method in ("POST", "OPTIONS"):
        async with client.request(method, source.endpoint(), data=b"x", headers={"Origin": "https://evil.example"}) as answer:  # fmt: skip
            assert answer.status == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
    assert taken.blocks == []


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: \xff\r\n", b"200"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nOrigin: \xff\r\nContent-Length: 0\r\n", b"403"),
    ],
)
async def test_headers_that_are_not_text_are_no_accident(start: Start, head: bytes, status: bytes) -> None:
    source = await start()
    answer = await raw(source, head + b"Connection: close\r\n\r\n")
    assert answer.split()[1] == status


async def test_any_origin(start: Start, client: aiohttp.ClientSession) -> None:
    source = await start(cors={"origins": ["*"]})
    async with client.post(source.endpoint(), data=b"x", headers={"Origin": "null"}) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (202, "*")
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_pipelined_requests_are_answered_in_order(start: Start, taken: Acceptor) -> None:
    source = await start()
    posts = [request(b'{"n":1}\n' * n) for n in range(1, 40)]
    answer = await raw(source, b"".join(posts) + request(b"last", "Connection: close\r\n"))
    bodies = [part.partition(b"\r\n")[0] for part in answer.split(b"\r\n\r\n")[1:]]
    accepted = [int(body.partition(b":")[2].partition(b"}")[0]) for body in bodies]
    assert accepted == [*range(1, 40), 1]
    assert len(taken.events()) == sum(range(1, 40)) + 1


async def test_broken_chunks_are_400(start: Start, taken: Acceptor, caplog: pytest.LogCaptureFixture) -> None:
    source = await start()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 400 " in (await raw(source, head + b'4\r\n{"a"\r\nzz\r\n'))[:20]
    assert b" 400 " in (await raw(source, head, b'4\r\n{"a"\r\n', b"zz\r\n"))[:20]
    assert b" 400 " in (await raw(source, b"nonsense\r\n\r\n"))[:20]
    assert taken.blocks == []
    assert caplog.records == []  # a sender must not be able to fill the log


async def test_chunks_make_one_body(start: Start, taken: Acceptor) -> None:
    source = await start()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await raw(source, head, b'3\r\n{"a\r\n', b'4\r\n":1}\r\n', b"0\r\n\r\n")
    assert b'{"accepted":1}' in answer
    assert taken.lines() == [b'{"a":1}']


async def test_a_sender_that_goes_away_in_mid_body_leaves_nothing(start: Start, taken: Acceptor) -> None:
    source = await start()
    whole = request(b'{"a":1}\n{"b":2}\n', "Content-Type: application/x-ndjson\r\n")
    chunked = b'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"a":1}\n\r\n'
    for part in (whole[:-4], chunked):
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(source))
        writer.write(part)
        await until(lambda: source.stats.connections == 1)
        await asyncio.sleep(0.01)
        writer.transport.abort()
        await until(lambda: source.stats.connections == 0)
    assert taken.blocks == []
    assert source.stats.events == 0


async def test_expect_continue_is_answered_before_the_body(start: Start, taken: Acceptor) -> None:
    source = await start(auth={"token": "t"})
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(source))
    head, _, body = request(b"{}", "Expect: 100-continue\r\nAuthorization: Bearer t\r\n").partition(
        b"\r\n\r\n"
    )
    writer.write(head + b"\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert b" 202 " in await reader.readline()
    writer.close()
    head = head.replace(b"Bearer t", b"Bearer x")
    assert (await raw(source, head + b"\r\nConnection: close\r\n\r\n")).startswith(b"HTTP/1.1 401")


async def test_a_body_that_stops_coming_is_408(start: Start, taken: Acceptor) -> None:
    source = await start(idle_timeout="50ms")
    answer = await raw(source, request(b"x" * 100)[:-1])
    assert b" 408 " in answer[:20]
    assert taken.blocks == []


async def test_an_idle_connection_is_closed(start: Start) -> None:
    source = await start(idle_timeout="50ms")
    assert await raw(source) == b""
    assert await raw(source, b"POST / HT") == b""


async def test_connections_beyond_the_limit_are_refused_and_told(start: Start) -> None:
    source = await start(max_connections=1)
    with structlog.testing.capture_logs() as logs:
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(source))
        await until(lambda: source.stats.connections == 1)
        for _ in range(3):
            answer = await raw(source)
            assert answer.startswith(b"HTTP/1.1 503")
            assert answer.endswith(b'\r\n\r\n{"error":"too many connections"}\n')
        writer.close()
        await until(lambda: source.stats.connections == 0)
    assert source.stats.connections_refused == 3
    assert [entry["event"] for entry in logs] == ["connections refused", "connections taken again"]


async def test_stop_finishes_what_is_under_way(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start()
    taken.disk.clear()
    post = asyncio.ensure_future(client.post(source.endpoint(), data=b"{}", headers=NDJSON))  # noqa: TID251  # ends below
    await taken.wait_for(1)
    stop = asyncio.ensure_future(source.stop())  # noqa: TID251  # ends below
    await asyncio.sleep(0.02)
    assert not stop.done()
    taken.disk.set()
    async with await post as answer:
        assert answer.status == 202
    await stop
    await source.ended()
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.post(source.endpoint(), data=b"{}")


async def test_stop_does_not_wait_for_a_body_for_ever(start: Start, taken: Acceptor) -> None:
    source = await start(stop_timeout="30ms")
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(source))
    writer.write(request(b"x" * 100)[:-1])
    await until(lambda: source.stats.connections == 1)
    await asyncio.sleep(0.01)
    await source.stop()
    assert await reader.read() == b""
    writer.close()
    assert taken.blocks == []


async def test_tls(start: Start, taken: Acceptor, client: aiohttp.ClientSession, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    source = await start(tls={"cert_file": str(tmp_path / "server.pem")})
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    assert source.endpoint().startswith("https://127.0.0.1:")
    async with client.post(source.endpoint(), data=b"{}", ssl=trust) as answer:
        assert answer.status == 202


async def test_a_taken_port_is_told(start: Start) -> None:
    source = await start()
    with pytest.raises(StartError, match="taken"):
        await start(listen=f"127.0.0.1:{port_of(source)}")


async def test_warns_where_anybody_may_send(start: Start) -> None:
    for options, warnings in (
        ({"listen": "0.0.0.0:0"}, ["open to the network without TLS", "open to the network without a token"]),
        ({"listen": "0.0.0.0:0", "auth": {"token": "t"}}, ["open to the network without TLS"]),
        ({}, []),
    ):
        with structlog.testing.capture_logs() as logs:
            await start(**options)
        assert [entry["event"] for entry in logs] == warnings


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
async def test_ipv6(start: Start, client: aiohttp.ClientSession) -> None:
    source = await start(listen="[::1]:0")
    async with client.post(source.endpoint(), data=b"{}") as answer:
        assert (answer.status, source.endpoint()[:13]) == (202, "http://[::1]:")


async def test_fields_are_added_by_option(
    start: Start, taken: Acceptor, client: aiohttp.ClientSession
) -> None:
    source = await start(add_host=True, add_source=True)
    async with client.post(source.endpoint(), data=b'{"a":1}') as answer:
        assert msgspec.json.decode(await answer.read()) == {"accepted": 1}
    assert taken.events() == [{"host": "host-1", "source": "web", "a": 1}]
