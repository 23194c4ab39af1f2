"""Plays a webhook's receiver, strictly: what a body claims of itself has to be so.

Signatures are those of Standard Webhooks (standardwebhooks.com); `Idempotency-Key` is that of the IETF's draft of the
same name: a request that comes again under its key is answered as before and not taken twice, and a key that comes
with other events is a mistake (422).
"""

from typing import Any, Final, Literal

import orjson
from pydantic import ConfigDict, Field

from penstock.fields import Size
from penstock.sandbox.received import ID_FIELD
from penstock.sandbox.service import Accepted, Answered, Asked, ServiceSettings, Spoil, sound
from penstock.sandbox.webhook_auth import AuthSettings
from penstock.sandbox.webhook_bodies import Malformed, read
from penstock.sandbox.webhook_keys import Keys
from penstock.sandbox.webhook_signatures import SignedSettings, Verifier

METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
_DEMO_SECRET: Final = "whsec_cGVuc3RvY2stc2FuZGJveC1kZW1v"  # noqa: S105 - everybody may know it


class WebhookService(ServiceSettings):
    """A receiver of Penstock's webhook: at any path, in any of its three formats."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "webhook",
                    "auth": {"bearer": "demo-webhook-token"},
                    "sign": {"secrets": [_DEMO_SECRET]},
                }
            ]
        }
    )

    takes_in_part = False

    type: Literal["webhook"]
    auth: AuthSettings = AuthSettings()
    sign: SignedSettings | None = None
    status: int = Field(default=200, ge=200, le=299)
    """What success is answered with."""
    max_body: Size = 64 * 2**20
    """Of a body, inflated; a larger one is answered 413."""

    def build(self) -> "Webhook":
        return Webhook(self)

    def destination(self, url: str) -> dict[str, Any]:
        block: dict[str, Any] = {"type": "webhook", "url": f"{url}/logs", "id_field": ID_FIELD}
        if auth := self.auth.shown():
            block["auth"] = auth
        if self.sign is not None:
            block["sign"] = {"secret": self.sign.secrets[0].get_secret_value()}
        return block


class Webhook:
    """A URL that takes JSON."""

    def __init__(self, settings: WebhookService) -> None:
        self._settings = settings
        self._verifier = Verifier(settings.sign) if settings.sign else None
        self._keys = Keys()

    def answer(self, asked: Asked, spoil: Spoil = sound) -> Answered:
        del spoil  # it takes a request as a whole or not at all
        settings = self._settings
        if asked.method not in METHODS:
            allow = {"Allow": ", ".join(sorted(METHODS))}
            return _refused(405, f"{asked.method} is not taken here: post events", **allow)
        if not settings.auth.lets_in(asked.headers):
            return _refused(401, "the credentials are missing or wrong", **settings.auth.challenge)
        why = self._verifier.why_not(asked.headers, asked.raw, asked.received) if self._verifier else ""
        if why:
            return _refused(401, why)
        if len(asked.body) > settings.max_body:
            return _refused(413, f"the body is longer than {settings.max_body} bytes")
        return self._take(asked)

    def _take(self, asked: Asked) -> Answered:
        key = asked.headers.get("idempotency-key", "")
        if asked.headers.get("webhook-id", key) != key and key:
            return _refused(400, "Idempotency-Key and webhook-id differ")
        key = key or asked.headers.get("webhook-id", "")
        try:
            events = read(asked.body, asked.headers.get("content-type", ""))
        except Malformed as exc:
            return _refused(400, str(exc))
        seen = self._keys.seen(key, events) if key else "never"
        if seen == "with others":
            return _refused(422, "the Idempotency-Key was used for other events")
        if seen == "again":
            told = _told(self._settings.status, {"received": len(events), "duplicate": True})
            return Answered(told.status, told.body, told.headers, repeated=len(events))
        if key:
            self._keys.remember(key, events)
        told = _told(self._settings.status, {"received": len(events), "duplicate": False})
        accepted = [Accepted("", event) for event in events]
        return Answered(told.status, told.body, told.headers, accepted)


def _refused(status: int, why: str, **headers: str) -> Answered:
    told = _told(status, {"error": why})
    return Answered(status, told.body, {**told.headers, **headers})


def _told(status: int, value: object) -> Answered:
    return Answered(status, orjson.dumps(value), {"Content-Type": "application/json"})
