import ssl
from pathlib import Path

import pytest
import trustme
from structlog.testing import capture_logs

from penstock.errors import StartError
from penstock.sources.tls import ListenTls, ServerTls


def issue(authority: trustme.CA, folder: Path) -> ListenTls:
    pair = authority.issue_cert("localhost")
    cert, key = folder / "cert.pem", folder / "key.pem"
    pair.cert_chain_pems[0].write_to_path(cert)
    pair.private_key_pem.write_to_path(key)
    return ListenTls(cert_file=cert, key_file=key)


def served(tls: ServerTls, authority: trustme.CA) -> bytes | None:
    """The certificate that a client would see now."""
    client = ssl.create_default_context()
    authority.configure_trust(client)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = tls.context.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    for side in (theirs, ours, theirs, ours):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return theirs.getpeercert(binary_form=True)


def test_a_replaced_certificate_is_taken_and_a_broken_one_is_not(tmp_path: Path) -> None:
    authority = trustme.CA()
    settings = issue(authority, tmp_path)
    tls = ServerTls(settings)
    first = served(tls, authority)
    assert first
    tls.refresh()
    assert served(tls, authority) == first

    issue(authority, tmp_path)
    tls.refresh()
    second = served(tls, authority)
    assert second
    assert second != first

    settings.cert_file.write_text("rubbish")
    with capture_logs() as logs:
        tls.refresh()
        tls.refresh()
    assert served(tls, authority) == second
    assert [entry["log_level"] for entry in logs] == ["warning"]

    settings.cert_file.unlink()
    tls.refresh()
    assert served(tls, authority) == second


def test_old_versions_are_refused(tmp_path: Path) -> None:
    settings = issue(trustme.CA(), tmp_path)
    assert ServerTls(settings).context.minimum_version == ssl.TLSVersion.TLSv1_2
    newer = settings.model_copy(update={"min_version": "1.3"})
    assert ServerTls(newer).context.minimum_version == ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize("content", [None, "rubbish"])
def test_files_that_cannot_be_used_are_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "other.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(StartError, match=r"other\.pem"):
        ServerTls(ListenTls(cert_file=file))
    good = issue(trustme.CA(), tmp_path)
    with pytest.raises(StartError, match=r"other\.pem"):
        ServerTls(good.model_copy(update={"client_ca_file": file}))
