"""Takes secrets out of what a service has said, since some repeat the request in their answer."""

import json
from collections.abc import Collection
from typing import Final
from urllib.parse import quote

HIDDEN: Final = "**********"
TELLING: Final = 4
"""Characters of the beginning of a secret that are worth hiding, where the text breaks off within it."""


class Blotter:
    """Called with a text, gives it without the secrets.

    As they are, as JSON and as a URL would have them; and the one at the end of a text that was cut.
    """

    def __init__(self, secrets: Collection[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        # The longest first: one may be a part of another.
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        body = text.removesuffix("…")
        begun = max((_begun(body, form) for form in self._forms), default=0)
        return body[: len(body) - begun] + HIDDEN + text[len(body) :] if begun else text


def _forms(secret: str) -> set[str]:
    as_json = json.dumps(secret)[1:-1]
    unicode = json.dumps(secret, ensure_ascii=False)[1:-1]
    slashed = {form.replace("/", "\\/") for form in (as_json, unicode)}
    return {secret, as_json, unicode, *slashed, quote(secret), quote(secret, safe="")}


def _begun(text: str, secret: str) -> int:
    """How many characters of the secret's beginning stand at the end of the text."""
    most = min(len(text), len(secret) - 1)
    return next((size for size in range(most, TELLING - 1, -1) if text.endswith(secret[:size])), 0)
