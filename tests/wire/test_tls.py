import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from penstock.exchange import Failure, FailureKind, Request, Response
from penstock.testing import ManualClock
from penstock.transport import HttpTransport, TlsSettings
from penstock.wire.http import HttpWire
from penstock.wire.tls import Tls

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Talk], AbstractAsyncContextManager[str]]

REQUEST_BODY = b"{}\n"


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def write_identity(certificate: trustme.LeafCert, folder: Path, name: str) -> tuple[Path, Path]:
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    cert.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    return cert, key


@asynccontextmanager
async def https(certificate: trustme.LeafCert, trust: trustme.CA | None = None) -> AsyncIterator[str]:
    """An HTTPS service; with `trust` it wants a client's certificate. Answers with that one's name."""

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        peer = request.transport.get_extra_info("peercert") or {}
        names = [value for kind, value in peer.get("subjectAltName", ())]
        return web.Response(text=",".join(names), headers={"Connection": "close"})

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    if trust is not None:
        trust.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    application = web.Application()
    application.router.add_route("*", "/", handler)
    server = TestServer(application, scheme="https")
    await server.start_server(ssl=context)
    try:
        yield f"https://localhost:{server.port}/"
    finally:
        await server.close()


@asynccontextmanager
async def wire_of(tls: TlsSettings, clock: ManualClock | None = None) -> AsyncIterator[HttpWire]:
    wire = HttpWire(HttpTransport(tls=tls), clock or ManualClock(), "w")
    try:
        yield wire
    finally:
        await wire.close()


async def send(url: str, tls: TlsSettings) -> Response | Failure:
    async with wire_of(tls) as wire:
        return await wire.send(Request("POST", url, body=REQUEST_BODY))


async def test_a_certificate_of_a_trusted_authority_is_taken(authority: trustme.CA, ca_file: Path) -> None:
    async with https(authority.issue_cert("localhost")) as url:
        assert isinstance(await send(url, TlsSettings(ca_file=ca_file)), Response)
        assert isinstance(await send(url, TlsSettings(ca_file=ca_file, min_version="1.3")), Response)


async def test_a_certificate_of_another_authority_is_not(authority: trustme.CA) -> None:
    async with https(authority.issue_cert("localhost")) as url:
        answer = await send(url, TlsSettings())
    assert isinstance(answer, Failure)
    assert answer.kind is FailureKind.TLS
    assert "unable to get local issuer certificate" in answer.detail


async def test_a_certificate_that_has_ended_is_not(authority: trustme.CA, ca_file: Path) -> None:
    ended = authority.issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=1))
    async with https(ended) as url:
        answer = await send(url, TlsSettings(ca_file=ca_file))
    assert isinstance(answer, Failure)
    assert answer.kind is FailureKind.TLS
    assert "expired" in answer.detail


async def test_a_certificate_of_another_name_is_not_unless_it_is_the_one_asked_for(
    authority: trustme.CA, ca_file: Path
) -> None:
    async with https(authority.issue_cert("logs.example")) as url:
        answer = await send(url, TlsSettings(ca_file=ca_file))
        renamed = await send(url, TlsSettings(ca_file=ca_file, server_name="logs.example"))
    assert isinstance(answer, Failure)
    assert answer.kind is FailureKind.TLS
    assert "localhost" in answer.detail
    assert isinstance(renamed, Response)


async def test_without_verification_anything_is_taken_and_it_is_said(authority: trustme.CA) -> None:
    async with https(authority.issue_cert("elsewhere")) as url:
        with capture_logs() as logs:
            assert isinstance(await send(url, TlsSettings(verify=False)), Response)
    assert [entry["event"] for entry in logs] == ["tls certificates are not verified"]


async def test_a_service_that_does_not_speak_tls_is_a_tls_failure() -> None:
    application = web.Application()
    async with TestServer(application) as server:
        answer = await send(str(server.make_url("/")).replace("http:", "https:"), TlsSettings())
    assert isinstance(answer, Failure)
    assert answer.kind is FailureKind.TLS


async def test_our_own_certificate_is_shown(authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    cert, key = write_identity(authority.issue_cert("shipper"), tmp_path, "own")
    async with https(authority.issue_cert("localhost"), trust=authority) as url:
        answer = await send(url, TlsSettings(ca_file=ca_file, cert_file=cert, key_file=key))
        without = await send(url, TlsSettings(ca_file=ca_file))
    assert isinstance(answer, Response)
    assert answer.body == b"shipper"
    assert isinstance(without, Failure)


async def test_a_renewed_certificate_is_used_and_a_broken_one_keeps_the_last(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    cert, key = write_identity(authority.issue_cert("first"), tmp_path, "own")
    clock = ManualClock()
    tls = TlsSettings(ca_file=ca_file, cert_file=cert, key_file=key)

    async def name() -> bytes:
        answer = await wire.send(Request("POST", url, body=REQUEST_BODY))
        assert isinstance(answer, Response), answer
        return answer.body

    async with https(authority.issue_cert("localhost"), trust=authority) as url, wire_of(tls, clock) as wire:
        assert await name() == b"first"
        write_identity(authority.issue_cert("second"), tmp_path, "own")
        assert await name() == b"first", "the files are looked at every few seconds only"
        await clock.advance(5)
        with capture_logs() as logs:
            assert await name() == b"second"
        assert [entry["event"] for entry in logs] == ["tls certificates reloaded"]

        key.write_bytes(authority.issue_cert("third").private_key_pem.bytes())
        with capture_logs() as logs:
            for _ in range(3):
                await clock.advance(5)
                assert await name() == b"second"
        assert [entry["event"] for entry in logs] == [
            "new tls certificates cannot be used, the last good ones stay"
        ]

        key.unlink()
        await clock.advance(5)
        assert await name() == b"second"
        write_identity(authority.issue_cert("fourth"), tmp_path, "own")
        await clock.advance(5)
        assert await name() == b"fourth"


async def test_files_that_are_not_there_are_a_failure_until_they_are(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    cert = tmp_path / "own.pem"
    tls = TlsSettings(ca_file=ca_file, cert_file=cert, key_file=tmp_path / "own.key")
    async with https(authority.issue_cert("localhost"), trust=authority) as url, wire_of(tls) as wire:
        with capture_logs() as logs:
            for _ in range(3):
                answer = await wire.send(Request("POST", url, body=REQUEST_BODY))
                assert answer == Failure(FailureKind.TLS, f"{cert}: No such file or directory")
        assert len(logs) == 1
        write_identity(authority.issue_cert("late"), tmp_path, "own")
        assert isinstance(await wire.send(Request("POST", url, body=REQUEST_BODY)), Response)


async def test_an_encrypted_key_fails_instead_of_asking_at_the_terminal(tmp_path: Path) -> None:
    cert, key = write_identity(trustme.CA().issue_cert("x"), tmp_path, "own")
    key.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"word"),
        )
    )
    tls = Tls(TlsSettings(cert_file=cert, key_file=key), ManualClock(), "w")
    assert isinstance(await tls.context(), Failure)


async def test_tls_goes_through_a_proxy_end_to_end(
    authority: trustme.CA, ca_file: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head)
        host, port = head.split()[1].decode().split(":")
        service, to_service = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(pump(reader, to_service), pump(service, writer))
        finally:
            to_service.close()

    async with https(authority.issue_cert("localhost")) as url, serve(tunnel) as proxy:
        monkeypatch.setenv("https_proxy", proxy.replace("//", "//user:pass@"))
        transport = HttpTransport(tls=TlsSettings(ca_file=ca_file), proxy_from_environment=True)
        wire = HttpWire(transport, ManualClock(), "w")
        answer = await wire.send(Request("POST", url, {"X-Token": "s3cret"}, REQUEST_BODY))
        await wire.close()
    assert isinstance(answer, Response), answer
    assert asked[0].startswith(b"CONNECT localhost:")
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz" in asked[0]
    assert b"s3cret" not in asked[0]


async def test_the_context_stays_the_same_while_the_files_do(ca_file: Path) -> None:
    clock = ManualClock()
    tls = Tls(TlsSettings(ca_file=ca_file), clock, "w")
    first = await tls.context()
    await clock.advance(60)
    assert await tls.context() is first
    assert isinstance(first, ssl.SSLContext)
    assert first.minimum_version is ssl.TLSVersion.TLSv1_2
    assert first.verify_mode is ssl.CERT_REQUIRED
    assert first.check_hostname
