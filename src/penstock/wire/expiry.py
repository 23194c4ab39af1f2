"""When certificates end, read from the certificate itself.

The standard library tells it for authorities only (`SSLContext.get_ca_certs`), so the way to the one
field is walked by hand through the DER of RFC 5280, section 4.1:

    Certificate ::= SEQUENCE {                     step in
        tbsCertificate SEQUENCE {                  step in
            version [0]                            skip, where there is one
            serialNumber, signature, issuer        skip three
            validity SEQUENCE {                    step in
                notBefore                          skip
                notAfter   UTCTime | GeneralizedTime
"""

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from penstock.transport import TlsSettings

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_VERSION: Final = 0xA0
_UTC_TIME: Final = 0x17


def not_after(settings: TlsSettings) -> float | None:
    """When our own certificate ends, in seconds since the epoch; none where there is none to be read."""
    if settings.cert_file is None:
        return None
    try:
        return certificate_not_after(settings.cert_file)
    except (OSError, ValueError):
        return None


def certificate_not_after(path: Path) -> float:
    """The end of the first certificate in a PEM file, in seconds since the epoch.

    Raises `OSError` where the file cannot be read, `ValueError` where it holds no certificate.
    """
    pem = _PEM.search(path.read_text("ascii", "replace"))
    if pem is None:
        raise ValueError("holds no certificate")
    try:
        return _end_of(ssl.PEM_cert_to_DER_cert(pem[0]))
    except IndexError:
        raise ValueError("holds a certificate that is cut short") from None


def _end_of(der: bytes) -> float:
    at, _ = _enter(der, 0)
    at, _ = _enter(der, at)
    if der[at] == _VERSION:
        at = _skip(der, at)
    for _ in range(3):
        at = _skip(der, at)
    at, _ = _enter(der, at)
    at = _skip(der, at)
    start, end = _enter(der, at)
    text = der[start:end].decode("ascii")
    if der[at] == _UTC_TIME:
        # RFC 5280: two-digit years from 50 on are of the last century.
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _enter(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the value at `at` starts and ends."""
    length = der[at + 1]
    start = at + 2
    if length >= 0x80:
        digits = length & 0x7F
        length = int.from_bytes(der[start : start + digits], "big")
        start += digits
    if start + length > len(der):
        raise IndexError(at)
    return start, start + length


def _skip(der: bytes, at: int) -> int:
    return _enter(der, at)[1]
