"""TLS for what listens: our certificate, and by option a check of the sender's."""

import ssl
from pathlib import Path
from typing import Literal

import structlog

from penstock.errors import StartError
from penstock.fields import Model

log = structlog.get_logger(__name__)


class ListenTls(Model):
    """TLS of a listener. The certificate is read again when its file changes."""

    cert_file: Path
    """Our certificate, as PEM, with its chain."""
    key_file: Path | None = None
    """The key of `cert_file`, where it is not in the same file."""
    client_ca_file: Path | None = None
    """Take only senders with a certificate signed by one of these (mTLS), as PEM."""
    min_version: Literal["1.2", "1.3"] = "1.2"


class ServerTls:
    """The context that connections are taken with. Raises `StartError` where a file cannot be used."""

    def __init__(self, settings: ListenTls) -> None:
        self._settings = settings
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.minimum_version = (
            ssl.TLSVersion.TLSv1_3 if settings.min_version == "1.3" else ssl.TLSVersion.TLSv1_2
        )
        self._load_certificate(self.context)
        if settings.client_ca_file is not None:
            self.context.verify_mode = ssl.CERT_REQUIRED
            try:
                self.context.load_verify_locations(settings.client_ca_file)
            except OSError as exc:  # SSLError is one
                raise StartError(f"the file {settings.client_ca_file} cannot be used: {_why(exc)}") from exc
        self._seen = self._written()

    def refresh(self) -> None:
        """Takes a certificate that was replaced; keeps the last good one where the new one cannot be used.

        Connections that are open keep theirs. A changed `client_ca_file` needs a restart.
        """
        written = self._written()
        if written == self._seen:
            return
        self._seen = written
        try:
            self._load_certificate(
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            )  # a half-written pair must not stay
            self._load_certificate(self.context)
        except StartError as exc:
            log.warning("new certificate cannot be used, the old one stays", reason=str(exc))
        else:
            log.info("certificate read again", file=str(self._settings.cert_file))

    def _load_certificate(self, context: ssl.SSLContext) -> None:
        settings = self._settings
        try:
            context.load_cert_chain(settings.cert_file, settings.key_file, password=_no_password)
        except OSError as exc:
            names = " and ".join(str(file) for file in (settings.cert_file, settings.key_file) if file)
            raise StartError(f"the certificate in {names} cannot be used: {_why(exc)}") from exc

    def _written(self) -> tuple[int, ...]:
        """When the files were last changed; 0 where one is missing."""
        files = (self._settings.cert_file, self._settings.key_file)
        return tuple(_changed(file) for file in files if file is not None)


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _no_password() -> str:
    # Without it OpenSSL would ask on the terminal.
    return ""


def _why(exc: OSError) -> str:
    if isinstance(exc, ssl.SSLError):
        return exc.reason or str(exc)
    return exc.strerror or str(exc)
