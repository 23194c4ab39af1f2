"""Signatures, proven by AWS's published examples, by botocore's own signing, and by a verifier of the other side."""

from datetime import UTC, datetime
from typing import Any

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import ValidationError

from penstock.destinations.aws import AwsServiceAuth, AwsSigning
from penstock.destinations.aws_keyring import AwsAuth
from penstock.sandbox.aws_signature import Door
from penstock.sandbox.service import Asked

KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EXAMPLE_TIME = 1_440_938_160.0  # 2015-08-30T12:36:00Z, of all published examples


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
    *, method: str, url: str, headers: dict[str, str], body: bytes, signed: str, signature: str
) -> None:
    added = signing("service").signer(headers, method)(url, body, EXAMPLE_TIME)
    assert added == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={signed}, Signature={signature}",
    }


REQUESTS = [
    ("logs", "POST", "https://logs.us-east-1.amazonaws.com/", {"X-Amz-Target": "Logs_20140328.PutLogEvents"}, b"{}"),
    ("logs", "POST", "http://127.0.0.1:4566/", {"Content-Type": "application/x-amz-json-1.1"}, b"\x1f\x8b\x00"),
    ("es", "POST", "https://x.us-east-1.es.amazonaws.com/_bulk?filter_path=a,b.*&pipeline=p%20q", {}, b"{}\n" * 9),
    ("es", "GET", "https://x.us-east-1.es.amazonaws.com/%3Clogs%3E/_search?a=2&a=1&b", {}, b""),
    ("aoss", "POST", "https://x.us-east-1.aoss.amazonaws.com/logs/_bulk", {"Content-Type": "application/x-ndjson"}, b"{}\n"),
]  # fmt: skip


@pytest.mark.parametrize("token", [None, "a-token"])
@pytest.mark.parametrize(("service", "method", "url", "headers", "body"), REQUESTS)
def test_botocore_would_sign_the_same(
    monkeypatch: pytest.MonkeyPatch, *,
    service: str, method: str, url: str, headers: dict[str, str], body: bytes, token: str | None,
) -> None:  # fmt: skip
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moment)
    added = signing(service, session_token=token).signer(headers, method)(url, body, moment.timestamp())
    mine = {name: text for name, text in added.items() if name == "X-Amz-Content-SHA256"}
    escaped = url.replace(",", "%2C").replace("*", "%2A")  # it signs a query as it stands
    request = AWSRequest(
        method, escaped.removesuffix("&b") + "&b=" * url.endswith("&b"), headers | mine, body
    )
    botocore.auth.SigV4Auth(Credentials(KEY, SECRET, token), service, "us-east-1").add_auth(request)
    assert dict(added) | headers == dict(request.headers.items())
    assert ("X-Amz-Content-SHA256" in added) == (service == "aoss")


@pytest.mark.parametrize("token", [None, "a-token"])
@pytest.mark.parametrize(("service", "method", "url", "headers", "body"), REQUESTS)
def test_the_other_side_verifies_what_is_sent(
    *, service: str, method: str, url: str, headers: dict[str, str], body: bytes, token: str | None
) -> None:
    now = 1_793_000_000.0
    added = signing(service, session_token=token).signer(headers, method)(url, body, now)
    host, slash, rest = url.split("://")[1].partition("/")
    sent = {name.lower(): text for name, text in {**headers, **added, "Host": host}.items()}
    door = Door({KEY: SECRET}, "us-east-1", service, [token] if token else [])
    assert door.deny(Asked(method, slash + rest, sent, body, body, now)) is None
    assert door.deny(Asked(method, slash + rest, sent, body + b"!", body, now)) is not None
    assert door.deny(Asked(method, "/other", sent, body, body, now)) is not None


def test_a_clock_that_is_off_is_corrected() -> None:
    signer = (mine := signing()).signer()
    assert signer("https://h.example/", b"", EXAMPLE_TIME)["X-Amz-Date"] == "20150830T123600Z"
    mine.correct_clock(-3600.0)
    assert signer("https://h.example/", b"", EXAMPLE_TIME)["X-Amz-Date"] == "20150830T113600Z"
    for odd in (-1e12, 1e18, float("inf")):
        mine.correct_clock(odd)
        assert signer("https://h.example/", b"", EXAMPLE_TIME)["X-Amz-Date"][-1] == "Z"


def test_signers_of_a_destination_share_what_it_learns() -> None:
    mine = signing()
    first, second = mine.signer({"X-Amz-Target": "a"}), mine.signer({"X-Amz-Target": "b"})
    mine.correct_clock(60.0)
    dates = {signer("https://h.example/", b"", EXAMPLE_TIME)["X-Amz-Date"] for signer in (first, second)}
    assert dates == {"20150830T123700Z"}
    assert first.slow, "it is called in a thread, as credentials may have to be fetched"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "region"),
        ({"region": "eu-central-1", "service": "s3"}, "es"),
        ({"region": "https://eu"}, "such as eu-central-1"),
    ],
)
def test_mistakes_in_the_configuration(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        AwsServiceAuth.model_validate(settings)
