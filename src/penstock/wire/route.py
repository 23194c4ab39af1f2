"""Where a URL leads, worked out once: the target, the headers that never change, how to connect."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext
from typing import Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from penstock import __version__

_HEADERS: Final = {
    "User-Agent": f"penstock/{__version__}",
    "Accept": "*/*",
    # Answers are small; what a service compresses all the same is understood.
    "Accept-Encoding": "identity",
}
_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})
"""Headers that say where the request ends: ours alone."""
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What would end a header early, and let a value smuggle in another."""


@dataclass(frozen=True, slots=True)
class Route:
    """One URL."""

    key: aiohttp.ClientRequest
    """What aiohttp's connector reads off a request to find or make a connection; never sent itself."""
    target: str
    """What follows the method on the first line."""
    ssl: SSLContext | bool
    own: str
    """The headers that are the same for all requests, as they stand in one."""
    names: frozenset[str]
    """Of these, in lower case."""

    def head(self, method: str, headers: Mapping[str, str], length: int) -> bytes:
        """The request up to its body. Raises `ValueError` where it cannot be written."""
        lower = [name.lower() for name in headers]
        if self.names.isdisjoint(lower) and self.key.proxy is None:
            own = self.own
        else:  # for a proxy the connector adds a header of its own, once it has connected
            own = _written(
                {name: text for name, text in self.key.headers.items() if name.lower() not in lower}
            )
        if not _FRAMING.isdisjoint(lower):
            headers = {name: text for name, text in headers.items() if name.lower() not in _FRAMING}
        first = _sound(f"{method} {self.target} HTTP/1.1")
        end = f"Content-Length: {length}\r\n" if length or method not in ("GET", "HEAD") else ""
        return f"{first}\r\n{own}{_written(headers)}{end}\r\n".encode()


def make_route(text: str, ssl: SSLContext | bool, server_name: str, *, use_proxy: bool) -> Route:
    """The way to that URL. Raises `ValueError` or `aiohttp.ClientError` where it cannot be one."""
    url = URL(text).with_fragment(None)
    if url.scheme not in ("http", "https"):
        raise aiohttp.NonHttpUrlClientError(text)
    proxy = _proxy(url) if use_proxy else None
    key = aiohttp.ClientRequest(
        "GET",
        url,
        headers=_HEADERS,
        loop=asyncio.get_running_loop(),
        ssl=ssl,
        server_hostname=server_name or None,
        proxy=proxy,
    )
    # Through a proxy, plain HTTP is asked for by the whole URL (RFC 9112, section 3.2.2).
    whole = proxy is not None and url.scheme == "http"
    return Route(
        key,
        str(url.with_user(None)) if whole else url.raw_path_qs,
        ssl,
        _written(key.headers),
        frozenset([name.lower() for name in key.headers]),
    )


def _written(headers: Mapping[str, str]) -> str:
    """As lines. Raises `ValueError` where one would end early."""
    pairs = [f"{name}: {text}" for name, text in headers.items()]
    _sound("\t".join(pairs))
    return "\r\n".join([*pairs, ""])


def _sound(text: str) -> str:
    if _FORBIDDEN.search(text):
        raise ValueError("a control character in a header")
    return text


def _proxy(url: URL) -> URL | None:
    # aiohttp's own `trust_env` would read the environment and ~/.netrc in a thread for each request.
    proxy = getproxies().get(url.scheme)
    return URL(proxy) if proxy and not proxy_bypass(url.authority) else None
