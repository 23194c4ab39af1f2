from typing import Any

import pytest
from pydantic import ValidationError

from penstock.destinations.auth import HttpAuth
from penstock.sandbox.webhook_auth import AuthSettings

WAYS: list[dict[str, Any]] = [
    {"basic": {"username": "me", "password": "hunter2"}},
    {"bearer": "hunter2"},
    {"header": {"name": "X-Key", "value": "hunter2"}},
]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_destination_shows_lets_it_in(way: dict[str, Any]) -> None:
    auth = AuthSettings.model_validate(way)
    sent = {name.lower(): value for name, value in HttpAuth.model_validate(auth.shown()).headers().items()}
    assert auth.lets_in(sent)
    assert not auth.lets_in({})
    for name, value in sent.items():
        assert not auth.lets_in({name: value + "x"})
        assert not auth.lets_in({name: "ä"})


def test_without_any_everybody_is_let_in() -> None:
    assert AuthSettings().lets_in({})


def test_a_challenge_names_the_scheme() -> None:
    told = [AuthSettings.model_validate(way).challenge.get("WWW-Authenticate") for way in WAYS]
    assert told == ['Basic realm="sandbox"', 'Bearer realm="sandbox"', None]


def test_one_way_at_most() -> None:
    with pytest.raises(ValidationError, match="in two ways"):
        AuthSettings.model_validate(WAYS[0] | WAYS[1])
