"""Sites and keys."""

import pytest
from pydantic import TypeAdapter, ValidationError

from penstock.destinations.datadog_access import SITES, DatadogAuth, Site, intake

_site: TypeAdapter[str] = TypeAdapter(Site)


@pytest.mark.parametrize("site", [*SITES, "datadog.example", "eu9.datadoghq.com"])
def test_a_site_has_its_intake(site: str) -> None:
    assert intake(_site.validate_python(site), None) == f"https://http-intake.logs.{site}/api/v2/logs"


def test_where_nothing_is_said_it_is_the_first() -> None:
    assert intake(None, None) == "https://http-intake.logs.datadoghq.com/api/v2/logs"


@pytest.mark.parametrize("base", ["http://127.0.0.1:9482", "https://logs.example.com/datadog"])
def test_another_base_keeps_its_path(base: str) -> None:
    assert intake(None, base) == f"{base}/api/v2/logs"


@pytest.mark.parametrize(
    ("site", "told"),
    [
        ("https://app.datadoghq.eu/", "the site is datadoghq.eu"),
        ("app.datadoghq.com", "the site is datadoghq.com"),
        ("https://us5.datadoghq.com", "the site is us5.datadoghq.com"),
        ("http-intake.logs.datadoghq.com", "the site is datadoghq.com"),
        ("EU 1", "is no site"),
        ("", "is no site"),
        ("datadoghq.com/x", "is no site"),
        ("-.com", "is no site"),
    ],
)
def test_what_is_no_site(site: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        _site.validate_python(site)


def test_a_key_is_sent_and_not_shown() -> None:
    auth = DatadogAuth.model_validate({"api_key": "hunter2"})
    assert auth.headers() == {"DD-API-KEY": "hunter2"}
    assert auth.secrets() == {"hunter2"}
    assert "hunter2" not in repr(auth)


@pytest.mark.parametrize(("auth", "told"), [({}, "Field required"), ({"api_key": " "}, "is empty"),
                                            ({"api_key": "hunter2\n"}, "line break"), ({"app_key": "hunter2"}, "Extra inputs")])  # fmt: skip
def test_mistakes(auth: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        DatadogAuth.model_validate(auth)
    assert "hunter2" not in str(caught.value)
