"""Who may come in: API keys, users and tokens, and what is said to the others.

https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/user-authentication
"""

from base64 import b64decode
from collections.abc import Mapping

from pydantic import Field

from penstock.fields import Model, Secret
from penstock.sandbox.elasticsearch_errors import Product, Trouble
from penstock.sandbox.service import Answered

_WAYS = ['Basic realm="security", charset="UTF-8"', 'Bearer realm="security"', "ApiKey"]


class Doors(Model):
    """The credentials that are demanded; without any, everybody is let in."""

    api_keys: tuple[Secret, ...] = ()
    """Each `id:key`, as the service gives it out."""
    users: dict[str, Secret] = Field(default_factory=dict)
    """Passwords, by user."""
    tokens: tuple[Secret, ...] = ()
    """For `Authorization: Bearer`."""
    writable: tuple[str, ...] = ("*",)
    """Patterns of the indices that may be written to; items for others are answered with 403, and with none of them whole
    requests are."""

    def check(self, headers: Mapping[str, str], path: str, product: Product) -> Answered | None:
        """The answer to somebody who is not let in."""
        if not (self.api_keys or self.users or self.tokens):
            return None
        way, _, said = headers.get("authorization", "").partition(" ")
        if not said:
            return _shut(product, f"missing authentication credentials for REST request [{path}]")
        match way.lower():
            case "apikey":
                known = _decoded(said) in _texts(self.api_keys)
            case "basic":
                user, _, password = _decoded(said).partition(":")
                known = user in self.users and self.users[user].get_secret_value() == password
            case "bearer":
                known = said.strip() in _texts(self.tokens)
            case _:
                known = False
        if known:
            return None
        return _shut(product, f"unable to authenticate with provided credentials for REST request [{path}]")

    def check_rights(self) -> None:
        """Raises `Trouble` where nothing at all may be written."""
        if not self.writable:
            raise Trouble(
                403,
                "security_exception",
                "action [indices:data/write/bulk] is unauthorized, this action is granted by the index privileges "
                "[create_doc,create,delete,index,write,all]",
            )


def shut(product: Product) -> Answered:
    """What somebody is told whose credentials are not known."""
    return _shut(product, "unable to authenticate with provided credentials for REST request [/_bulk]")


def _shut(product: Product, reason: str) -> Answered:
    if product == "opensearch":
        return Answered(401, b"Unauthorized", {"WWW-Authenticate": 'Basic realm="OpenSearch Security"'})
    trouble = Trouble(401, "security_exception", reason, header={"WWW-Authenticate": _WAYS})
    return trouble.whole({"WWW-Authenticate": ", ".join(_WAYS)})


def _texts(secrets: tuple[Secret, ...]) -> list[str]:
    return [secret.get_secret_value() for secret in secrets]


def _decoded(text: str) -> str:
    try:
        return b64decode(text.strip(), validate=True).decode()
    except ValueError:
        return ""
