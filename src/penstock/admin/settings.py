"""Where the daemon tells about itself, and who may change its state."""

from pathlib import Path

from pydantic import Field

from penstock.fields import Address, Model, Secret


class AdminSettings(Model):
    """Metrics, health, the status page and its API."""

    enabled: bool = True
    """`false`: no TCP listener. The Unix socket stays, for the command line."""
    listen: Address = Address("127.0.0.1", 9470)
    """Reading is open to whoever can connect; put it on an outside address only where that is meant."""
    token: Secret | None = None
    """What changes state over TCP (pause, replay, reload) needs this as `Authorization: Bearer`; without a token
    such calls are refused there."""
    socket: Path | None = None
    """The Unix socket of the command line, for the daemon's own user alone; default `admin.sock` in the
    journal's folder."""
    max_connections: int = Field(default=64, ge=1)
    """Open at a time, on both together; further ones are closed at once."""
