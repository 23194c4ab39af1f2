"""Where `penstock send` can send to: `tcp://`, `tls://`, `udp://`, `unix://`, `unix-datagram://`, `http://`, `https://`."""

import asyncio
import contextlib
import errno
import socket
import ssl
from abc import abstractmethod
from collections.abc import Coroutine
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from penstock.clock import Clock, sleep
from penstock.errors import PenstockError, Unavailable

BUSY: Final = frozenset({429, 503})
_REASON: Final = 1000
"""Bytes of a reason that are read."""
PATIENCE: Final = 60.0
"""Seconds for which a post is tried again while the daemon says that it is busy."""


class Target(Protocol):
    """Takes lines. All calls raise `Unavailable` where nobody answers, `PenstockError` where lines are refused."""

    accepted: int | None
    """Lines that the other side has confirmed; none where its protocol confirms nothing."""

    @abstractmethod
    async def send(self, lines: bytes) -> None:
        r"""Sends whole lines, each ending in `\n`. Waits while the other side is busy."""

    @abstractmethod
    async def finish(self) -> None:
        """All is sent: returns once the other side has read it, as far as its protocol tells."""

    @abstractmethod
    async def close(self) -> None:
        """Ends the connection, whatever became of it."""


def trust(ca: Path | None, cert: Path | None) -> ssl.SSLContext:
    """What to believe over TLS, beside what the system does, and what to show. Raises `PenstockError`."""
    context = ssl.create_default_context()
    for file, load in ((ca, context.load_verify_locations), (cert, context.load_cert_chain)):
        try:
            if file is not None:
                load(file)
        except OSError as exc:  # an SSLError is one too
            raise PenstockError(f"{file}: {exc.strerror or exc}; it should be in PEM") from exc
    return context


async def connect(url: str, token: str, clock: Clock, tls: ssl.SSLContext | None = None) -> Target:
    """The target for a URL. Raises `ValueError` where there is no such kind."""
    parts = urlsplit(url)
    match parts.scheme:
        case "http" | "https" if parts.hostname:
            return HttpTarget(url, token, clock, tls)
        case "tls":
            host, port = _host(parts)
            secure = tls or trust(None, None)
            return StreamTarget(url, *await _reach(url, asyncio.open_connection(host, port, ssl=secure)))
        case "tcp":
            host, port = _host(parts)
            return StreamTarget(url, *await _reach(url, asyncio.open_connection(host, port)))
        case "unix":
            return StreamTarget(url, *await _reach(url, asyncio.open_unix_connection(_path(parts))))
        case "udp":
            return await _udp(url, *_host(parts))
        case "unix-datagram" | "unixgram":  # the second is how it was called before
            return await _datagrams(url, socket.AF_UNIX, _path(parts))
        case _:
            raise ValueError(
                "is no target: write tcp://host:port, tls://…, udp://…, unix:///path, unix-datagram:///path, "
                "http://… or https://…"
            )


class StreamTarget:
    """One connection; back-pressure of the other side makes `send` wait."""

    accepted: int | None = None

    def __init__(self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._url = url
        self._reader = reader
        self._writer = writer

    async def send(self, lines: bytes) -> None:
        try:
            self._writer.write(lines)
            await self._writer.drain()
        except OSError as exc:
            raise self._broke(exc) from exc

    async def finish(self) -> None:
        # A source closes when it has read to the end. It says why where it closes earlier, and was heard if
        # nothing was under way to it.
        try:
            if not self._writer.can_write_eof():
                # TLS has no end of one side: what is written goes before the end of both.
                self._writer.close()
                await self._writer.wait_closed()
                return
            self._writer.write_eof()
            said = await self._reader.read(_REASON)
        except OSError as exc:
            raise self._broke(exc) from exc
        if said:
            reason = said.decode(errors="replace").strip().removeprefix("penstock: ")
            raise Unavailable(f"{self._url}: {reason}")

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def _broke(self, exc: OSError) -> Unavailable:
        return Unavailable(f"{self._url}: the connection broke: {exc.strerror or exc}")


class DatagramTarget:
    """A datagram a line. UDP confirms nothing: what the other side cannot read in time is lost there."""

    accepted: int | None = None

    def __init__(self, url: str, sock: socket.socket) -> None:
        self._url = url
        self._sock = sock

    async def send(self, lines: bytes) -> None:
        loop = asyncio.get_running_loop()
        for line in lines.split(b"\n"):
            if not line:
                continue
            try:
                await loop.sock_sendall(self._sock, line)
            except OSError as exc:
                if exc.errno == errno.EMSGSIZE:
                    raise PenstockError(
                        f"{self._url}: a line of {len(line)} bytes fits into no datagram"
                    ) from exc
                raise _nobody(self._url, exc) from exc

    async def finish(self) -> None:
        """Nothing tells."""

    async def close(self) -> None:
        self._sock.close()


class HttpTarget:
    """A post for each call; 202 means that its lines are durable."""

    def __init__(self, url: str, token: str, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self.accepted: int | None = 0
        self._url = url
        self._clock = clock
        import aiohttp  # noqa: PLC0415 - half the start of every command that does not need it

        self._broken = (aiohttp.ClientError, TimeoutError)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            connector=aiohttp.TCPConnector(ssl=tls or True),
        )

    async def send(self, lines: bytes) -> None:
        deadline = self._clock.monotonic() + PATIENCE
        while (wait := await self._post(lines)) is not None:
            if self._clock.monotonic() + wait > deadline:
                raise Unavailable(f"{self._url}: it stays too busy to take more")
            await sleep(self._clock, wait)

    async def finish(self) -> None:
        """Each post was answered."""

    async def close(self) -> None:
        await self._session.close()

    async def _post(self, lines: bytes) -> float | None:
        """Posts once; gives the seconds to wait before the next try, none when the lines are taken."""
        kind = "application/x-ndjson" if lines.startswith(b"{") else "text/plain"
        try:
            async with self._session.post(
                self._url, data=lines, headers={"Content-Type": kind}, allow_redirects=False
            ) as response:
                body = await response.content.read(65536)
        except self._broken as exc:
            reason = str(exc) or "it does not answer in time"
            raise Unavailable(f"{self._url}: {reason}") from exc
        if response.status in BUSY:
            return _seconds(response.headers.get("Retry-After", ""))
        if response.status != 202:
            text = " ".join(body.decode(errors="replace").split())[:300]
            raise PenstockError(f"{self._url}: answers {response.status}: {text}")
        self.accepted = (self.accepted or 0) + lines.count(b"\n")
        return None


def _seconds(header: str) -> float:
    return float(header) if header.isdecimal() else 1.0


def _host(parts: SplitResult) -> tuple[str, int]:
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or port is None:
        raise ValueError(f"names no port: write {parts.scheme}://host:port")
    return parts.hostname, port


def _path(parts: SplitResult) -> str:
    path = parts.netloc + parts.path  # unix:///absolute and unix://relative
    if not path:
        raise ValueError(f"names no path: write {parts.scheme}:///path")
    return path


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _reach(url: str, opening: Coroutine[object, object, Pair]) -> Pair:
    try:
        return await opening
    except OSError as exc:
        raise _nobody(url, exc) from exc


async def _udp(url: str, host: str, port: int) -> DatagramTarget:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except OSError as exc:
        raise _nobody(url, exc) from exc
    family, _, _, _, address = found[0]
    return await _datagrams(url, family, address)


async def _datagrams(
    url: str, family: socket.AddressFamily, address: str | tuple[object, ...]
) -> DatagramTarget:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    try:
        sock.connect(address)
    except OSError as exc:
        sock.close()
        raise _nobody(url, exc) from exc
    return DatagramTarget(url, sock)


def _nobody(url: str, exc: OSError) -> Unavailable:
    if isinstance(exc, ssl.SSLError):
        why = exc.verify_message if isinstance(exc, ssl.SSLCertVerificationError) else exc.reason or str(exc)
        return Unavailable(f"{url}: no TLS: {why}; --ca names a certificate to believe, --cert what to show")
    reason = "connection refused" if isinstance(exc, ConnectionRefusedError) else exc.strerror or str(exc)
    return Unavailable(
        f"{url}: {reason.lower()}; does the daemon run, and does a source of its listen there?"
    )
