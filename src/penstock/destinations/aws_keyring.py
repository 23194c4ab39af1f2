"""Where credentials for AWS come from: the configuration, or wherever AWS's own tools would look.

botocore looks. It comes with the extra `aws`, and is imported when it is first needed, in the wire's thread.
"""

import logging
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from penstock.destinations.auth import HeaderSecret
from penstock.errors import CredentialsError, PluginError
from penstock.fields import Model

if TYPE_CHECKING:
    from botocore.credentials import Credentials, ReadOnlyCredentials

REMEDY: Final = (
    "set access_key_id and secret_access_key under `auth`, or a profile there, or give this process a role"
)
_PAUSE: Final = 5.0
"""Seconds for which credentials that were not found are not looked for again: a look may take seconds, and each
request that waits for it has a thread."""
_LATE: Final = 60.0
"""Seconds after new credentials in which an answer may still be about the old ones."""
_REFUSED: Final = 60.0
"""Seconds for which the service is not asked again with credentials that it has not taken."""


class AwsAuth(Model):
    """A key of its own, or a profile; with neither what AWS's own tools would use.

    That is the environment, `~/.aws`, a web identity (EKS), and the role of the container or of the machine.
    """

    access_key_id: HeaderSecret | None = None
    """Of a key of its own."""
    secret_access_key: HeaderSecret | None = None
    """Of the same key."""
    session_token: HeaderSecret | None = None
    """With temporary keys; for keys that are renewed by somebody else, take a profile."""
    profile: Annotated[str, Field(min_length=1)] | None = None
    """A section of `~/.aws/config` or `~/.aws/credentials`; it may name a role to assume."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("has half of a key: access_key_id and secret_access_key go together")
        if self.session_token is not None and self.access_key_id is None:
            raise ValueError("has a session_token without its access_key_id and secret_access_key")
        if self.profile is not None and self.access_key_id is not None:
            raise ValueError("says it in two ways: keep access_key_id or profile")
        return self

    def secrets(self) -> frozenset[str]:
        """What must not be shown; of credentials that are found elsewhere nothing is known here."""
        given = (self.access_key_id, self.secret_access_key, self.session_token)
        return frozenset(secret.get_secret_value() for secret in given if secret is not None)


class Keyring:
    """Finds credentials when they are first asked for, keeps them, and renews them before they end.

    `current` may wait, and is called in any thread; `forget` never waits.
    """

    def __init__(self, auth: AwsAuth, region: str) -> None:
        """Raises `PluginError` where botocore is not installed."""
        if find_spec("botocore") is None:
            raise PluginError("signing for AWS needs botocore: pip install 'penstock[aws]'")
        self._auth = auth
        self._region = region
        self._lock = threading.Lock()
        self._found: Credentials | None = None
        self._keys: ReadOnlyCredentials | None = None
        self._since = 0.0
        self._forgotten: tuple[float, ReadOnlyCredentials] | None = None
        self._failure: tuple[float, str] | None = None

    def current(self, time: float) -> "ReadOnlyCredentials":
        """What to sign with, at that time in seconds since the epoch. Raises `CredentialsError`."""
        with self._lock:
            if self._failure is not None and 0 <= time - self._failure[0] < _PAUSE:
                raise CredentialsError(self._failure[1])
            self._failure = None
            try:
                keys = self._look(time)
            except CredentialsError as exc:
                self._failure = time, str(exc)
                raise
            if not _same(keys, self._keys):
                self._keys, self._since = keys, time
            return keys

    def forget(self, time: float) -> bool:
        """The service does not take them, as they have expired or are gone; whether there may be others.

        They are looked for anew, and for a while the same are no find. Of several requests under way each may be
        answered so, the last when there are new ones already.
        """
        if self._auth.access_key_id is not None:
            return False
        late = self._forgotten is not None and 0 <= time - self._since < _LATE
        if self._keys is not None and not late:
            self._forgotten, self._found = (time, self._keys), None
        return True

    def _look(self, time: float) -> "ReadOnlyCredentials":
        found = self._found or _find(self._auth, self._region)
        keys = _frozen(found)
        at, refused = self._forgotten or (0.0, None)
        if _same(keys, refused) and 0 <= time - at < _REFUSED:
            raise CredentialsError(
                "the service takes these AWS credentials no more, and no others are found: renew them"
            )
        self._found = found
        return keys


def _same(one: "ReadOnlyCredentials", other: "ReadOnlyCredentials | None") -> bool:
    return other is not None and (one.access_key, one.token) == (other.access_key, other.token)


def _find(auth: AwsAuth, region: str) -> "Credentials":
    from botocore.credentials import Credentials
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.session import Session

    if auth.access_key_id is not None and auth.secret_access_key is not None:
        token = auth.session_token
        return Credentials(
            auth.access_key_id.get_secret_value(),
            auth.secret_access_key.get_secret_value(),
            token.get_secret_value() if token else None,
        )
    # What it says of a renewal that fails, with a traceback each time, our error says once.
    logging.getLogger("botocore").setLevel(logging.CRITICAL)
    try:
        session = Session(profile=auth.profile)
        if not session.get_config_variable("region"):
            # To assume a role a service is asked, and that is somewhere.
            session.set_config_variable("region", region)
        found = session.get_credentials()
    except (BotoCoreError, ClientError, OSError, RuntimeError, ValueError) as exc:
        raise CredentialsError(f"AWS credentials cannot be had: {_line(exc)}") from exc
    if found is None:
        raise CredentialsError(f"no AWS credentials were found: {REMEDY}")
    return found


def _frozen(found: "Credentials") -> "ReadOnlyCredentials":
    """They are renewed here where their end is near."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return found.get_frozen_credentials()
    except (BotoCoreError, ClientError, OSError, RuntimeError, ValueError) as exc:
        raise CredentialsError(f"AWS credentials cannot be renewed: {_line(exc)}") from exc


def _line(exc: Exception) -> str:
    return " ".join(str(exc).split())[:300]
