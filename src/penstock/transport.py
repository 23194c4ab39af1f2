"""How a destination's requests are to be carried: what the wires are set up from."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from penstock.fields import Duration, Model, Size


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


class HttpTransport(Model):
    """Requests over HTTP/1.1 with connections kept open."""

    tls: TlsSettings = TlsSettings()
    connect_timeout: Duration = 10.0
    timeout: Duration = 60.0
    """From the first byte sent to the last received."""
    proxy_from_environment: bool = False
    """Honour HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""
    max_response: Size = Field(default=4 * 2**20)
    """Bytes of an answer that are read; the rest is left."""


class FileTransport(Model):
    """Appends to files."""

    max_size: Size = 100 * 10**6
    """Rotate a file before it grows beyond this; 0: never for its size."""
    max_age: Duration = 0.0
    """Rotate a file after this time; 0: never for its age."""
    keep: int = Field(default=10, ge=0)
    """Rotated files to keep; 0: all."""
    compress: Literal["none", "gzip", "zstd"] = "none"
    """Rotated files are compressed."""
    sync: Literal["batch", "interval", "never"] = "interval"
    """When the file is synced to disk: before a batch counts as delivered, every second, or by the system."""
    mode: int = Field(default=0o640, ge=0, le=0o777)


class ConsoleTransport(Model):
    """Standard output."""


Transport = HttpTransport | FileTransport | ConsoleTransport
