"""Which web pages may send, and how their browsers are told (the Fetch standard, CORS)."""

from collections.abc import Mapping
from typing import Final

from penstock.fields import Model

_MAX_AGE: Final = "7200"
"""Seconds for which a browser remembers; none keeps it for longer."""


class CorsSettings(Model):
    """Browser pages that may send."""

    origins: tuple[str, ...] = ()
    """Such as `https://app.example`, as browsers write them: no path, no slash at the end. `*`: any page."""


class Cors:
    """Decides by the `Origin` that every browser puts on a post from a page.

    A page of an origin that is not named is refused, although no browser would let it see the answer: a post
    of text needs no leave, so that any page in a browser on this machine could write into the log.
    """

    def __init__(self, settings: CorsSettings) -> None:
        self._any = "*" in settings.origins
        self._origins = frozenset(origin.lower() for origin in settings.origins)

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may send."""
        return self._any or origin.lower() in self._origins

    def headers(self, origin: str) -> dict[str, str]:
        """What every answer to a page carries."""
        if not self.allows(origin):
            return {"Vary": "Origin"}
        headers = {"Vary": "Origin", "Access-Control-Expose-Headers": "Retry-After"}
        if origin.lower() in self._origins:
            # navigator.sendBeacon always sends with credentials; nothing here looks at cookies.
            return {
                **headers,
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Credentials": "true",
            }
        return {**headers, "Access-Control-Allow-Origin": "*"}

    def preflight(self, request: Mapping[str, str]) -> dict[str, str]:
        """What the answer to OPTIONS carries beside; nothing where no browser asks."""
        if "Origin" not in request or "Access-Control-Request-Method" not in request:
            return {}
        private = "Access-Control-Request-Private-Network" in request
        return {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Encoding, Content-Type",
            "Access-Control-Max-Age": _MAX_AGE,
            **({"Access-Control-Allow-Private-Network": "true"} if private else {}),
        }
