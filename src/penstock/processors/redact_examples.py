"""Examples for the reference page of `redact`, each a test."""

from collections.abc import Sequence
from typing import Final

from penstock.processors.shown import Shown

SHOWN: Final[Sequence[Shown]] = (
    Shown(
        settings={},
        given=[
            {
                "message": "login of eve@example.com from 192.0.2.7",
                "context": {"card": "4111 1111 1111 1111"},
            },
            {"message": "nothing secret", "status": 200},
        ],
        gives=[
            {"message": "login of [email] from [ipv4]", "context": {"card": "[card]"}},
            {"message": "nothing secret", "status": 200},
        ],
    ),
    Shown(
        settings={"patterns": ["email"], "fields": ["message"], "with": "hash", "key": "a secret"},
        given=[
            {"message": "eve@example.com logs in"},
            {"message": "Eve@Example.com again", "to": "eve@example.com"},
        ],
        gives=[
            {"message": "email:cc79a3578fcb0898 logs in"},
            {"message": "email:cc79a3578fcb0898 again", "to": "eve@example.com"},
        ],
        note="The same address has the same pseudonym, and nobody can tell whose it is without the key.",
    ),
    Shown(
        settings={"patterns": [], "names": ["password", "*_token"], "with": "remove"},
        given=[
            {"user": {"password": "hunter2", "accessToken": "x"}, "message": "sent password=hunter2 to ldap"}
        ],
        gives=[{"user": {}, "message": "sent password= to ldap"}],
    ),
    Shown(
        settings={"patterns": ["card", "email", "ipv4"], "with": "partial"},
        given=[{"card": 4111111111111111, "message": "eve@example.com at 192.0.2.7"}],
        gives=[{"card": "****1111", "message": "e***@example.com at 192.0.*.*"}],
    ),
    Shown(
        settings={"patterns": [{"name": "order", "pattern": r"\bORD-[0-9]{6}\b"}, "jwt"], "mask": "<{name}>"},
        given=[{"message": "ORD-123456 is paid"}],
        gives=[{"message": "<order> is paid"}],
    ),
)
