"""Keys in the form that Elasticsearch gives out, and Cloud IDs."""

import base64
import hashlib
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.destinations.elasticsearch_access import CloudId, ElasticsearchAuth


def auth(**settings: Any) -> ElasticsearchAuth:
    return ElasticsearchAuth.model_validate(settings)


def test_an_api_key_may_be_encoded_or_not() -> None:
    encoded = base64.b64encode(b"VuaCfGcBCdbkQm:ui2lp2axTNmsyakw9tvNnw").decode()
    wanted = {"Authorization": f"ApiKey {encoded}"}
    assert auth(api_key=encoded).headers() == wanted
    assert auth(api_key="VuaCfGcBCdbkQm:ui2lp2axTNmsyakw9tvNnw").headers() == wanted


def test_all_forms_of_a_key_are_secret() -> None:
    assert auth(api_key="id:key").secrets() == {"id:key", "aWQ6a2V5", "key"}


def test_the_other_ways_are_those_of_any_service() -> None:
    assert auth(bearer="t").headers() == {"Authorization": "Bearer t"}
    assert auth(bearer="t").secrets() == {"t"}
    assert auth().headers() == {}


AWS = {"region": "eu-central-1", "access_key_id": "AKID", "secret_access_key": "hunter2"}


def test_requests_to_aws_are_signed_each_time_anew() -> None:
    access = auth(aws={**AWS, "service": "aoss"})
    assert access.headers() == {}
    assert access.secrets() == {"AKID", "hunter2"}
    signing = access.signing()
    assert signing is not None
    sign = signing.signer({"Content-Type": "application/x-ndjson"})
    first = sign("https://h.example/logs/_bulk?filter_path=a,b", b"body", 1_793_000_000.0)
    later = sign("https://h.example/logs/_bulk?filter_path=a,b", b"body", 1_793_000_009.0)
    assert first["X-Amz-Date"] == "20261026T073320Z"
    assert "/20261026/eu-central-1/aoss/aws4_request" in first["Authorization"]
    assert first["X-Amz-Content-SHA256"] == hashlib.sha256(b"body").hexdigest()
    assert first["Authorization"] != later["Authorization"]


def test_others_are_not() -> None:
    assert auth(bearer="t").signing() is None


@pytest.mark.parametrize(
    "other", [{"bearer": "t"}, {"basic": {"username": "u", "password": ""}}, {"aws": AWS}]
)
def test_one_way_only(other: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="keep one of"):
        auth(api_key="id:key", **other)


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ("us-east-1.aws.found.io$abc123$def456", "https://abc123.us-east-1.aws.found.io:443"),
        ("eastus2.azure.elastic-cloud.com:9243$abc-1$", "https://abc-1.eastus2.azure.elastic-cloud.com:9243"),
        ("example.com$abc", "https://abc.example.com:443"),
    ],
)
@pytest.mark.parametrize("name", ["my deployment:", "a:b:", ""])
def test_a_cloud_id_is_a_url(parts: str, url: str, name: str) -> None:
    text = name + base64.b64encode(parts.encode()).decode()
    assert TypeAdapter(CloudId).validate_python(text) == url


@pytest.mark.parametrize(
    "text", ["x:hunter2!", "x:", "x:aGFsbG8=", base64.b64encode(b"h:99x$e").decode(), "x:\xff"]
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValidationError, match="is not a Cloud ID"):
        TypeAdapter(CloudId).validate_python(text)
