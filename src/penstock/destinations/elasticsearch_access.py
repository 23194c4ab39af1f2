"""How a request to Elasticsearch says who we are, and where a deployment on Elastic Cloud is."""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import AfterValidator, model_validator

from penstock.destinations.auth import HeaderSecret, HttpAuth
from penstock.destinations.aws import AwsServiceAuth, AwsSigning
from penstock.fields import parse_url

_PARTS: Final = re.compile(r"([\w.-]+)(?::(\d{1,5}))?\$([\w-]+)(?:\$.*)?", re.ASCII)


class ElasticsearchAuth(HttpAuth):
    """Who we are: at most one of `api_key`, `aws`, `basic`, `bearer` and `header`."""

    api_key: HeaderSecret | None = None
    """As Elasticsearch gives it out: `encoded`, or `id:key`."""

    aws: AwsServiceAuth | None = None
    """Signatures, for OpenSearch at AWS; needs the extra `aws`."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum([self.api_key is not None, self.aws is not None, bool(super().headers())]) > 1:
            raise ValueError("says it in two ways: keep one of api_key, aws, basic, bearer and header")
        return self

    def signing(self) -> AwsSigning | None:
        """What signs, where requests are to be signed. Raises `PluginError` where botocore is not installed."""
        return None if self.aws is None else AwsSigning(self.aws, self.aws.region, self.aws.service)

    def headers(self) -> Mapping[str, str]:
        if self.api_key is None:
            return super().headers()
        key = self.api_key.get_secret_value()
        # Base64 has no colon in it, so a key that has one is not encoded yet.
        return {"Authorization": f"ApiKey {b64encode(key.encode()).decode() if ':' in key else key}"}

    def secrets(self) -> frozenset[str]:
        if self.aws is not None:
            return self.aws.secrets()
        if self.api_key is None:
            return super().secrets()
        key = self.api_key.get_secret_value()
        sent = self.headers()["Authorization"].removeprefix("ApiKey ")
        return frozenset({key, sent, key.rpartition(":")[2]})


def _url_of(cloud_id: str) -> str:
    """`NAME:` and then base64 of `host[:port]$elasticsearch$kibana`."""
    try:
        match = _PARTS.fullmatch(b64decode(cloud_id.rpartition(":")[2], validate=True).decode())
    except ValueError:
        match = None
    if match is None:
        raise ValueError("is not a Cloud ID: copy it from the deployment's page, NAME:… and all")
    host, port, elasticsearch = match.groups()
    return parse_url(f"https://{elasticsearch}.{host}:{port or 443}")


CloudId = Annotated[str, AfterValidator(_url_of)]
"""A Cloud ID, as the URL that it stands for."""
