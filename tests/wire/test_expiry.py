import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from penstock.transport import TlsSettings
from penstock.wire.expiry import certificate_not_after, not_after


@pytest.mark.parametrize("year", [2031, 2049, 2050, 2100])
def test_the_end_of_a_certificate_is_read_from_it(authority: trustme.CA, tmp_path: Path, year: int) -> None:
    ends = datetime(year, 3, 4, 5, 6, 7, tzinfo=UTC)
    leaf = authority.issue_cert("x.example", not_after=ends)
    path = tmp_path / "cert.pem"
    path.write_bytes(b"a comment\n" + leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())
    assert certificate_not_after(path) == ends.timestamp()
    assert not_after(TlsSettings(cert_file=path)) == ends.timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
    ],
)
def test_what_is_no_certificate_has_no_end(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cert.pem"
    path.write_text(text)
    with pytest.raises(ValueError):
        certificate_not_after(path)
    assert not_after(TlsSettings(cert_file=path)) is None


def test_no_certificate_or_no_file_has_no_end(tmp_path: Path) -> None:
    assert not_after(TlsSettings()) is None
    assert not_after(TlsSettings(cert_file=tmp_path / "gone.pem")) is None


def test_a_certificate_cut_anywhere_does_not_end_otherwise_than_by_valueerror(
    authority: trustme.CA, tmp_path: Path
) -> None:
    der = ssl.PEM_cert_to_DER_cert(authority.issue_cert("x").cert_chain_pems[0].bytes().decode())
    path = tmp_path / "cert.pem"
    for length in range(len(der)):
        path.write_text(ssl.DER_cert_to_PEM_cert(der[:length]))
        with pytest.raises(ValueError):
            certificate_not_after(path)
