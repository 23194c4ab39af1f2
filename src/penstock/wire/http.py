"""Requests over HTTP/1.1, by aiohttp."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext
from typing import Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from penstock import __version__
from penstock.clock import Clock
from penstock.compression import compress
from penstock.exchange import Answer, Append, Failure, Request, Response
from penstock.transport import HttpTransport
from penstock.wire.failures import SENDING, failure_of
from penstock.wire.tls import Tls

_IN_THREAD_FROM: Final = 64 * 1024
"""Bytes from which compressing costs more than the way to a thread and back."""
_KEEPALIVE: Final = 4.0
"""Seconds that an idle connection is kept: less than the 5 of Node.js and uvicorn, so that it is we who
close it, and a request seldom meets a connection that the service is just closing."""
_DNS_TTL: Final = 30
"""Seconds that an address is believed: a failover by DNS is followed, a busy hour asks 120 times."""
_HEADERS: Final = {
    "User-Agent": f"penstock/{__version__}",
    "Accept": "*/*",
    # Answers are small; what a service compresses all the same is understood.
    "Accept-Encoding": "identity",
}


class HttpWire:
    """One session for one destination.

    Its connections, its DNS cache and its waiting are its own, so that no destination can hurt another.
    There is no bound on connections beside the number of requests that delivery has under way.

    A request is sent once. Where the service closed an idle connection just as it was used again, that
    is a `Failure` as well: the service may have taken the request, and only delivery counts attempts.
    """

    def __init__(self, transport: HttpTransport, clock: Clock, name: str) -> None:
        self._transport = transport
        self._clock = clock
        self._tls = Tls(transport.tls, clock, name)
        self._timeout = aiohttp.ClientTimeout(
            total=transport.timeout,
            connect=transport.connect_timeout,
            sock_connect=transport.connect_timeout,
        )
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[tuple[str, str], URL | None] = {}

    async def send(self, request: Request | Append) -> Answer:
        assert isinstance(request, Request), "a file's text on an HTTP wire"
        headers, body = await self._seal(request)
        try:
            connecting = await self._connecting(request.url)
            if isinstance(connecting, Failure):
                return connecting
            return await self._exchange(request, headers, body, connecting)
        except SENDING as exc:
            return failure_of(exc)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _exchange(
        self, request: Request, headers: Mapping[str, str], body: bytes, connecting: "_Connecting"
    ) -> Response:
        response = await self._open_session().request(
            request.method,
            request.url,
            data=_Body(body) if body else None,
            headers=headers,
            allow_redirects=False,
            ssl=connecting.ssl,
            server_hostname=connecting.server_name,
            proxy=connecting.proxy,
        )
        try:
            answer, truncated = await _read(response.content, self._transport.max_response)
        except BaseException:
            response.close()
            raise
        if truncated:
            response.close()
        return Response(
            response.status,
            {name.lower(): text for name, text in response.headers.items()},
            answer,
            truncated,
        )

    async def _seal(self, request: Request) -> tuple[Mapping[str, str], bytes]:
        """The headers and the exact bytes that are sent."""
        headers, body = request.headers, request.body
        if request.compression != "none" and body:
            if len(body) < _IN_THREAD_FROM:
                body = compress(body, request.compression)
            else:
                loop = asyncio.get_running_loop()
                body = await loop.run_in_executor(None, compress, body, request.compression)
            headers = {**headers, "Content-Encoding": request.compression}
        if request.sign is not None:
            headers = {**headers, **request.sign(body, self._clock.time())}
        return headers, body

    async def _connecting(self, url: str) -> "_Connecting | Failure":
        if url.startswith("http:") and not self._transport.proxy_from_environment:
            return _PLAIN
        parsed = URL(url)  # yarl remembers the last 256
        context = await self._tls.context() if parsed.scheme == "https" else True
        if isinstance(context, Failure):
            return context
        return _Connecting(
            ssl=context,
            server_name=self._transport.tls.server_name or None,
            proxy=self._proxy(parsed) if self._transport.proxy_from_environment else None,
        )

    def _proxy(self, url: URL) -> URL | None:
        # aiohttp's own `trust_env` would read the environment and ~/.netrc in a thread for each request.
        key = url.scheme, url.authority
        if key not in self._proxies:
            proxy = getproxies().get(url.scheme)
            bypassed = not proxy or proxy_bypass(url.authority)
            self._proxies[key] = None if bypassed or not proxy else URL(proxy)
        return self._proxies[key]

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    ttl_dns_cache=_DNS_TTL,
                    keepalive_timeout=_KEEPALIVE,
                ),
                headers=_HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
            )
            # aiohttp would send a PUT or GET twice by itself; a test of "sent once" watches over this.
            self._session._retry_connection = False  # noqa: SLF001 - there is no public way
        return self._session


@dataclass(frozen=True, slots=True)
class _Connecting:
    """How a new connection would be made; open ones are shared by all that agree in it."""

    ssl: SSLContext | bool = True
    server_name: str | None = None
    proxy: URL | None = None


_PLAIN: Final = _Connecting()


class _Body(aiohttp.Payload):
    """Bytes as they are, of any size: aiohttp's own kind warns from 1 MiB on, and copies nothing less."""

    _value: bytes

    def __init__(self, value: bytes) -> None:
        super().__init__(value)
        self._size = len(value)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        await writer.write(self._value)


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
