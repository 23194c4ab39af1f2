import asyncio
import gzip
import hashlib
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from penstock.compression import zstd
from penstock.errors import CredentialsError
from penstock.exchange import Answer, Failure, FailureKind, Request, Response
from penstock.testing import ManualClock
from penstock.transport import HttpTransport
from penstock.wire.http import HttpWire

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Talk], AbstractAsyncContextManager[str]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REFUSED = "http://127.0.0.1:1/"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Digest:
    """Signs with a digest of the body; remembers which URLs, and in which threads."""

    def __init__(self, *, slow: bool = False, ready: bool = True) -> None:
        self.slow = slow
        self.ready = ready
        self.calls: list[tuple[str, bool]] = []

    def __call__(self, url: str, body: bytes, time: float) -> dict[str, str]:
        self.calls.append((url, threading.current_thread() is threading.main_thread()))
        if not self.ready:
            raise CredentialsError("no credentials anywhere")
        return {"X-Sign": hashlib.sha256(body).hexdigest(), "X-Time": f"{time:.0f}"}


@asynccontextmanager
async def app(handler: Handler) -> AsyncIterator[str]:
    application = web.Application(client_max_size=2**30)
    application.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(application) as server:
        yield str(server.make_url("/"))


@asynccontextmanager
async def wire_of(transport: HttpTransport | None = None) -> AsyncIterator[HttpWire]:
    wire = HttpWire(transport or HttpTransport(), ManualClock(), "w")
    try:
        yield wire
    finally:
        await wire.close()


async def send(request: Request, transport: HttpTransport | None = None) -> Answer:
    async with wire_of(transport) as wire:
        return await wire.send(request)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head + await reader.readexactly(length)


def failure(answer: Answer) -> Failure:
    assert isinstance(answer, Failure), answer
    return answer


def response(answer: Answer) -> Response:
    assert isinstance(answer, Response), answer
    return answer


@pytest.mark.parametrize("status", [200, 202, 204, 301, 307, 400, 401, 413, 429, 500, 503, 599])
async def test_any_status_is_an_answer(status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "7", "Location": "/elsewhere"})

    async with app(handler) as url:
        answer = response(await send(Request("POST", url, body=b"{}\n")))
    assert answer.status == status
    assert answer.headers["retry-after"] == "7"


async def test_a_redirect_is_not_followed() -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=302, headers={"Location": "/stolen"})

    async with app(handler) as url:
        answer = response(await send(Request("POST", url + "in", {"Authorization": "x"}, b"a")))
    assert (answer.status, paths) == (302, ["/in"])


async def test_method_headers_and_body_arrive_as_they_are() -> None:
    seen: list[tuple[str, str, dict[str, str], bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        seen.append(
            (request.method, request.raw_path, {k.lower(): v for k, v in request.headers.items()}, body)
        )
        return web.Response(text="fine")

    async with app(handler) as url, wire_of() as wire:
        answer = response(await wire.send(Request("PUT", url + "a%2Fb?q=1", {"X-Key": "v"}, b"body\n")))
        await wire.send(Request("GET", url))
    assert answer.body == b"fine"
    method, path, headers, body = seen[0]
    assert (method, path, body) == ("PUT", "/a%2Fb?q=1", b"body\n")
    assert headers["x-key"] == "v"
    assert headers["content-length"] == "5"
    assert headers["user-agent"].startswith("penstock/")
    assert headers["accept-encoding"] == "identity"
    assert "transfer-encoding" not in headers
    assert seen[1][0] == "GET"


async def test_what_says_where_a_request_ends_is_ours_and_the_rest_is_the_destinations(serve: Serve) -> None:
    heads: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append((await read_request(reader)).partition(b"\r\n\r\n")[0].decode().lower())
            writer.write(OK)

    headers = {
        "host": "other.example",
        "USER-AGENT": "mine",
        "content-length": "9",
        "Transfer-Encoding": "chunked",
    }
    async with serve(talk) as url, wire_of() as wire:
        await wire.send(Request("POST", url + "#part", headers, b"abc"))
        await wire.send(Request("POST", url.replace("//", "//user:pass@"), body=b""))
        await wire.send(Request("GET", url + "größe?q=ü", {"X-Text": "ü"}))
    lines = [head.split("\r\n") for head in heads]
    assert lines[0][0] == "post / http/1.1"
    assert sorted(lines[0][1:]) == [
        "accept-encoding: identity",
        "accept: */*",
        "content-length: 3",
        "host: other.example",
        "user-agent: mine",
    ]
    assert "authorization: basic dxnlcjpwyxnz" in lines[1]
    assert "content-length: 0" in lines[1]
    assert lines[2][0] == "get /gr%c3%b6%c3%9fe?q=%c3%bc http/1.1"
    assert "x-text: ü" in lines[2]
    assert not any(line.startswith("content-length") for line in lines[2])


async def test_interim_answers_are_passed_over(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK)
        await reader.read()

    async with serve(talk) as url:
        assert response(await send(Request("POST", url, body=b"a"))).body == b"{}"


async def test_interim_answers_without_end_are_no_answer(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
            await writer.drain()

    async with serve(talk) as url:
        assert failure(await send(Request("POST", url, body=b"a"))).kind == FailureKind.PROTOCOL


async def test_an_answer_to_head_has_no_body_and_the_connection_is_kept(serve: Serve) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")

    async with serve(talk) as url, wire_of() as wire:
        for _ in range(2):
            assert response(await wire.send(Request("HEAD", url))).body == b""
    assert connections == 1


@pytest.mark.parametrize("last", [b"Connection: close\r\n", b""])
async def test_an_answer_may_end_with_its_connection(serve: Serve, last: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n" + last + b"\r\nall of it")
        await writer.drain()

    async with serve(talk) as url, wire_of() as wire:
        for _ in range(2):
            assert response(await wire.send(Request("POST", url, body=b"a"))).body == b"all of it"


async def test_many_requests_at_a_time_keep_their_answers_apart() -> None:
    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(len(body) % 7 / 1000)
        return web.Response(body=body)

    async with app(handler) as url, wire_of() as wire:
        bodies = [b"%d" % number * (number + 1) for number in range(200)]
        answers = await asyncio.gather(*[wire.send(Request("POST", url, body=body)) for body in bodies])
    assert [response(answer).body for answer in answers] == bodies


async def test_requests_share_a_connection(serve: Serve) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await read_request(reader)
            writer.write(OK)

    async with serve(talk) as url, wire_of() as wire:
        for _ in range(5):
            response(await wire.send(Request("POST", url, body=b"x")))
    assert connections == 1


@pytest.mark.parametrize("size", [0, 1, 70_000, 5 * 2**20])
async def test_bodies_of_any_size_go_out_whole_and_without_a_warning(size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    digests: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        digests.append(hashlib.sha256(await request.read()).hexdigest())
        return web.Response()

    async with app(handler) as url:
        response(await send(Request("POST", url, body=body)))
    assert digests == [hashlib.sha256(body).hexdigest()]


@pytest.mark.parametrize("size", [10, 300_000])
@pytest.mark.parametrize("how", ["gzip", "zstd"])
async def test_the_signer_sees_the_very_bytes_that_are_sent(how: str, size: int) -> None:
    clock = ManualClock()
    plain = b'{"n":1}\n' * (size // 8 + 1)
    got: list[tuple[dict[str, str], bytes]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, _, body = (await read_request(reader)).partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")[1:]
            got.append(({k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}, body))
            writer.write(OK)

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    wire = HttpWire(HttpTransport(), clock, "w")
    request = Request(
        "POST", url, {"Content-Type": "x"}, plain, "gzip" if how == "gzip" else "zstd", Digest()
    )
    response(await wire.send(request))
    await clock.advance(60)
    response(await wire.send(request))
    await wire.close()
    server.close()
    for headers, body in got:
        assert headers["content-encoding"] == how
        assert headers["x-sign"] == hashlib.sha256(body).hexdigest()
        assert (gzip.decompress(body) if how == "gzip" else zstd.decompress(body)) == plain
    assert got[0][1] == got[1][1], "a retry is the same to the last byte"
    assert int(got[1][0]["x-time"]) == int(got[0][0]["x-time"]) + 60


async def test_a_slow_signer_works_in_a_thread() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["X-Sign"])

    sign = Digest(slow=True)
    async with app(handler) as url:
        answer = response(await send(Request("POST", url, body=b"a", sign=sign)))
    assert answer.body.decode() == hashlib.sha256(b"a").hexdigest()
    assert sign.calls == [(url, False)]


async def test_credentials_that_do_not_come_keep_nobody_else_waiting() -> None:
    never = threading.Event()

    class Stuck(Digest):
        def __call__(self, url: str, body: bytes, time: float) -> dict[str, str]:
            never.wait()
            return super().__call__(url, body, time)

    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    stuck, large = Stuck(slow=True), bytes(100_000)
    try:
        async with app(handler) as url, wire_of(HttpTransport(timeout=0.2)) as shut, wire_of() as other:
            waiting = [shut.send(Request("POST", url, sign=stuck)) for _ in range(50)]
            fine = other.send(Request("POST", url, body=large, compression="gzip", sign=Digest(slow=True)))
            *answers, answer = await asyncio.gather(*waiting, fine)
    finally:
        never.set()
    assert response(answer).status == 200
    assert {failure(answer) for answer in answers} == {
        Failure(FailureKind.CREDENTIALS, "no credentials within the time allowed")
    }
    assert len(stuck.calls) <= 1, "what nobody waits for any more is not signed"


async def test_nothing_is_sent_without_credentials() -> None:
    answer = failure(await send(Request("POST", REFUSED, sign=Digest(ready=False))))
    assert (answer.kind, answer.detail) == (FailureKind.CREDENTIALS, "no credentials anywhere")


async def test_another_node_is_asked_at_once_where_one_is_not_to_be_reached() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    sign = Digest()
    async with app(handler) as url, wire_of() as wire:
        request = Request("POST", REFUSED + "in", nodes=(url + "in",), body=b"a", sign=sign)
        answers = [response(await wire.send(request)) for _ in range(2)]
    assert [answer.url for answer in answers] == [url + "in"] * 2
    assert [asked for asked, _ in sign.calls] == [REFUSED + "in", url + "in", url + "in"]


async def test_no_node_is_asked_where_the_first_may_have_taken_it(serve: Serve) -> None:
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))
        writer.close()

    async with serve(talk) as first, serve(talk) as other, wire_of() as wire:
        answer = failure(await wire.send(Request("POST", first, nodes=(other,), body=b"a")))
        assert (answer.kind, len(asked)) == (FailureKind.RESET, 1)
        await wire.send(Request("POST", first, nodes=(other,), body=b"b"))
    assert other.split("/")[2].encode() in asked[1]  # the next attempt goes elsewhere


async def test_an_answer_says_when_it_came() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    async with app(handler) as url:
        answer = response(await send(Request("POST", url)))
    assert answer.received == ManualClock().time()


@pytest.mark.parametrize("size", [99, 100, 101, 1000, 3_000_000])
async def test_an_answer_is_read_up_to_its_bound(size: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * size)

    async with app(handler) as url, wire_of(HttpTransport(max_response=100)) as wire:
        for _ in range(2):
            answer = response(await wire.send(Request("POST", url, body=b"a")))
            assert answer.body == b"x" * min(size, 100)
            assert answer.truncated == (size > 100)


async def test_an_endless_answer_costs_no_more_than_its_bound(serve: Serve) -> None:
    gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"1000\r\n" + b"y" * 4096 + b"\r\n")
                await writer.drain()
        finally:
            gone.set()

    async with serve(talk) as url, wire_of(HttpTransport(max_response=10_000)) as wire:
        answer = response(await wire.send(Request("POST", url, body=b"a")))
        await asyncio.wait_for(gone.wait(), 5)
    assert (len(answer.body), answer.truncated) == (10_000, True)


async def test_an_answer_that_is_compressed_all_the_same_is_understood() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b'{"took":1}'), headers={"Content-Encoding": "gzip"})

    async with app(handler) as url:
        assert response(await send(Request("POST", url, body=b"a"))).body == b'{"took":1}'


async def test_an_answer_that_inflates_without_end_is_cut() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"\0" * 50_000_000), headers={"Content-Encoding": "gzip"})

    async with app(handler) as url:
        answer = response(await send(Request("POST", url, body=b"a"), HttpTransport(max_response=100_000)))
    assert (len(answer.body), answer.truncated) == (100_000, True)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"", FailureKind.RESET),
        (b"HTTP/1.1 200 OK\r\nContent-Le", FailureKind.RESET),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", FailureKind.RESET),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", FailureKind.RESET),
        (b"SSH-2.0-OpenSSH_9.2\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", FailureKind.PROTOCOL),
    ],
)
async def test_an_answer_that_breaks_off_is_a_failure(serve: Serve, reply: bytes, kind: FailureKind) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(reply)
        await writer.drain()

    async with serve(talk) as url:
        answer = failure(await send(Request("POST", url + "?key=s3cret", body=b"a")))
    assert answer.kind is kind
    assert "s3cret" not in answer.detail


async def test_a_broken_compression_of_the_answer_is_a_failure() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})

    async with app(handler) as url:
        assert isinstance(await send(Request("POST", url, body=b"a")), Failure)


@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
async def test_a_request_is_sent_once_even_where_the_kept_connection_is_gone(
    serve: Serve, method: str
) -> None:
    requests = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await read_request(reader)
        requests += 1
        writer.write(OK)
        await read_request(reader)
        requests += 1

    async with serve(talk) as url, wire_of() as wire:
        request = Request(method, url, body=b"" if method == "GET" else b"a")
        response(await wire.send(request))
        answer = failure(await wire.send(request))
    assert answer.kind is FailureKind.RESET
    assert requests == 2


async def test_a_reset_while_the_body_goes_out_is_a_failure(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.transport.abort()

    async with serve(talk) as url:
        answer = failure(await send(Request("POST", url + "?key=s3cret", body=b"a" * 20_000_000)))
    assert answer.kind is FailureKind.RESET
    assert "s3cret" not in answer.detail


async def test_an_early_answer_while_the_body_still_goes_out_is_the_answer(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with serve(talk) as url:
        answer = await send(Request("POST", url, body=b"a" * 20_000_000))
    assert response(answer).status == 413


async def test_a_silent_service_is_a_timeout(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve(talk) as url:
        answer = failure(
            await send(Request("POST", url + "?key=s3cret", body=b"a"), HttpTransport(timeout=0.05))
        )
    assert answer.kind is FailureKind.TIMEOUT
    assert "s3cret" not in answer.detail


async def test_an_answer_that_comes_in_drops_is_a_timeout(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b".")
            await asyncio.sleep(0.005)

    async with serve(talk) as url:
        answer = failure(await send(Request("POST", url, body=b"a"), HttpTransport(timeout=0.05)))
    assert answer.kind is FailureKind.TIMEOUT


async def test_a_service_that_takes_no_connection_is_a_connect_timeout() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        request = Request("POST", f"http://127.0.0.1:{port}/?key=s3cret", body=b"a")
        answer = failure(await send(request, HttpTransport(connect_timeout=0.05)))
        for filler in fillers:
            filler.close()
    assert answer.kind is FailureKind.CONNECT_TIMEOUT
    assert "s3cret" not in answer.detail


async def test_nobody_listening_is_refused() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = failure(await send(Request("POST", f"http://user:s3cret@127.0.0.1:{port}/?k=s3cret", body=b"a")))
    assert answer == Failure(FailureKind.REFUSED, f"127.0.0.1:{port}: Connection refused")


async def test_a_name_that_nobody_knows_is_a_dns_failure() -> None:
    answer = failure(await send(Request("POST", "http://no-such-name.invalid/?k=s3cret", body=b"a")))
    assert answer.kind is FailureKind.DNS
    assert answer.detail.startswith("no-such-name.invalid: ")
    assert "s3cret" not in answer.detail


@pytest.mark.parametrize("url", ["http:///path", "http://[::1/", "ftp://x/y", "x", "https://:443/"])
async def test_an_impossible_url_is_a_failure(url: str) -> None:
    assert failure(await send(Request("POST", url, body=b"a"))).kind is FailureKind.PROTOCOL


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", {"X-Token": "s3cret\r\nX: y"}), ("POST / HTTP/1.1\r\nX: s3cret\r\nY:", {})],
)
async def test_what_cannot_be_written_is_a_failure_that_does_not_quote_it(
    serve: Serve, method: str, headers: dict[str, str]
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serve(talk) as url:
        answer = failure(await send(Request(method, url, headers, b"a")))
    assert answer == Failure(FailureKind.PROTOCOL, "the request cannot be written as HTTP")


async def test_cancelling_drops_the_connection_and_the_wire_goes_on(serve: Serve) -> None:
    waiting = asyncio.Event()
    closed = asyncio.Event()
    stuck = True

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            if not stuck:
                writer.write(OK)
                continue
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
            waiting.set()
            await reader.read()
            closed.set()

    async with serve(talk) as url, wire_of() as wire:
        sending = asyncio.get_running_loop().create_task(wire.send(Request("POST", url, body=b"a")))
        await waiting.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.wait_for(closed.wait(), 5)
        stuck = False
        assert response(await wire.send(Request("POST", url, body=b"a"))).status == 200


async def test_the_proxy_of_the_environment_is_used_by_option_only(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await read_request(reader))
            writer.write(OK)

    async with serve(talk) as proxy, serve(talk) as direct:
        monkeypatch.setenv("http_proxy", proxy.replace("//", "//user:pass@"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        await send(
            Request("POST", "http://far.example/in", body=b"a"), HttpTransport(proxy_from_environment=True)
        )
        await send(Request("POST", direct, body=b"a"), HttpTransport(proxy_from_environment=True))
        monkeypatch.delenv("no_proxy")
        await send(Request("POST", direct, body=b"a"))
    assert heads[0].startswith(b"POST http://far.example/in HTTP/1.1\r\n")
    assert b"proxy-authorization: basic dxnlcjpwyxnz" in heads[0].lower()
    assert heads[1].startswith(b"POST / HTTP/1.1\r\n")
    assert heads[2].startswith(b"POST / HTTP/1.1\r\n")


async def test_a_proxy_that_is_not_there_or_will_not_is_refused(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    request = Request("POST", "https://far.example/in?k=s3cret", body=b"a")
    transport = HttpTransport(proxy_from_environment=True)
    async with serve(talk) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        assert await send(request, transport) == Failure(FailureKind.REFUSED, "the proxy answered 407")
    monkeypatch.setenv("https_proxy", proxy.replace("//", "//user:s3cret@"))
    gone = failure(await send(request, transport))
    assert gone.kind is FailureKind.REFUSED
    assert gone.detail.startswith("proxy 127.0.0.1:")
    assert "s3cret" not in gone.detail


async def test_closing_ends_what_is_under_way_with_a_failure(serve: Serve) -> None:
    waiting = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        waiting.set()
        await reader.read()

    async with serve(talk) as url, wire_of() as wire:
        sending = asyncio.get_running_loop().create_task(wire.send(Request("POST", url, body=b"a")))
        await waiting.wait()
        await wire.close()
        assert failure(await sending).kind is FailureKind.RESET
