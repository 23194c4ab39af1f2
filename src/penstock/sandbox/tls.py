"""Certificates for the played services: one authority for as long as the sandbox runs, and certificates that are wrong."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from penstock.errors import PluginError

if TYPE_CHECKING:
    import trustme

Wrong = Literal["untrusted", "expired", "wrong_name"]

HOSTS: Final = ("localhost", "127.0.0.1", "::1")
"""Names that the good certificates have."""
_ELSEWHERE: Final = "elsewhere.invalid"
_DAY: Final = timedelta(days=1)


class Authority:
    """Signs what clients are to trust. Raises `PluginError` where what makes certificates is not installed."""

    def __init__(self) -> None:
        try:
            import trustme  # noqa: PLC0415 - only a sandbox with TLS needs it
        except ImportError as exc:
            raise PluginError(
                "TLS in the sandbox needs a package that makes certificates: pip install 'penstock[sandbox]'"
            ) from exc
        self._make: Callable[[], trustme.CA] = lambda: trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._authority = self._make()

    @property
    def pem(self) -> bytes:
        """Its certificate, for clients."""
        return self._authority.cert_pem.bytes()

    def context(self) -> ssl.SSLContext:
        """For a server, with a good certificate."""
        return _context(self._authority.issue_cert(*HOSTS))

    def wrong(self, how: Wrong) -> ssl.SSLContext:
        """For a server, with a certificate that a client must not take."""
        return self._wrong[how]

    @cached_property
    def _wrong(self) -> dict[Wrong, ssl.SSLContext]:
        now = datetime.now(UTC)
        past = self._authority.issue_cert(*HOSTS, not_before=now - 2 * _DAY, not_after=now - _DAY)
        return {
            "untrusted": _context(self._make().issue_cert(*HOSTS)),
            "expired": _context(past),
            "wrong_name": _context(self._authority.issue_cert(_ELSEWHERE)),
        }


def _context(certificate: "trustme.LeafCert") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    certificate.configure_cert(context)
    return context


def spoiled(
    context: ssl.SSLContext, authority: Authority, fault: Callable[[], Wrong | Literal["alert", ""]]
) -> None:
    """From now on each handshake asks for its fault: a wrong certificate, none at all but an alert, or no fault."""

    def choose(
        handshake: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext
    ) -> int | None:
        match fault():
            case "":
                return None
            case "alert":
                return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
            case wrong:
                handshake.context = authority.wrong(wrong)
                return None

    context.sni_callback = choose
