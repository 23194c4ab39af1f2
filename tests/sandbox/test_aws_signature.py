"""The verifier, proven by AWS's published examples and by what botocore signs; and what it says of the rest."""

from datetime import UTC, datetime
from typing import Any

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from penstock.sandbox.aws_signature import Denied, Door
from penstock.sandbox.service import Asked

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EXAMPLE_TIME = 1_440_938_160.0  # 2015-08-30T12:36:00Z
EXAMPLES = Door({KEY: SECRET}, "us-east-1", "service")
SCOPE = f"{KEY}/20150830/us-east-1/service/aws4_request"


def example(
    signature: str,
    method: str = "GET",
    target: str = "/",
    body: bytes = b"",
    *,
    at: float = EXAMPLE_TIME,
    **headers: str,
) -> Asked:
    """A request of AWS's test suite."""
    sent = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    sent |= {name.replace("_", "-"): text for name, text in headers.items()}
    signed = ";".join(sorted(sent))
    authorization = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders={signed}, Signature={signature}"
    return Asked(method, target, {"authorization": authorization, **sent}, body, body, at)


VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"


def test_published_examples() -> None:
    assert EXAMPLES.deny(example(VANILLA)) is None
    query = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    assert EXAMPLES.deny(example(query, target="/?Param2=value2&Param1=value1")) is None
    form = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    of_form = example(form, "POST", body=b"Param1=value1", content_type="application/x-www-form-urlencoded")
    assert EXAMPLES.deny(of_form) is None


@given(
    st.lists(st.sampled_from(["a", "b-_~", "%3Clogs%3E", "a.b"]), max_size=3).map("/".join),
    st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=3),
    st.binary(max_size=40),
)
def test_what_botocore_signs_is_let_in(path: str, query: list[tuple[str, str]], body: bytes) -> None:
    request = AWSRequest("POST", f"https://h.example/{path}", {"X-Amz-Target": "a  b "}, body, query)  # type: ignore[arg-type] # it takes pairs too
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            botocore.auth, "get_current_datetime", lambda: datetime.fromtimestamp(EXAMPLE_TIME, UTC)
        )
        botocore.auth.SigV4Auth(Credentials(KEY, SECRET), "logs", "eu-west-1").add_auth(request)
    prepared = request.prepare()
    headers = {name.lower(): text for name, text in request.headers.items()}
    target = prepared.url.removeprefix("https://h.example").replace("+", "%20")
    asked = Asked("POST", target, {**headers, "host": "h.example"}, body, body, EXAMPLE_TIME)
    assert Door({KEY: SECRET}, "eu-west-1", "logs").deny(asked) is None
    tampered = Asked("POST", target, {**headers, "host": "h.example"}, body + b"!", body, EXAMPLE_TIME)
    assert Door({KEY: SECRET}, "eu-west-1", "logs").deny(tampered) is not None


def without(asked: Asked, header: str) -> Asked:
    headers = {name: text for name, text in asked.headers.items() if name != header}
    return Asked(asked.method, asked.target, headers, asked.raw, asked.body, asked.received)


def changed(old: str, new: str) -> Asked:
    asked = example(VANILLA)
    headers = {**asked.headers, "authorization": asked.headers["authorization"].replace(old, new)}
    return Asked(asked.method, asked.target, headers, asked.raw, asked.body, asked.received)


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        (without(example(VANILLA), "authorization"), "MissingAuthenticationTokenException", "Missing"),
        (without(example(VANILLA), "x-amz-date"), "IncompleteSignatureException", "X-Amz-Date"),
        (changed("Signature=", "Sig="), "IncompleteSignatureException", "requires 'Signature'"),
        (changed("AWS4-HMAC-SHA256", "Basic"), "IncompleteSignatureException", "requires"),
        (changed("/aws4_request", ""), "IncompleteSignatureException", "exactly 5"),
        (changed("20150830/", "20150829/"), "InvalidSignatureException", "'20150829' != '20150830'"),
        (changed("us-east-1", "eu-west-1"), "InvalidSignatureException", "valid region"),
        (changed("/service/", "/logs/"), "InvalidSignatureException", "correct service: 'service'"),
        (changed("aws4_request", "aws3_request"), "InvalidSignatureException", "valid terminator"),
        (changed(KEY, "AKID2"), "UnrecognizedClientException", "security token included in the request is invalid"),
        (changed("5fa0", "5fa1"), "InvalidSignatureException", "The request signature we calculated does not match"),
        (changed("host;", ""), "InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader'"),
        (changed(";x-amz-date", ""), "InvalidSignatureException", "'x-amz-date' must be a 'SignedHeader'"),
        (changed("host;", "a;host;"), "InvalidSignatureException", "'a' is signed, and not there"),
        (example(VANILLA, at=EXAMPLE_TIME + 301), "InvalidSignatureException",
         "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"),
        (example(VANILLA, at=EXAMPLE_TIME - 301), "InvalidSignatureException",
         "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"),
    ],
)  # fmt: skip
def test_who_is_not_let_in_is_told_why(asked: Asked, code: str, told: str) -> None:
    denied = EXAMPLES.deny(asked)
    assert denied is not None
    assert denied.code == code
    assert told in denied.message


@pytest.mark.parametrize("off", [-300, 300])
def test_five_minutes_are_no_harm(off: float) -> None:
    assert EXAMPLES.deny(example(VANILLA, at=EXAMPLE_TIME + off)) is None


def test_a_date_that_is_none() -> None:
    asked = example(VANILLA, x_amz_date="20150830yesterday")
    assert EXAMPLES.deny(asked) == Denied(
        "IncompleteSignatureException", "Date must be in ISO-8601 'basic format'. Got '20150830yesterday'."
    )


@pytest.mark.parametrize(
    ("tokens", "sent", "code"),
    [
        ({"tokens": ["t"]}, {}, "UnrecognizedClientException"),
        ({"tokens": ["t"]}, {"x_amz_security_token": "u"}, "UnrecognizedClientException"),
        ({}, {"x_amz_security_token": "t"}, "UnrecognizedClientException"),
        ({"expired_tokens": ["t"]}, {"x_amz_security_token": "t"}, "ExpiredTokenException"),
        (
            {"tokens": ["t"]},
            {"x_amz_security_token": "t"},
            "InvalidSignatureException",
        ),  # it is signed as well
    ],
)
def test_session_tokens(tokens: dict[str, Any], sent: dict[str, str], code: str) -> None:
    denied = Door({KEY: SECRET}, "us-east-1", "service", **tokens).deny(
        example(VANILLA, "GET", "/", b"", at=EXAMPLE_TIME, **sent)
    )
    assert denied is not None
    assert denied.code == code
