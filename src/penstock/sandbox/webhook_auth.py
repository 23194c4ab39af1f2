"""Who may post to a played webhook: basic, bearer, or a header. Pure."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Self

from pydantic import model_validator

from penstock.fields import Model, Secret


class BasicAuth(Model):
    """A user and a password (RFC 7617)."""

    username: str
    password: Secret


class HeaderAuth(Model):
    """A header and its value."""

    name: str
    value: Secret


class AuthSettings(Model):
    """At most one of the three; none lets everybody in."""

    basic: BasicAuth | None = None
    bearer: Secret | None = None
    """A token, taken as `Authorization: Bearer`."""
    header: HeaderAuth | None = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if sum(way is not None for way in (self.basic, self.bearer, self.header)) > 1:
            raise ValueError("says it in two ways: keep one of basic, bearer and header")
        return self

    def lets_in(self, headers: Mapping[str, str]) -> bool:
        """Whether these headers, by their names in lower case, show what is demanded."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if self.basic is not None:
            pair = f"{self.basic.username}:{self.basic.password.get_secret_value()}".encode()
            return scheme.lower() == "basic" and _same(given.strip(), b64encode(pair).decode())
        if self.bearer is not None:
            return scheme.lower() == "bearer" and _same(given.strip(), self.bearer.get_secret_value())
        if self.header is not None:
            return _same(headers.get(self.header.name.lower(), ""), self.header.value.get_secret_value())
        return True

    @property
    def challenge(self) -> Mapping[str, str]:
        """What a 401 carries."""
        scheme = "Basic" if self.basic is not None else "Bearer"
        return {} if self.header is not None else {"WWW-Authenticate": f'{scheme} realm="sandbox"'}

    def shown(self) -> dict[str, Any]:
        """As a destination of Penstock is told it."""
        if self.basic is not None:
            return {
                "basic": {
                    "username": self.basic.username,
                    "password": self.basic.password.get_secret_value(),
                }
            }
        if self.bearer is not None:
            return {"bearer": self.bearer.get_secret_value()}
        if self.header is not None:
            return {"header": {"name": self.header.name, "value": self.header.value.get_secret_value()}}
        return {}


def _same(given: str, wanted: str) -> bool:
    # As bytes: compare_digest takes no text beyond ASCII.
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode(errors="replace"))
