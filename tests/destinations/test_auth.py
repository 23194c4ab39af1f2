from base64 import b64encode
from typing import Any

import pytest
from pydantic import ValidationError

from penstock.destinations.auth import HttpAuth

BASIC = {"basic": {"username": "ö", "password": "hunter2:x"}}


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        ({}, {}),
        (BASIC, {"Authorization": f"Basic {b64encode('ö:hunter2:x'.encode()).decode()}"}),
        (
            {"basic": {"username": "key", "password": ""}},
            {"Authorization": f"Basic {b64encode(b'key:').decode()}"},
        ),
        ({"bearer": "hunter2"}, {"Authorization": "Bearer hunter2"}),
        ({"header": {"name": "X-Api-Key", "value": "hunter2"}}, {"X-Api-Key": "hunter2"}),
    ],
)
def test_headers(auth: dict[str, Any], headers: dict[str, str]) -> None:
    assert HttpAuth.model_validate(auth).headers() == headers


def test_secrets_in_every_form_in_which_they_are_sent() -> None:
    encoded = b64encode("ö:hunter2:x".encode()).decode()
    assert HttpAuth.model_validate(BASIC).secrets() == {"hunter2:x", encoded}
    header = {"header": {"name": "Authorization", "value": "Token hunter2"}}
    assert HttpAuth.model_validate(header).secrets() == {"Token hunter2", "hunter2"}
    assert HttpAuth().secrets() == frozenset()


@pytest.mark.parametrize(
    ("auth", "told"),
    [
        ({"bearer": "hunter2", **BASIC}, "in two ways"),
        ({"bearer": "hunter2\r\nX-Evil: 1"}, "line break"),
        ({"bearer": ""}, "empty"),
        ({"header": {"name": "X-Key", "value": " "}}, "empty"),
        ({"header": {"name": "X Key:", "value": "hunter2"}}, "pattern"),
        ({"basic": {"username": "a:b", "password": "hunter2"}}, "colon"),
        ({"basic": {"username": "a\n", "password": "hunter2"}}, "line break"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_showing_it(auth: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        HttpAuth.model_validate(auth)
    assert "hunter2" not in str(caught.value)
