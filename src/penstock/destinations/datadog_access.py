"""Where an organisation's log intake is, and how a request says whose it is.

https://docs.datadoghq.com/getting_started/site/
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from penstock.destinations.auth import HeaderSecret
from penstock.destinations.base_url import base_url
from penstock.fields import HttpUrl, Model

SITES: Final = (
    "datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com", "ap2.datadoghq.com",
    "uk1.datadoghq.com", "ddog-gov.com", "us2.ddog-gov.com",
)  # fmt: skip
"""The public ones: US1, US3, US5, EU, AP1, AP2, UK1, US1-FED, US2-FED."""
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def _site(text: str) -> str:
    bare = text.removeprefix("https://").removeprefix("app.").removeprefix("http-intake.logs.").rstrip("/")
    if bare != text:
        raise ValueError(f"is the address of something at a site: the site is {bare}")
    if not _HOST.fullmatch(text):
        raise ValueError(f"is no site: write {SITES[0]}, or what stands behind app. where your pages are")
    return text


Site = Annotated[
    str, AfterValidator(_site), WithJsonSchema({"anyOf": [{"enum": list(SITES)}, {"type": "string"}]})
]


_PATH: Final = "/api/v2/logs"
Base = Annotated[HttpUrl, base_url("https://logs.example.com", _PATH)]


def intake(site: str | None, url: str | None) -> str:
    """The whole URL, of this base or else of the site."""
    base = url or f"https://http-intake.logs.{site or SITES[0]}"
    return base + _PATH


class DatadogAuth(Model):
    """The key of an organisation."""

    api_key: HeaderSecret
    """An API key; not an application key."""

    def headers(self) -> Mapping[str, str]:
        """What to send."""
        return {"DD-API-KEY": self.api_key.get_secret_value()}

    def secrets(self) -> frozenset[str]:
        """What must not be shown."""
        return frozenset(self.headers().values())
