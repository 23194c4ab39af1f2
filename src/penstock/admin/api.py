"""What each path answers. `docs/reference/http-api.md` is its promise."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import orjson
import structlog
from aiohttp import web

from penstock.admin.exposition import Exposition
from penstock.admin.guard import Guard
from penstock.admin.page import Page
from penstock.admin.rates import Rates
from penstock.admin.status import readiness, status
from penstock.admin.view import Daemon
from penstock.clock import Clock
from penstock.errors import ConfigError, PenstockError, Unavailable

log = structlog.get_logger(__name__)

MAX_BODY = 16 * 2**20
"""Bytes of a request's body, read only from those who may act; some 500,000 ids of dead letters."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Letters(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a replay or a discard; `ids` has to be there, so that nobody discards everything by an oversight."""

    ids: list[str] | None
    """None: all."""


class Api:
    """The handlers, and the application that holds them."""

    def __init__(self, daemon: Daemon, rates: Rates, clock: Clock) -> None:
        self._daemon = daemon
        self._rates = rates
        self._clock = clock
        self._exposition = Exposition(daemon)
        self._page = Page()

    def application(self, guard: Guard | None) -> web.Application:
        """All paths, behind the guard where there is one."""
        app = web.Application(middlewares=[_as_json, _guarded(guard)], client_max_size=MAX_BODY)
        app.router.add_get("/", self._status_page)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/api/status", self._status)
        app.router.add_get("/api/config", self._config)
        app.router.add_post("/api/destinations/{name}/pause", self._pause)
        app.router.add_post("/api/destinations/{name}/resume", self._resume)
        app.router.add_post("/api/dead-letters/{name}/replay", self._replay)
        app.router.add_post("/api/dead-letters/{name}/discard", self._discard)
        app.router.add_post("/api/reload", self._reload)
        return app

    async def _status_page(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=self._page.body, content_type="text/html", charset="utf-8", headers=self._page.headers
        )

    async def _metrics(self, request: web.Request) -> web.Response:
        body, content_type = self._exposition.render(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _livez(self, _request: web.Request) -> web.Response:
        return _json({"live": True})

    async def _readyz(self, _request: web.Request) -> web.Response:
        answer = readiness(self._daemon)
        return _json(answer, 200 if answer["ready"] else 503)

    async def _status(self, _request: web.Request) -> web.Response:
        return _json(status(self._daemon, self._rates, self._clock.time()))

    async def _config(self, _request: web.Request) -> web.Response:
        return _json(self._daemon.config())

    async def _pause(self, request: web.Request) -> web.Response:
        name = self._destination(request)
        self._daemon.pause(name)
        _told(request, "pause", destination=name)
        return _json({"destination": name, "paused": True})

    async def _resume(self, request: web.Request) -> web.Response:
        name = self._destination(request)
        self._daemon.resume(name)
        _told(request, "resume", destination=name)
        return _json({"destination": name, "paused": False})

    async def _replay(self, request: web.Request) -> web.Response:
        name, ids = self._destination(request), await _ids(request)
        count = await self._daemon.replay(name, ids)
        _told(request, "replay", destination=name, events=count)
        return _json({"destination": name, "replayed": count})

    async def _discard(self, request: web.Request) -> web.Response:
        name, ids = self._destination(request), await _ids(request)
        count = await self._daemon.discard(name, ids)
        _told(request, "discard", destination=name, events=count)
        return _json({"destination": name, "discarded": count})

    async def _reload(self, request: web.Request) -> web.Response:
        report = await self._daemon.reload()
        _told(request, "reload")
        return _json(report)

    def _destination(self, request: web.Request) -> str:
        name = request.match_info["name"]
        if name not in self._daemon.destinations:
            raise web.HTTPNotFound(text=f"there is no destination {name!r}")
        return name


async def _ids(request: web.Request) -> list[str] | None:
    try:
        return msgspec.json.decode(await request.read(), type=Letters).ids
    except msgspec.DecodeError as exc:
        raise web.HTTPBadRequest(
            text=f'the body must be {{"ids": ["<event id>", ...]}}, or {{"ids": null}} for all: {exc}'
        ) from exc


def _told(request: web.Request, action: str, **facts: object) -> None:
    log.info("done by request", action=action, by=request.remote or "unix socket", **facts)


def _json(value: object, code: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    body = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)
    return web.Response(body=body, status=code, content_type="application/json", headers=headers)


def _guarded(guard: Guard | None) -> Any:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = guard.check(request.method, request.path, request.headers) if guard else None
        if refusal is not None:
            return _json({"error": refusal.reason}, refusal.status)
        return await handler(request)

    return check


@web.middleware
async def _as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is told as `{"error": ...}`; and no answer is kept by anybody or taken for another type."""
    try:
        response = await handler(request)
    except web.HTTPException as exc:
        allow = {"Allow": exc.headers["Allow"]} if "Allow" in exc.headers else None
        response = _json({"error": exc.text or exc.reason}, exc.status, allow)
    except ConfigError as exc:
        problems = [str(problem) for problem in exc.problems]
        response = _json({"error": f"{exc.source} cannot be used", "problems": problems}, 422)
    except Unavailable as exc:
        response = _json({"error": str(exc)}, 503, {"Retry-After": str(max(1, round(exc.retry_after)))})
    except PenstockError as exc:
        response = _json({"error": str(exc)}, 409)
    except Exception:  # the outermost line of a request
        log.exception("request failed", path=request.path)
        response = _json({"error": "this is a bug in Penstock; its log says more"}, 500)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
