import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from penstock.admin.api import MAX_BODY
from penstock.admin.client import call
from penstock.admin.server import AdminServer
from penstock.admin.settings import AdminSettings
from penstock.clock import SystemClock
from penstock.errors import ConfigError, JournalError, Problem, Unavailable
from penstock.testing.daemon import StillDaemon, StillSource

DOCS = Path(__file__).parents[2] / "docs/reference/http-api.md"
KEY = {"Authorization": "Bearer sesame"}
Answer = tuple[int, dict[str, Any]]


class Served:
    """A daemon behind a server, asked over TCP and over the Unix socket."""

    def __init__(
        self, daemon: StillDaemon, server: AdminServer, path: Path, http: aiohttp.ClientSession
    ) -> None:
        self.daemon = daemon
        self.server = server
        self._path = path
        self.http = http

    async def tcp(
        self, method: str, target: str, headers: dict[str, str] | None = None, **kwargs: Any
    ) -> Answer:
        url = f"http://{self.server.address()}{target}"
        async with self.http.request(method, url, headers=headers, **kwargs) as response:
            return response.status, await response.json()

    async def unix(self, method: str, target: str, body: object = None) -> Answer:
        return await asyncio.to_thread(call, self._path, method, target, body)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    daemon = StillDaemon(sources={"app": StillSource()}, settings={"admin": {"token": "**********"}})
    daemon.add("hook")
    settings = AdminSettings.model_validate({"listen": "127.0.0.1:0", "token": "sesame"})
    server = AdminServer(settings, daemon, SystemClock(), tmp_path / "admin.sock")
    await server.start()
    async with aiohttp.ClientSession() as http:
        yield Served(daemon, server, tmp_path / "admin.sock", http)
    await server.stop()


async def test_health(served: Served) -> None:
    assert await served.tcp("GET", "/livez") == (200, {"live": True})
    assert (await served.tcp("GET", "/readyz"))[0] == 200
    served.daemon.reasons = ["source app is not bound"]
    status, said = await served.tcp("GET", "/readyz")
    assert (status, said["ready"], said["reasons"]) == (503, False, ["source app is not bound"])
    assert (await served.tcp("GET", "/livez"))[0] == 200


async def test_status_and_configuration_are_the_same_on_both_doors(served: Served) -> None:
    for ask in (served.tcp, served.unix):
        status, said = await ask("GET", "/api/status")
        assert status == 200
        assert [d["name"] for d in said["destinations"]] == ["hook"]
        assert await ask("GET", "/api/config") == (200, {"admin": {"token": "**********"}})


async def test_metrics_in_the_format_that_is_asked_for(served: Served) -> None:
    url = f"http://{served.server.address()}/metrics"
    for accept, kind in (
        ("text/plain", "text/plain"),
        ("application/openmetrics-text", "application/openmetrics-text"),
    ):
        async with served.http.get(url, headers={"Accept": accept, "Host": "any.example"}) as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith(kind)
            assert 'penstock_events_delivered_total{destination="hook"} 0' in await response.text()


async def test_the_page_comes_with_its_policy(served: Served) -> None:
    async with served.http.get(f"http://{served.server.address()}/") as response:
        assert response.content_type == "text/html"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert (await response.text()).startswith("<!doctype html>")


async def test_what_changes_state_is_done_with_the_token_or_over_the_socket(served: Served) -> None:
    assert await served.tcp("POST", "/api/destinations/hook/pause", KEY) == (
        200, {"destination": "hook", "paused": True},
    )  # fmt: skip
    assert await served.unix("POST", "/api/destinations/hook/resume") == (
        200, {"destination": "hook", "paused": False},
    )  # fmt: skip
    letters = "/api/dead-letters/hook"
    assert await served.tcp("POST", f"{letters}/replay", KEY, json={"ids": ["n-1", "n-2"]}) == (
        200, {"destination": "hook", "replayed": 2},
    )  # fmt: skip
    assert (await served.unix("POST", f"{letters}/discard", {"ids": None}))[1]["discarded"] == 7
    assert (await served.unix("POST", "/api/reload"))[1]["destinations"]["unchanged"] == ["hook"]
    assert served.daemon.asked == [
        ("pause", "hook"), ("resume", "hook"), ("replay", "hook", ["n-1", "n-2"]), ("discard", "hook", None), ("reload",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "target", ["/api/reload", "/api/destinations/hook/pause", "/api/destinations/nobody/pause"]
)
async def test_without_the_token_nothing_is_done_and_nothing_is_told(served: Served, target: str) -> None:
    assert (await served.tcp("POST", target))[0] == 401
    assert (await served.tcp("POST", target, {**KEY, "Origin": "http://evil.example"}))[0] == 403
    assert (await served.tcp("POST", target, {**KEY, "Host": "evil.example"}))[0] == 421
    assert served.daemon.asked == []


async def test_what_is_done_is_logged(served: Served) -> None:
    with structlog.testing.capture_logs() as logs:
        await served.unix("POST", "/api/destinations/hook/pause")
        await served.tcp("POST", "/api/reload", KEY)
        await served.tcp("GET", "/api/status")
    assert [(line["event"], line["action"], line["by"]) for line in logs] == [
        ("done by request", "pause", "unix socket"),
        ("done by request", "reload", "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", '{"ids": "all"}', '{"ids": [1]}', '{"ids": null, "x": 1}', "{"]
)
async def test_a_body_that_does_not_say_which_discards_nothing(served: Served, body: str) -> None:
    status, said = await served.tcp("POST", "/api/dead-letters/hook/discard", KEY, data=body)
    assert status == 400
    assert '{"ids": null} for all' in said["error"]
    assert served.daemon.asked == []


async def test_a_body_beyond_the_limit_is_not_read(served: Served) -> None:
    body = io.BytesIO(b'{"ids": ["%s"]}' % (b"x" * MAX_BODY))
    assert (await served.tcp("POST", "/api/dead-letters/hook/replay", KEY, data=body))[0] == 413
    assert served.daemon.asked == []


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (ConfigError("p.yaml", [Problem("sources.app.listen", "is not an address", line=3)]), 422),
        (Unavailable("the disk is full", retry_after=4.6), 503),
        (JournalError("the archive is gone"), 409),
    ],
)
async def test_the_daemon_says_why_it_cannot(served: Served, refusal: Any, status: int) -> None:
    served.daemon.refusal = refusal
    got, said = await served.unix("POST", "/api/reload")
    assert got == status
    assert said["error"]
    if status == 422:
        assert said["problems"] == ["line 3: sources.app.listen: is not an address"]


async def test_a_bug_is_told_as_such_and_logged(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.daemon, "journal", None)
    with structlog.testing.capture_logs() as logs:
        status, said = await served.unix("GET", "/api/status")
    assert (status, list(said)) == (500, ["error"])
    assert [line["event"] for line in logs] == ["request failed"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api", 404),
        ("POST", "/api/destinations/nobody/pause", 404),
        ("POST", "/api/dead-letters/nobody/discard", 404),
        ("GET", "/api/reload", 405),
        ("DELETE", "/api/status", 405),
        ("POST", "/metrics", 405),
    ],
)
async def test_what_is_not_there_is_said_as_json(
    served: Served, method: str, target: str, status: int
) -> None:
    for got, said in (await served.unix(method, target), await served.tcp(method, target, KEY)):
        assert got == status
        assert isinstance(said["error"], str)


async def test_the_reference_page_names_every_path(served: Served) -> None:
    text = DOCS.read_text(encoding="utf-8")
    routes = [
        (route.method, route.resource.canonical.replace("{name}", "NAME"))
        for route in served.server._api.application(None).router.routes()
        if route.resource is not None and route.method != "HEAD"
    ]
    assert len(routes) == 11
    for method, target in routes:
        assert f"`{method} {target}`" in text
