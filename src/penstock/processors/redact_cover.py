"""What stands in the place of a secret."""

import hashlib
from typing import Final, Literal

With = Literal["mask", "remove", "hash", "partial"]

_DIGEST: Final = 8
"""Bytes of a pseudonym: two of a billion texts are hardly ever alike."""
_MOST_KEY: Final = 64
_FEW: Final = 12
"""Of a text with fewer characters a part says too much."""
_NUMBERS: Final = frozenset({"card", "iban", "ssn", "phone"})
_CAPITALS: Final = frozenset({"email", "ipv6", "iban"})
_BY_BEGINNING: Final = frozenset({"jwt", "aws_key", "bearer"})
_NO_PART: Final = frozenset({"private_key", "url_password"})


class Cover:
    """Covers secrets as the options say."""

    def __init__(self, action: With, mask: str, key: str) -> None:
        self.action = action
        self._mask = mask
        data = key.encode()
        self._key = data if len(data) <= _MOST_KEY else hashlib.blake2b(data).digest()

    def of(self, name: str, text: str) -> str:
        """What stands for this text, which is of the kind of that name."""
        match self.action:
            case "mask":
                return self._mask.replace("{name}", name)
            case "remove":
                return ""
            case "hash":
                data = _same(name, text).encode("utf-8", "replace")
                return f"{name}:{hashlib.blake2b(data, key=self._key, digest_size=_DIGEST).hexdigest()}"
            case "partial":
                return _partial(name, text)


def _same(name: str, text: str) -> str:
    """One text for all ways to write what is the same, so that it has one pseudonym."""
    if name in _NUMBERS:
        text = "".join([char for char in text if char.isalnum()])
    return text.lower() if name in _CAPITALS else text


def _partial(name: str, text: str) -> str:
    text = _same(name, text) if name in _NUMBERS else text
    match name:
        case "email":
            local, at, domain = text.rpartition("@") if "@" in text else text.rpartition("%40")
            return f"{local[:1]}***{at}{domain}"
        case "ipv4":
            first, second, *_ = text.split(".")
            return f"{first}.{second}.*.*"
        case "ipv6":
            first, second, *_ = text.split(":")
            return f"{first}:{second}:*"
        case "ssn":
            return f"***-**-{text[-4:]}"
        case _ if name in _NO_PART or len(text) < _FEW:
            return "****"
        case _:
            return f"{text[:4]}****" if name in _BY_BEGINNING else f"****{text[-4:]}"
