"""How a destination's requests are to be carried: what the wires are set up from."""

from pathlib import Path
from typing import Any, Literal, Protocol, Self, runtime_checkable

from pydantic import Field, model_validator

from penstock.clock import Clock
from penstock.exchange import Compression
from penstock.fields import Duration, Model, Size
from penstock.file_mode import FileMode


class TlsSettings(Model):
    """TLS towards the service. Certificates are read again when their file changes."""

    verify: bool = True
    """Check the service's certificate and name. Turn it off for trying things, never for keeps."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's, as PEM."""
    cert_file: Path | None = None
    """Our own certificate (mTLS), as PEM, with its chain."""
    key_file: Path | None = None
    """The key of `cert_file`, where it is not in the same file."""
    min_version: Literal["1.2", "1.3"] = "1.2"
    server_name: str = ""
    """The name to ask for and to check, where it is not the one in the URL."""

    @model_validator(mode="after")
    def _key_needs_certificate(self) -> Self:
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("`key_file` is set without its `cert_file`")
        return self


class HttpTransport(Model):
    """Requests over HTTP/1.1 with connections kept open."""

    tls: TlsSettings = TlsSettings()
    connect_timeout: Duration = Field(default=10.0, gt=0)
    """Looking up the name, connecting and the TLS handshake together."""
    timeout: Duration = Field(default=60.0, gt=0)
    """The whole request, from connecting to the last byte of the answer."""
    proxy_from_environment: bool = False
    """Honour HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""
    max_response: Size = Field(default=4 * 2**20, ge=1)
    """Bytes of an answer that are read; the rest is left, and the connection with it."""


class FileTransport(Model):
    """Appends to files."""

    max_size: Size = Field(default=100 * 10**6, ge=0)
    """Rotate a file before it grows beyond this; 0: never for its size."""
    max_age: Duration = Field(default=0.0, ge=0)
    """Rotate a file at each full period of this length, counted in UTC: `1h` at the full hour, `1d` at
    midnight; 0: never for its age."""
    keep: int = Field(default=10, ge=0)
    """Rotated files to keep, of each path; 0: all."""
    compression: Compression = "none"
    """Rotated files are compressed."""
    sync: Literal["batch", "interval", "never"] = "interval"
    """When the file is synced to disk: before a batch counts as delivered, every second, or by the system."""
    mode: FileMode = 0o640
    """Permissions of the files, in octal."""


class ConsoleTransport(Model):
    """Standard output."""


@runtime_checkable
class CustomTransport(Protocol):
    """A way to carry requests that an outside package brings."""

    def open(self, *, name: str, clock: Clock, max_in_flight: int) -> Any:
        """The wire (`penstock.wire.base.Wire`, which this floor must not know) of the destination `name`."""


Transport = HttpTransport | FileTransport | ConsoleTransport | CustomTransport
