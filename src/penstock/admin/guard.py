"""Who may ask for what over TCP. The Unix socket needs none of this: its file's mode is the guard.

Two things are kept off: a web page that reaches for the daemon through its reader's browser (by a name that it
points at 127.0.0.1, or by a form of its own), and anyone without the token who would change something.
"""

import hmac
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from penstock.admin.settings import AdminSettings

OPEN = frozenset({"/metrics", "/livez", "/readyz"})
"""Asked for by monitoring, under whatever name it knows this machine by; they tell nothing secret."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, as an HTTP status and a sentence."""

    status: int
    reason: str


@dataclass(frozen=True)
class Guard:
    """The rules of one listener."""

    settings: AdminSettings

    def check(self, method: str, path: str, headers: Mapping[str, str]) -> Refusal | None:
        """None: go on. `headers` is looked into by any case of the names."""
        if path in OPEN and method in ("GET", "HEAD"):
            return None
        host = headers.get("Host", "")
        if not self._known(host):
            return Refusal(
                421,
                "this name is not one of the daemon's: use its address, or list the name under admin.hosts",
            )
        if method in ("GET", "HEAD"):
            return None
        origin = headers.get("Origin")
        # A proxy may have taken TLS off, so the scheme says nothing.
        if origin is not None and origin.lower().partition("://")[2] != host.lower():
            return Refusal(403, "a page of another origin may not do this")
        return self._token(headers.get("Authorization", ""))

    def _token(self, authorization: str) -> Refusal | None:
        if self.settings.token is None:
            return Refusal(403, "admin.token is not set: only the Unix socket may do this")
        scheme, _, given = authorization.partition(" ")
        wanted = self.settings.token.get_secret_value()
        # Compared as bytes: compare_digest takes no text beyond ASCII.
        right = hmac.compare_digest(given.strip().encode(errors="replace"), wanted.encode())
        if scheme.lower() != "bearer" or not right:
            return Refusal(401, "the token is missing or wrong: send Authorization: Bearer TOKEN")
        return None

    def _known(self, host: str) -> bool:
        name = host_name(host)
        return name in self._names or name.endswith(".localhost") or _is_address(name)

    @cached_property
    def _names(self) -> frozenset[str]:
        machine = socket.gethostname().lower()
        names: Iterable[str] = ("localhost", self.settings.listen.host, machine, *self.settings.hosts)
        return frozenset(name.lower() for name in names)


def host_name(host: str) -> str:
    """The name or address in a `Host` header, without the port, in lower case."""
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        return name.lower() if not rest or rest.startswith(":") else ""
    return host.partition(":")[0].rstrip(".").lower()


def _is_address(name: str) -> bool:
    # A page can point only a name at us, never an address.
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
