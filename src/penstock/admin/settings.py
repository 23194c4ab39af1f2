"""Where the daemon tells about itself, and who may change its state."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from penstock.fields import Address, Model, Secret


class AdminSettings(Model):
    """Metrics, health, the status page and its API."""

    enabled: bool = True
    """`false`: no TCP listener. The Unix socket stays, for the command line."""
    listen: Address = Address("127.0.0.1", 9470)
    """Reading is open to whoever can connect; put it on an outside address only where that is meant."""
    hosts: tuple[str, ...] = ()
    """Further names under which the listener is reached, by a proxy say. Without it: localhost, addresses, the host of
    `listen`, and this machine's name."""
    token: Secret | None = None
    """What changes state over TCP (pause, replay, reload) needs this as `Authorization: Bearer`; without a token
    such calls are refused there."""
    socket: Path | None = None
    """The Unix socket of the command line, for the daemon's own user alone; default `admin.sock` in the
    journal's folder, none where the journal is in memory."""
    max_connections: int = Field(default=64, ge=1)
    """Open at a time, over TCP and on the Unix socket each; further ones are closed at once."""

    @field_validator("token")
    @classmethod
    def _not_empty(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not token.get_secret_value().strip():
            raise ValueError("is empty: leave it out, or give a token")
        return token
