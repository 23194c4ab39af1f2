"""Signatures, proven by AWS's published example and by botocore's own client."""

from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import ValidationError

import penstock.destinations.aws_keyring
from penstock.destinations.aws import AwsServiceAuth, AwsSigning
from penstock.destinations.aws_keyring import AwsAuth
from penstock.errors import PluginError

KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EXAMPLE_TIME = 1_440_938_160.0  # 2015-08-30T12:36:00Z, of all published examples
URL = "https://logs.eu-central-1.amazonaws.com/"


def signing(service: Any = "logs", region: str = "us-east-1", **auth: Any) -> AwsSigning:
    given = {"access_key_id": KEY, "secret_access_key": SECRET, **auth}
    return AwsSigning(AwsAuth.model_validate(given), region, service)


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "signed", "signature"),
    [
        # "get-vanilla", "get-vanilla-query-order-key-case" and "post-x-www-form-urlencoded" of AWS's test suite.
        ("GET", "https://example.amazonaws.com/", {}, b"",
         "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", {}, b"",
         "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        ("POST", "https://example.amazonaws.com/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Param1=value1",
         "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ],
)  # fmt: skip
def test_published_examples(
    method: str, url: str, headers: dict[str, str], body: bytes, signed: str, signature: str
) -> None:
    example = signing("service")
    added = example.signer(headers, method)(url, body, EXAMPLE_TIME)
    assert added == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={signed}, Signature={signature}",
    }
