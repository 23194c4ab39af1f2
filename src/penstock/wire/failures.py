"""The only place that knows what aiohttp raises.

    TimeoutError                              the total time is over              TIMEOUT
    ValueError                                a header that cannot be written     PROTOCOL
    HttpProcessingError                       the answer is not HTTP              PROTOCOL
    aiohttp.ClientError
    ├── InvalidURL, NonHttpUrlClientError                                         PROTOCOL
    ├── ClientResponseError                   the proxy's answer is not HTTP      PROTOCOL
    │   └── ClientHttpProxyError              the proxy will not connect us       REFUSED
    ├── ClientPayloadError                    the answer broke off                RESET
    └── ClientConnectionError                                                     RESET
        ├── ServerConnectionError
        │   ├── ServerDisconnectedError                                           RESET
        │   └── ServerTimeoutError                                                TIMEOUT
        │       └── ConnectionTimeoutError                                        CONNECT_TIMEOUT
        └── ClientOSError                     while sending or receiving          RESET
            └── ClientConnectorError          while connecting                    REFUSED
                ├── ClientConnectorDNSError                                       DNS
                ├── ClientConnectorSSLError, ClientConnectorCertificateError      TLS
                └── ClientProxyConnectionError                                    REFUSED

Before a connection stands nothing was sent: DNS, CONNECT_TIMEOUT, REFUSED and TLS rule out that anything
arrived. A detail names host and port at most, never the path, the query or the user of a URL.
"""

import asyncio
import os
import ssl
from collections.abc import Callable
from typing import Any, Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from penstock.exchange import Failure, FailureKind

_LONGEST: Final = 300
"""Characters of a foreign text that a detail may hold."""

SENDING: Final = (aiohttp.ClientError, HttpProcessingError, asyncio.TimeoutError, OSError, ValueError)
"""What sending with aiohttp may raise for the network's sake."""


def failure_of(exc: BaseException) -> Failure:
    """What that exception, one of `SENDING`, means."""
    if isinstance(exc, aiohttp.ClientConnectorError):
        return _connecting(exc)
    kind, say = next((kind, say) for error, kind, say in _MEANING if isinstance(exc, error))
    return Failure(kind, say if isinstance(say, str) else say(exc))


def _connecting(exc: aiohttp.ClientConnectorError) -> Failure:
    where = f"{exc.host}:{exc.port}"
    match exc:
        case aiohttp.ClientConnectorDNSError():
            return Failure(FailureKind.DNS, f"{exc.host}: {_short(exc.os_error.strerror or 'unknown')}")
        case aiohttp.ClientConnectorCertificateError():
            return Failure(FailureKind.TLS, f"{where}: {_tls_text(exc.certificate_error)}")
        case aiohttp.ClientConnectorSSLError():
            return Failure(FailureKind.TLS, f"{where}: {_tls_text(exc.os_error)}")
        case aiohttp.ClientProxyConnectionError():
            return Failure(FailureKind.REFUSED, f"proxy {where}: {_os_text(exc.os_error)}")
        case _:
            return Failure(FailureKind.REFUSED, f"{where}: {_os_text(exc.os_error)}")


def _tls_text(exc: BaseException) -> str:
    if isinstance(exc, ssl.SSLCertVerificationError):
        return _short(exc.verify_message)
    if isinstance(exc, ssl.SSLError):
        return _short(exc.reason or str(exc))
    return _short(str(exc))


def _os_text(exc: BaseException) -> str:
    """The system's word for it; the exception's own text may hold the whole URL."""
    number = getattr(exc, "errno", None)
    return os.strerror(number) if isinstance(number, int) and number > 0 else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _os_text_or_broke(exc: BaseException) -> str:
    return _os_text(exc) or "the connection broke"


_Errors = type[BaseException] | tuple[type[BaseException], ...]
_Say = str | Callable[[Any], str]
_MEANING: Final[tuple[tuple[_Errors, FailureKind, _Say], ...]] = (
    # The more special first.
    (aiohttp.ConnectionTimeoutError, FailureKind.CONNECT_TIMEOUT, "no connection within the time allowed"),
    (asyncio.TimeoutError, FailureKind.TIMEOUT, "no whole answer within the time allowed"),
    (aiohttp.ClientHttpProxyError, FailureKind.REFUSED, lambda exc: f"the proxy answered {exc.status}"),
    (
        (HttpProcessingError, aiohttp.ClientResponseError),
        FailureKind.PROTOCOL,
        lambda exc: f"the answer is not HTTP: {_short(exc.message)}",
    ),
    (aiohttp.ClientPayloadError, FailureKind.RESET, "the connection broke in the middle of the answer"),
    (
        aiohttp.ServerDisconnectedError,
        FailureKind.RESET,
        "the service closed the connection without an answer",
    ),
    (aiohttp.InvalidURL, FailureKind.PROTOCOL, "the URL cannot be used"),
    (aiohttp.NonHttpUrlClientError, FailureKind.PROTOCOL, "the URL is not one of HTTP"),
    (aiohttp.ClientError, FailureKind.RESET, _os_text_or_broke),
    (OSError, FailureKind.RESET, _os_text_or_broke),
    # A ValueError's text may quote the header, and with it a secret.
    (ValueError, FailureKind.PROTOCOL, "the request cannot be written as HTTP"),
)
