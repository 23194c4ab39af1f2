"""Syslog, RFC 5424 and RFC 3164 and what devices send, over TCP, TLS, UDP and Unix sockets."""

from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from penstock.fields import Address, Duration, Size
from penstock.file_mode import FileMode
from penstock.sources.base import Source, SourceContext
from penstock.sources.datagram import DatagramSettings, DatagramSource
from penstock.sources.framing import Framing
from penstock.sources.stream import StreamSettings, StreamSource
from penstock.sources.syslog_decode import SyslogDecoder, SyslogLineSettings
from penstock.sources.tcp import TcpListener, TcpSettings
from penstock.sources.tls import ListenTls
from penstock.sources.udp import UdpPort
from penstock.sources.unix import UnixListener, UnixSettings
from penstock.sources.unix_datagram import UnixDatagramSettings, UnixPort

_STREAM: Final = frozenset({"framing", "max_connections", "idle_timeout", "backlog"})
_DATAGRAM: Final = frozenset({"receive_buffer"})
_INET: Final = frozenset({"listen"})
_UNIX: Final = frozenset({"path", "mode"})
_FITTING: Final = {
    "tcp": _INET | _STREAM | {"tls", "keepalive"},
    "udp": _INET | _DATAGRAM,
    "unix": _UNIX | _STREAM,
    "unix_datagram": _UNIX | _DATAGRAM,
}
"""Which of the settings mean something, by protocol."""
_DIFFERING: Final = frozenset[str]().union(*_FITTING.values())


class SyslogSettings(SyslogLineSettings, StreamSettings, DatagramSettings):
    """Syslog messages taken apart: RFC 5424, RFC 3164 and what devices send.

    The fields of an event are `timestamp`, `level`, `facility`, `severity`, `host`, `service` (the app name, or the
    tag), `procid`, `msgid`, `structured_data` and `message`, as far as the message tells them. A message that is no
    syslog keeps its text as `message`, is marked by `"unparsed": "syslog"`, and is counted.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "syslog", "listen": "127.0.0.1:5514"},
                {
                    "type": "syslog",
                    "protocol": "udp",
                    "listen": "127.0.0.1:5514",
                    "timezone": "Europe/Berlin",
                },
                {"type": "syslog", "protocol": "unix_datagram", "path": "/run/penstock/log", "mode": "0666"},
            ]
        }
    )

    type: Literal["syslog"]
    protocol: Literal["tcp", "udp", "unix", "unix_datagram"] = "tcp"
    """How messages come. `unix_datagram` is what `/dev/log` is; `tls` goes with `tcp`."""
    listen: Address | None = None
    """Where to listen with `tcp` and `udp`: `host:port`, `[::1]:port` for IPv6; port 0 takes any free one."""
    path: Path | None = None
    """Where the socket appears with `unix` and `unix_datagram`; removed at stop."""
    mode: FileMode = 0o660
    """Who may write to `path`: its permissions, in octal."""
    tls: ListenTls | None = None
    """Take connections over TLS only (RFC 5425)."""
    keepalive: Duration = Field(default=60.0, ge=0)
    """Ask the other side whether it is still there when it has been silent for this long; 0: never."""
    framing: Framing = "auto"
    """How messages of a connection are told apart: by newlines or NULs, by octet counting (RFC 6587), or as each
    connection begins. A datagram is one message."""
    max_line: Size = Field(default=2**16, ge=64)
    """Longest message taken whole, at least 64 bytes."""
    timezone: Annotated[str, StringConstraints(min_length=1)] = "local"
    """Of times that name none: a name such as `UTC` or `Europe/Berlin`; `local` is that of this machine."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        _zone(value)
        return value

    @model_validator(mode="after")
    def _fitting(self) -> "SyslogSettings":
        needed = "listen" if self.protocol in ("tcp", "udp") else "path"
        if getattr(self, needed) is None:
            example = '"127.0.0.1:5514"' if needed == "listen" else "/run/penstock/log"
            raise ValueError(f"protocol {self.protocol} needs `{needed}`: write {needed}: {example}")
        if strange := sorted((self.model_fields_set & _DIFFERING) - _FITTING[self.protocol]):
            raise ValueError(f"protocol {self.protocol} has no `{strange[0]}`: leave it out")
        return self

    def build(self, context: SourceContext) -> Source:
        decoder = partial(SyslogDecoder, self, _zone(self.timezone), context)
        name = context.name
        match self.protocol:
            case "tcp":
                assert self.listen is not None, "checked above"
                tcp = TcpSettings(type="tcp", listen=self.listen, tls=self.tls, keepalive=self.keepalive)
                return StreamSource(self, context, TcpListener(tcp, name), decoder)
            case "udp":
                assert self.listen is not None, "checked above"
                return DatagramSource(self, context, UdpPort(self.listen, name), decoder)
            case "unix":
                assert self.path is not None, "checked above"
                unix = UnixSettings(type="unix", path=self.path, mode=self.mode)
                return StreamSource(self, context, UnixListener(unix, name), decoder)
            case "unix_datagram":
                assert self.path is not None, "checked above"
                datagram = UnixDatagramSettings(type="unix_datagram", path=self.path, mode=self.mode)
                return DatagramSource(self, context, UnixPort(datagram, name), decoder)


def _zone(name: str) -> ZoneInfo | None:
    """None for that of this machine."""
    if name == "local":
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as exc:  # not a name, a folder of names, not found
        raise ValueError(
            "is no time zone that this machine knows: write local, UTC or a name such as Europe/Berlin"
        ) from exc
