"""How a request says who we are, for destinations that speak plain HTTP."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from penstock.fields import Model, Secret

HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
"""A token of RFC 9110."""


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a line break or another character that a header cannot carry")
    return text


def _secret_line(secret: Secret) -> Secret:
    _one_line(secret.get_secret_value())
    return secret


def _not_empty(secret: Secret) -> Secret:
    if not secret.get_secret_value().strip():
        raise ValueError("is empty")
    return secret


def _no_colon(name: str) -> str:
    if ":" in name:
        raise ValueError("holds a colon, which ends the user's name (RFC 7617)")
    return name


HeaderText = Annotated[str, AfterValidator(_one_line)]
"""What may stand behind a header's name."""
Password = Annotated[Secret, AfterValidator(_secret_line)]
"""A secret that goes into a header; it may be empty, as where the user's name is a key."""
HeaderSecret = Annotated[Password, AfterValidator(_not_empty)]
"""A secret that goes into a header."""


class BasicAuth(Model):
    """A user and a password (RFC 7617)."""

    username: Annotated[HeaderText, AfterValidator(_no_colon)]
    password: Password


class HeaderAuth(Model):
    """A header of the service's own."""

    name: HeaderName
    value: HeaderSecret


class HttpAuth(Model):
    """Who we are: at most one of `basic`, `bearer` and `header`."""

    basic: BasicAuth | None = None
    bearer: HeaderSecret | None = None
    """A token, sent as `Authorization: Bearer`."""
    header: HeaderAuth | None = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if sum(way is not None for way in (self.basic, self.bearer, self.header)) > 1:
            raise ValueError("says it in two ways: keep one of basic, bearer and header")
        return self

    def headers(self) -> Mapping[str, str]:
        """What to send."""
        if self.basic is not None:
            pair = f"{self.basic.username}:{self.basic.password.get_secret_value()}"
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        if self.bearer is not None:
            return {"Authorization": f"Bearer {self.bearer.get_secret_value()}"}
        if self.header is not None:
            return {self.header.name: self.header.value.get_secret_value()}
        return {}

    def secrets(self) -> frozenset[str]:
        """What must not be shown, in every form in which it is sent."""
        bare = [self.basic and self.basic.password, self.bearer, self.header and self.header.value]
        shown = [secret.get_secret_value() for secret in bare if secret]
        encoded = [value.rpartition(" ")[2] for value in self.headers().values()]
        return frozenset(text for text in [*shown, *encoded] if text)
