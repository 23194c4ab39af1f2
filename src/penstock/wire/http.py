"""Requests over HTTP/1.1: aiohttp's connections and its parser, without its session.

A session spends 80 to 90 µs of CPU a request on what is always the same here (cookies, redirects,
content types, a task to write with), a third of the whole for a body of 250 KB. What is left out is
only that; looking up names, connecting, TLS, proxies, keeping connections and reading answers is aiohttp.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

import aiohttp
from aiohttp.http_exceptions import BadHttpMessage

from penstock.clock import Clock
from penstock.compression import compress
from penstock.errors import CredentialsError
from penstock.exchange import Answer, Append, Failure, FailureKind, Request, Response, Signer
from penstock.transport import HttpTransport
from penstock.wire.bounded import BoundedHandler
from penstock.wire.failures import SENDING, failure_of
from penstock.wire.nodes import UNSENT, Nodes
from penstock.wire.route import Route, make_route
from penstock.wire.threads import OneThread
from penstock.wire.tls import Tls

_IN_THREAD_FROM: Final = 64 * 1024
"""Bytes from which compressing costs more than the way to a thread and back."""
_KEEPALIVE: Final = 4.0
"""Seconds that an idle connection is kept: less than the 5 of Node.js and uvicorn, so that it is we who
close it, and a request seldom meets a connection that the service is just closing."""
_DNS_TTL: Final = 30
"""Seconds that an address is believed: a failover by DNS is followed, a busy hour asks 120 times."""
_MOST_INTERIM: Final = 64
"""Interim answers (1xx) before the real one; without end they would keep the loop busy."""
_MOST_ROUTES: Final = 64
"""URLs remembered; a destination has one to three."""


class HttpWire:
    """One pool of connections for one destination.

    Its connections, its DNS cache and its waiting are its own, so that no destination can hurt another.
    There is no bound on connections beside the number of requests that delivery has under way.

    A request is sent once. Where the service closed an idle connection just as it was used again, that
    is a `Failure` as well: the service may have taken the request, and only delivery counts attempts.
    """

    def __init__(self, transport: HttpTransport, clock: Clock, name: str) -> None:
        self._transport = transport
        self._clock = clock
        self._tls = Tls(transport.tls, clock, name)
        # `asyncio.timeout` around each request would cost a tenth of it; connecting has a bound of its own.
        connect = min(transport.connect_timeout, transport.timeout)
        self._timeout = aiohttp.ClientTimeout(connect=connect, sock_connect=connect)
        self._connector: aiohttp.TCPConnector | None = None
        self._routes: dict[str, Route] = {}
        self._nodes = Nodes(clock)
        # Credentials may be long in coming, or never come. In the threads that all share, they would keep the names
        # and the compression of other destinations waiting.
        self._signing = OneThread(f"{name}: signing")

    async def send(self, request: Request | Append) -> Answer:
        assert isinstance(request, Request), "a file's text on an HTTP wire"
        headers, body = await self._compress(request)
        if not request.nodes:
            return await self._ask(request, request.url, headers, body)
        answer: Answer
        for url in self._nodes.order(request):
            answer = await self._ask(request, url, headers, body)
            self._nodes.learn(url, answer)
            if not (isinstance(answer, Failure) and answer.kind in UNSENT):
                break
        return answer

    async def close(self) -> None:
        self._signing.close()
        if self._connector is not None:
            await self._connector.close()

    async def _ask(self, request: Request, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            if request.sign is not None:
                headers = {**headers, **await self._sign(request.sign, url, body)}
            route = await self._route(url)
            if isinstance(route, Failure):
                return route
            return await self._exchange(request.method, url, route, headers, body)
        except CredentialsError as exc:
            return Failure(FailureKind.CREDENTIALS, str(exc))
        except SENDING as exc:
            return failure_of(exc)

    async def _sign(self, sign: Signer, url: str, body: bytes) -> Mapping[str, str]:
        if not sign.slow:
            return sign(url, body, self._clock.time())
        try:
            async with asyncio.timeout(self._transport.timeout):
                return await self._signing.run(lambda: sign(url, body, self._clock.time()))
        except TimeoutError as exc:
            raise CredentialsError("no credentials within the time allowed") from exc

    async def _compress(self, request: Request) -> tuple[Mapping[str, str], bytes]:
        """The headers so far, and the exact bytes that are sent."""
        headers, body = request.headers, request.body
        if request.compression != "none" and body:
            if len(body) < _IN_THREAD_FROM:
                body = compress(body, request.compression)
            else:
                loop = asyncio.get_running_loop()
                body = await loop.run_in_executor(None, compress, body, request.compression)
            headers = {**headers, "Content-Encoding": request.compression}
        return headers, body

    async def _route(self, url: str) -> Route | Failure:
        context = True if url.startswith("http:") else await self._tls.context()
        if isinstance(context, Failure):
            return context
        route = self._routes.get(url)
        if route is None or route.ssl is not context:
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            route = self._routes[url] = make_route(
                url,
                context,
                self._transport.tls.server_name,
                use_proxy=self._transport.proxy_from_environment,
            )
        return route

    async def _exchange(
        self, method: str, url: str, route: Route, headers: Mapping[str, str], body: bytes
    ) -> Response:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        connection = await self._connect(route)
        protocol = connection.protocol
        timer: asyncio.TimerHandle | None = None
        try:
            transport = protocol.transport if protocol is not None else None
            if protocol is None or transport is None or transport.is_closing():
                raise aiohttp.ServerDisconnectedError
            assert isinstance(protocol, BoundedHandler), "as the connector was told"
            protocol.begin()
            timer = loop.call_at(begun + self._transport.timeout, protocol.give_up, TimeoutError())
            protocol.set_response_params(skip_payload=method == "HEAD", read_until_eof=True)
            head = route.head(method, headers, len(body))
            # One system call for both; asyncio would go round for ever over an empty piece (Python 3.13). No
            # draining: the body is in memory anyway, and the answer may come before it is out.
            transport.writelines((head, body) if body else (head,))
            message, content = await protocol.read()
            interim = 0
            while 100 <= message.code < 200 and message.code != 101:
                interim += 1
                if interim > _MOST_INTERIM:
                    raise BadHttpMessage("interim answers without end")
                message, content = await protocol.read()
            answer, truncated = await _read(content, self._transport.max_response)
            unsent = transport.get_write_buffer_size()
        except BaseException:
            connection.close()
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if truncated or unsent:
            connection.close()
        else:
            connection.release()
        lower = {name.lower(): text for name, text in message.headers.items()}
        return Response(message.code, lower, answer, truncated, self._clock.time(), url)

    async def _connect(self, route: Route) -> aiohttp.connector.Connection:
        if self._connector is None:
            self._connector = aiohttp.TCPConnector(
                limit=0, ttl_dns_cache=_DNS_TTL, keepalive_timeout=_KEEPALIVE
            )
            # There is no public way to a protocol of one's own.
            self._connector._factory = partial(  # type: ignore[assignment]  # noqa: SLF001 - as said
                BoundedHandler, asyncio.get_running_loop(), self._transport.max_response
            )
        try:
            return await self._connector.connect(route.key, [], self._timeout)
        except TimeoutError as exc:
            raise aiohttp.ConnectionTimeoutError from exc


async def _read(content: aiohttp.StreamReader, limit: int) -> tuple[bytes, bool]:
    """The body up to `limit` bytes, and whether there was more."""
    chunk = await content.readany()
    if content.at_eof() and len(chunk) <= limit:
        return chunk, False
    chunks, size = [chunk], len(chunk)
    while size <= limit and (chunk := await content.readany()):
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)[:limit], size > limit
