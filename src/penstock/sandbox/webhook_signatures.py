"""Checks signatures as the Standard Webhooks specification (standardwebhooks.com) has its consumers do it. Pure."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from penstock.fields import Duration, Model, Secret


def signing_key(text: str) -> bytes:
    """The key in a secret; empty where it is none."""
    try:
        return b64decode(text.removeprefix("whsec_"), validate=True)
    except (Base64Error, ValueError):
        return b""


def _is_signing_secret(secret: Secret) -> Secret:
    if not signing_key(secret.get_secret_value()):
        raise ValueError("is not a signing secret: it should look like whsec_ and then base64")
    return secret


class SignedSettings(Model):
    """Demand Standard Webhooks signatures."""

    secrets: Annotated[tuple[Annotated[Secret, AfterValidator(_is_signing_secret)], ...], Field(min_length=1)]
    """Any of these will do: `whsec_` and then base64."""
    tolerance: Duration = 300.0
    """How far `webhook-timestamp` may be from now, before or behind."""


class Verifier:
    """Knows the keys."""

    def __init__(self, settings: SignedSettings) -> None:
        self._tolerance = settings.tolerance
        self._keys: Sequence[bytes] = [signing_key(one.get_secret_value()) for one in settings.secrets]

    def why_not(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """What is wrong with a request's signature; empty where it is right. `body` is as it was sent."""
        message_id = headers.get("webhook-id", "")
        timestamp = headers.get("webhook-timestamp", "")
        given = headers.get("webhook-signature", "")
        if not (message_id and timestamp and given):
            return "webhook-id, webhook-timestamp and webhook-signature have to be there"
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 15):
            return "webhook-timestamp is no number of seconds"
        if abs(now - int(timestamp)) > self._tolerance:
            return "webhook-timestamp is too far from now"
        content = f"{message_id}.{timestamp}.".encode(errors="surrogateescape") + body
        right = [f"v1,{b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}" for key in self._keys]
        for signature in given.encode(errors="surrogateescape").split():
            if any(hmac.compare_digest(signature, one.encode()) for one in right):
                return ""
        return "webhook-signature fits none of the secrets"
