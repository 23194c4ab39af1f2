from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.destinations.base_url import base_url
from penstock.fields import HttpUrl

_base: TypeAdapter[str] = TypeAdapter(Annotated[HttpUrl, base_url("https://logs.example", "/in")])


@pytest.mark.parametrize(
    "url", ["https://logs.example", "http://127.0.0.1:9481", "https://logs.example/behind/a/proxy"]
)
def test_a_base_keeps_its_path_and_loses_its_last_slash(url: str) -> None:
    assert _base.validate_python(url) == url
    assert _base.validate_python(f"{url}/") == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://logs.example/in", "leave out /in and what follows"),
        ("https://logs.example/in/", "such as https://logs.example:"),
        ("https://logs.example/in/more", "leave out /in"),
        ("https://logs.example?token=x", "leave out the question mark"),
        ("https://logs.example/?", "leave out the question mark"),
        ("logs.example", "is not a URL"),
    ],
)
def test_more_than_the_base(url: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        _base.validate_python(url)
