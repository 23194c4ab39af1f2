"""The example is the one that the specification's own libraries are tested with."""

import pytest
from pydantic import ValidationError

from penstock.sandbox.webhook_signatures import SignedSettings, Verifier

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
NOW = 1_614_265_330.0
GOOD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def verifier(*secrets: str) -> Verifier:
    return Verifier(SignedSettings(secrets=secrets))  # type: ignore[arg-type] # as a configuration has them


@pytest.mark.parametrize(
    ("change", "now", "why"),
    [
        ({}, NOW, ""),
        ({}, NOW + 300, ""),
        ({}, NOW - 300, ""),
        ({"webhook-signature": "v1a,xxxx v1,xxxx " + GOOD["webhook-signature"]}, NOW, ""),
        ({}, NOW + 301, "too far from now"),
        ({}, NOW - 301, "too far from now"),
        ({"webhook-id": "msg_other"}, NOW, "none of the secrets"),
        ({"webhook-timestamp": "1614265331"}, NOW, "none of the secrets"),
        ({"webhook-timestamp": "soon"}, NOW, "no number"),
        ({"webhook-timestamp": "٣"}, NOW, "no number"),
        ({"webhook-signature": GOOD["webhook-signature"][3:]}, NOW, "none of the secrets"),
        ({"webhook-signature": "v1,\udcff"}, NOW, "none of the secrets"),
        ({"webhook-id": ""}, NOW, "have to be there"),
        ({"webhook-timestamp": ""}, NOW, "have to be there"),
        ({"webhook-signature": ""}, NOW, "have to be there"),
    ],
)
def test_a_signature_is_right_or_it_is_said_why_not(change: dict[str, str], now: float, why: str) -> None:
    told = verifier(SECRET).why_not(GOOD | change, BODY, now)
    assert (why in told) == bool(told) or not why
    assert bool(told) == bool(why)


def test_any_of_the_secrets_will_do_and_no_other() -> None:
    assert verifier("whsec_AAAA", SECRET).why_not(GOOD, BODY, NOW) == ""
    assert verifier("whsec_AAAA").why_not(GOOD, BODY, NOW)
    assert verifier(SECRET).why_not(GOOD, BODY + b" ", NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_?", "ä"])
def test_what_is_no_secret(secret: str) -> None:
    with pytest.raises(ValidationError, match="is not a signing secret"):
        verifier(secret)
