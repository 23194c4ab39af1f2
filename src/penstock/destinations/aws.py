"""Signatures for services of AWS.

botocore knows the arithmetic of Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).
It comes with the extra `aws`, and is imported when it is first needed, in the wire's thread.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field

from penstock.destinations.aws_keyring import AwsAuth, Keyring

AwsService = Literal["logs", "es", "aoss"]

_REGION: Final = r"^[a-z0-9]+(-[a-z0-9]+)+$"


def _region(text: str) -> str:
    if not re.fullmatch(_REGION, text):
        raise ValueError("is not the code of a region: write it as AWS does, such as eu-central-1")
    return text


Region = Annotated[str, AfterValidator(_region), Field(json_schema_extra={"pattern": _REGION})]
"""`eu-central-1`, say."""

_LATEST: Final = 253_402_300_799.0
"""Seconds since the epoch: the last that a signature can be dated."""


class AwsServiceAuth(AwsAuth):
    """For a service that says it nowhere else: where it is, and which it is."""

    region: Region
    """`eu-central-1`, say: where the service is."""
    service: Literal["es", "aoss"] = "es"
    """`es`: an OpenSearch domain. `aoss`: OpenSearch Serverless."""


class AwsSigning:
    """What all requests of a destination share: credentials, and how far this machine's clock is off."""

    def __init__(self, auth: AwsAuth, region: str, service: AwsService) -> None:
        """Raises `PluginError` where botocore is not installed."""
        self._keyring = Keyring(auth, region)
        self._region = region
        self._service = service
        self._skew = 0.0
        self.secrets = auth.secrets()

    def signer(self, headers: Mapping[str, str] | None = None, method: str = "POST") -> "AwsSigner":
        """For requests with this method, that have at least these headers, which are signed as well."""
        return AwsSigner(self, method, dict(headers or {}))

    def correct_clock(self, skew: float) -> None:
        """From now on signatures are dated so many seconds later than this machine's clock says."""
        self._skew = skew

    def forget(self, time: float) -> bool:
        """The service says, at that time, that it does not take the credentials; whether there may be others."""
        return self._keyring.forget(time)

    def sign(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, time: float
    ) -> Mapping[str, str]:
        """The headers to add. Raises `CredentialsError`."""
        from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
        from botocore.awsrequest import AWSRequest

        keys = self._keyring.current(time)
        moment = datetime.fromtimestamp(min(max(time + self._skew, 0.0), _LATEST), UTC)
        added = {"X-Amz-Date": moment.strftime(SIGV4_TIMESTAMP)}
        if keys.token:
            added["X-Amz-Security-Token"] = keys.token
        if self._service == "aoss":
            added["X-Amz-Content-SHA256"] = sha256(body).hexdigest()
        # Its parameters are given apart, or botocore would sign the query as it stands, and a service that escapes it
        # anew (commas, stars) comes to another signature.
        query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        request = AWSRequest(method, url, {**headers, **added}, body, query)  # type: ignore[arg-type] # it takes pairs too
        request.context["timestamp"] = added["X-Amz-Date"]
        # `add_auth` would take the time from the machine's clock; these are the steps of which it consists.
        auth = SigV4Auth(keys, self._service, self._region)
        to_sign = auth.string_to_sign(request, auth.canonical_request(request))
        signed = auth.signed_headers(auth.headers_to_sign(request))
        added["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={signed}, "
            f"Signature={auth.signature(to_sign, request)}"
        )
        return added


class AwsSigner:
    """A `Signer` for requests of one kind."""

    slow = True

    def __init__(self, signing: AwsSigning, method: str, headers: Mapping[str, str]) -> None:
        self._signing = signing
        self._method = method
        self._headers = headers

    def __call__(self, url: str, body: bytes, time: float) -> Mapping[str, str]:
        return self._signing.sign(self._method, url, self._headers, body, time)
