import pytest
from multidict import CIMultiDict

from penstock.admin.guard import Guard, host_name
from penstock.admin.settings import AdminSettings

CLOSED = Guard(AdminSettings())
KEYED = Guard(AdminSettings.model_validate({"token": "sésame", "hosts": ["ops.example"]}))
RELOAD = "/api/reload"


def check(guard: Guard, method: str, path: str, **headers: str) -> int | None:
    named = CIMultiDict({"Host": "127.0.0.1:9470"} | headers)
    refusal = guard.check(method, path, named)
    return None if refusal is None else refusal.status


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9470", "localhost:9470", "LOCALHOST", "[::1]:9470", "10.1.2.3", "app.localhost:1"]
)
def test_addresses_and_names_of_this_machine_may_read(host: str) -> None:
    assert check(CLOSED, "GET", "/api/status", Host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:9470",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "[evil]",
        "[::1]x.evil.example",
        "[::1].evil.example:80",
    ],
)
def test_a_name_that_somebody_points_at_us_may_not(host: str) -> None:
    for path in ("/", "/api/status", "/api/config"):
        assert check(CLOSED, "GET", path, Host=host) == 421
    assert check(KEYED, "POST", RELOAD, Host=host, Authorization="Bearer sésame") == 421


def test_a_configured_name_may_read() -> None:
    assert check(KEYED, "GET", "/", Host="ops.example:443") is None


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz"])
def test_monitoring_may_use_any_name(path: str) -> None:
    assert check(CLOSED, "GET", path, Host="penstock.monitoring.svc") is None
    assert check(CLOSED, "POST", path, Host="penstock.monitoring.svc") == 421


def test_without_a_configured_token_nobody_changes_anything() -> None:
    for authorization in ("", "Bearer ", "Bearer None", "Bearer sésame"):
        assert check(CLOSED, "POST", RELOAD, Authorization=authorization) == 403


@pytest.mark.parametrize("right", ["Bearer sésame", "bearer sésame", "Bearer  sésame "])
def test_the_token_opens(right: str) -> None:
    assert check(KEYED, "POST", RELOAD, Authorization=right) is None


@pytest.mark.parametrize(
    "wrong",
    ["", "Bearer", "Bearer ", "Basic sésame", "sésame", "Bearer sesame", "Bearer sésame2", "Bearer s\udce9"],
)
def test_anything_else_does_not(wrong: str) -> None:
    assert check(KEYED, "POST", RELOAD, Authorization=wrong) == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_every_method_but_reading_needs_the_token(method: str) -> None:
    assert check(KEYED, method, "/api/status") == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:9470", None),
        ("https://127.0.0.1:9470", None),
        ("http://127.0.0.1:8000", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_page_of_another_origin_changes_nothing_even_with_the_token(
    origin: str, status: int | None
) -> None:
    assert check(KEYED, "POST", RELOAD, Authorization="Bearer sésame", Origin=origin) == status


@pytest.mark.parametrize(
    ("header", "name"), [("A.B.:80", "a.b"), ("[FE80::1]:1", "fe80::1"), ("", ""), (":80", ""), ("a", "a")]
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    assert host_name(header) == name
